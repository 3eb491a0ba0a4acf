"""Fuzz decryption: python fuzz/decrypt.py SECONDS [CAPTURE KEY ...]

Holds: whatever happened to a capture of TLS sessions or to its keys, the keys are read or refused, opening comes to its end in time that its bytes
allow, what is opened was said (where the truth is known), and the clear capture made of it can be written and read again. Seeds are sessions of the
lab; captures named, each with its key file behind it, are further ones. What broke it is written to fuzz-decrypt-failure.pcapng and .keys.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.driver import at_most, mutate_for, seconds_named  # noqa: E402  the repository has to be on the path first
from tests.decrypt.test_any_damage import KINDS, damage  # noqa: E402
from tests.support import tls_lab, tls_lab_openssl, tls_lab_tlslite  # noqa: E402
from tests.support.files import Frame, pcapng_bytes  # noqa: E402
from tests.support.opened import pieces_of  # noqa: E402
from tests.support.talk import Send  # noqa: E402
from tests.support.tls_captures import cut_up, segment_frames  # noqa: E402
from tests.support.tls_lab import TLS10, TLS12, TLS13, WEB, Session, Setup  # noqa: E402
from tests.support.tls_lab_openssl import RENEGOTIATE_ASKING, UPDATE_BOTH  # noqa: E402
from wireproof.conversations import read_capture  # noqa: E402
from wireproof.decrypt.build import open_tls  # noqa: E402
from wireproof.decrypt.keys.files import read_keys  # noqa: E402
from wireproof.decrypt.keys.ring import KeyRing  # noqa: E402
from wireproof.errors import CaptureFormatError, KeyMaterialError  # noqa: E402
from wireproof.export.run import export_clear  # noqa: E402

FAILURE = Path("fuzz-decrypt-failure.pcapng")
TOO_LONG_S = 30
MOST_FRAMES = 400


class Seed(NamedTuple):
    """Frames, the files of keys that open them, and what was said in them; `said` is empty where nobody knows, or no MAC protects it."""

    name: str
    frames: list[Frame]
    keys: list[bytes]
    said: list[bytes]


def seed_of(name: str, *sessions: Session, protected: bool = True) -> Seed:
    """One capture of sessions, one after the other."""
    frames = [frame for turn, session in enumerate(sessions) for frame in segment_frames(cut_up(session, 900), turn)]
    keys = [b"".join(session.key_log for session in sessions), *{session.private_key for session in sessions} - {b""}]
    return Seed(name, frames, keys, [side for session in sessions for side in session.said] if protected else [])


def behind(plain: tuple[Send, ...], session: Session) -> Session:
    """A session that begins behind plain lines of another protocol."""
    return replace(session, steps=(*plain, *session.steps))


def make_seeds() -> Iterator[Seed]:
    """Sessions of every shape that the lab can make on this machine."""
    yield seed_of("AES-GCM", tls_lab.play(Setup(suite="AES128-GCM-SHA256")))
    yield seed_of("AES-CBC", tls_lab.play(Setup(suite="AES128-SHA256")))
    yield seed_of("TLS 1.0", *tls_lab.play_resumed(Setup(version=TLS10, suite="AES128-SHA")))
    yield seed_of("TLS 1.3", *tls_lab.play_resumed(Setup(version=TLS13)))
    yield seed_of("NULL", tls_lab.play(Setup(version=TLS12, suite="NULL-SHA")), protected=False)
    yield seed_of("client certificate", tls_lab.play(Setup(suite="AES256-SHA", client_certificate=True)))
    yield seed_of(
        "later certificate", tls_lab.play(Setup(version=TLS13, client_certificate=True, after_handshake=True))
    )
    lines = (Send("server", b"220 mail\r\n"), Send("client", b"STARTTLS\r\n"), Send("server", b"220 go\r\n"))
    yield seed_of("STARTTLS", behind(lines, tls_lab.play(Setup(suite="AES128-SHA"))))
    if tls_lab_openssl.has_openssl():
        asking = [*WEB[:2], ("server", RENEGOTIATE_ASKING), *WEB[2:]]
        yield seed_of("renegotiation", *tls_lab_openssl.play(tls_lab_openssl.Setup(client_certificate=True), asking))
        updating = [*WEB[:2], ("client", UPDATE_BOTH), *WEB]
        yield seed_of("key update", *tls_lab_openssl.play(tls_lab_openssl.Setup(version=0x0304, suite=""), updating))
    if tls_lab_tlslite.has_tlslite():
        for version, cipher in ((0x0300, "3des"), (0x0303, "rc4")):
            yield seed_of(cipher, *tls_lab_tlslite.play(tls_lab_tlslite.Setup(version=version, cipher=cipher)))


def named_seeds(words: list[str]) -> Iterator[Seed]:
    """Captures and key files named on the command line, in pairs."""
    for capture, key in zip(words[::2], words[1::2], strict=True):
        tables = read_capture(Path(capture))
        with tables.capture:
            count = min(tables.packets.frames, MOST_FRAMES)
            frames = [
                Frame(int(tables.packets.time_ns[row]), data, int(tables.packets.original[row]))
                for row, data in enumerate(tables.read_frames(range(count)))
            ]
        yield Seed(capture, frames, [Path(key).read_bytes()], [])


def distort(seed: Seed, random_: random.Random) -> tuple[list[Frame], list[bytes]]:
    """The seed's frames and keys with a few changes."""
    frames = list(seed.frames)
    for _ in range(random_.choice((0, 1, 1, 2, 4, 8, 16))):
        damage(frames, random_.choice(KINDS), random_.randrange(1 << 16), random_.randrange(1 << 16))
    keys = [bytearray(data) for data in seed.keys if random_.random() < 0.8]
    for data in keys:
        for _ in range(random_.choice((0, 0, 0, 1, 3))):
            data[random_.randrange(len(data))] = random_.randrange(256)
    return frames, [bytes(data) for data in keys]


