"""Fuzz the message tables: python fuzz/messages.py SECONDS [CAPTURE ...]

Holds one invariant: whatever stands in the payloads, tunnels are looked into and every message table is built, in time that its bytes allow, with rows that
exist; it can be shown and exported, and every rule comes to its end. Seeds are captures of the example cases, and those named.
Mutates payloads and leaves headers alone, so that the bytes get to the decoders; frames are also cut, lost, doubled and moved. The
capture that broke it is written to fuzz-messages-failure.pcap.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.driver import at_most, mutate_for, seconds_named  # noqa: E402  the repository has to be on the path first
from tests.cases import (  # noqa: E402  the repository has to be on the path first
    d6_lync_signin,
    d9_desktop_sharing,
    d13_iphttps_certificate,
    d14_iphttps,
    d15_rpc,
    d16_sql_wan,
    d21_directaccess,
)
from tests.support.files import Frame, write_pcap  # noqa: E402
from wireproof.case import Case, Point  # noqa: E402
from wireproof.conversations import read_capture  # noqa: E402
from wireproof.errors import CaptureFormatError  # noqa: E402
from wireproof.messages.said import TABLES  # noqa: E402
from wireproof.report.message_text import render_messages, tell_fields  # noqa: E402
from wireproof.report.parquet import make_message_frame  # noqa: E402
from wireproof.rules import load_rules  # noqa: E402
from wireproof.rules.run import run_rules  # noqa: E402
from wireproof.streams.inside import unpack_inside  # noqa: E402

CASES = (
    d6_lync_signin,
    d9_desktop_sharing,
    d13_iphttps_certificate,
    d14_iphttps,
    d15_rpc,
    d16_sql_wan,
    d21_directaccess,
)
FAILURE = Path("fuzz-messages-failure.pcap")
INTERESTING = (0, 1, 2, 4, 0x10, 0x30, 0x7F, 0x80, 0x84, 0xC0, 0xFE, 0xFF)
MOST_FRAMES = 300
TOO_LONG_S = 20


class Seed(NamedTuple):
    """Frames of one link type, and where the payload of each begins; 0 for none."""

    link_type: int
    frames: list[Frame]
    payload_at: list[int]


def read_seed(path: Path) -> Seed | None:
    """The first frames of a capture; None where it is none, is empty, or mixes link types."""
    try:
        tables = read_capture(path)
    except CaptureFormatError:
        return None
    packets = tables.packets
    with tables.capture as capture:
        count = min(packets.frames, MOST_FRAMES)
        links = {int(capture.link_types[number]) for number in packets.interface[:count].tolist()}
        if len(links) != 1:
            return None
        frames = [
            Frame(int(packets.time_ns[row]), data, int(packets.original[row]))
            for row, data in enumerate(tables.read_frames(range(count)))
        ]
        return Seed(links.pop(), frames, packets.payload_at[:count].tolist())


def make_seeds(files: list[str]) -> list[Seed]:
    """Captures of known cases, and the files named."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for case in CASES:
            own = Path(folder) / case.__name__.rpartition(".")[2]
            own.mkdir()
            paths += case.build(own).values()
        return [seed for seed in map(read_seed, [*paths, *map(Path, files)]) if seed]


def distort(seed: Seed, random_: random.Random) -> list[Frame]:
    """The seed's frames with a few changes."""
    frames = list(seed.frames)
    spoken = [place for place, at in enumerate(seed.payload_at) if 0 < at < len(frames[place].data)]
    for _ in range(random_.randrange(0, 16)):
        if spoken:
            place = random_.choice(spoken)
            frames[place] = distort_payload(
                frames[place], seed.payload_at[place], random_, frames[random_.choice(spoken)].data
            )
    for _ in range(random_.choice((0, 0, 1, 3))):
        place = random_.randrange(len(frames))
        kind = random_.randrange(3)
        if kind == 0 and len(frames) > 1:
            del frames[place]
        elif kind == 1:
            frames.insert(random_.randrange(len(frames) + 1), frames[place])
        else:
            frames.insert(random_.randrange(len(frames)), frames.pop(place))
    return frames


def distort_payload(frame: Frame, start: int, random_: random.Random, other: bytes) -> Frame:
    """One change behind the headers that leaves the length as it is, or a cut by the capture."""
    data = bytearray(frame.data)
    if len(data) <= start:
        return frame
    # Heads of messages matter most.
    at = min(start + int(random_.expovariate(0.02)), len(data) - 1)
    kind = random_.randrange(8)
    if kind == 0:
        return frame._replace(data=bytes(data[:at]), original=frame.wire_length)
    if kind == 1:
        data[at] ^= 1 << random_.randrange(8)
    elif kind < 5:
        data[at] = random_.choice(INTERESTING)
    elif kind == 5:
        size = min(random_.choice((2, 4, 8)), len(data) - at)
        data[at : at + size] = random_.choice((b"\0", b"\xff", random_.randbytes(1))) * size
    else:
        size = min(random_.randrange(1, 64), len(data) - at, len(other))
        source = random_.randrange(len(other) - size + 1)
        data[at : at + size] = other[source : source + size]
    return frame._replace(data=bytes(data))


def check(path: Path) -> int:
    """Build, show and export every table, and judge; raises what must never be raised. Gives how many messages there were."""
    started = time.monotonic()
    point = Point("point", str(path), unpack_inside(read_capture(path)))
    count = 0
    with point.tables.capture:
        for name in TABLES:
            table = point.said.table(name)
            count += len(table)
            for message in table:
                assert -1 <= message.row < len(point.packets), (name, message)
                assert -1 <= message.last_row < len(point.packets), (name, message)
                list(tell_fields(point, message))
            make_message_frame(table, point.packets.number)
        assert isinstance(point.said.tls_sessions, dict)
        case = Case([point])
        for name in ("all", "tls", "dns"):
            render_messages(case, name, 5, 80)
        broken = [note for note in run_rules(case, load_rules().values()).notes if "please report it" in note]
        assert not broken, broken
    assert time.monotonic() - started < TOO_LONG_S, "it took too long"
    return count


def main() -> None:
    """Fuzz for the seconds named first, with the captures named after them as further seeds."""
    seconds = seconds_named()
    seeds = make_seeds(sys.argv[2:])
    messages = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "point.pcap"

        def make(random_: random.Random) -> None:
            seed = random_.choice(seeds)
            write_pcap(path, distort(seed, random_), link_type=seed.link_type, nanoseconds=True)

        def read(_: None) -> None:
            nonlocal messages
            with at_most(TOO_LONG_S):
                messages += check(path)

        runs = mutate_for(seconds, make, read, keep=lambda _: FAILURE.write_bytes(path.read_bytes()))
    print(f"{runs} captures with {messages} messages checked, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