def ring_of(keys: list[bytes]) -> KeyRing:
    """All that can be read of these files."""
    ring = KeyRing()
    for turn, data in enumerate(keys):
        try:
            read_keys(data, f"keys{turn}", ["word"]).add_to(ring, f"keys{turn}")
        except KeyMaterialError:
            continue
    return ring


def check(path: Path, ring: KeyRing, said: list[bytes]) -> int:
    """Open, export and read again; raises what must never be raised. Gives how many bytes were read."""
    started = time.monotonic()
    clear_path, count = path.with_name("clear.pcapng"), 0
    try:
        tables = read_capture(path)
    except CaptureFormatError:
        return 0
    with tables.capture:
        clear = open_tls(tables, ring)
        assert all(-1 <= outcome.row < len(tables.packets) for outcome in clear.outcomes)
        for talk in clear.talks.values():
            pieces = [data for stream in talk.streams for _, data in pieces_of(stream)]
            count += sum(map(len, pieces))
            assert not said or all(any(piece in side for side in said) for piece in pieces), "bytes that nobody said"
        export_clear(tables, clear, clear_path)
    again = read_capture(clear_path)
    with again.capture:
        assert not again.capture.notes, again.capture.notes
    assert time.monotonic() - started < TOO_LONG_S, "it took too long"
    return count


class Damaged(NamedTuple):
    """A capture and the files of keys made of a seed."""

    seed: Seed
    capture: bytes
    keys: list[bytes]


def make(random_: random.Random, seeds: list[Seed]) -> Damaged:
    """One of the seeds with a few changes."""
    seed = random_.choice(seeds)
    frames, keys = distort(seed, random_)
    return Damaged(seed, pcapng_bytes(frames), keys)


def keep(made: Damaged) -> None:
    """Write down what broke it."""
    FAILURE.write_bytes(made.capture)
    FAILURE.with_suffix(".keys").write_bytes(b"\n".join(made.keys))
    print(f"seed: {made.seed.name}")


def main() -> None:
    """Fuzz for the seconds named first, with the captures and keys named after them as further seeds."""
    seconds = seconds_named()
    seeds = [*make_seeds(), *named_seeds(sys.argv[2:])]
    octets = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.pcapng"

        def read(made: Damaged) -> None:
            nonlocal octets
            path.write_bytes(made.capture)
            with at_most(TOO_LONG_S):
                octets += check(path, ring_of(made.keys), made.seed.said)

        runs = mutate_for(seconds, lambda random_: make(random_, seeds), read, keep)
    print(f"{runs} captures checked, {octets} bytes read in clear, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
