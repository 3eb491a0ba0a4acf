"""Compares `wireproof decrypt`, which decrypts and writes the clear capture, with tshark decrypting the same capture.

Makes captures of real TLS sessions with their keys (OpenSSL in memory) and runs whole processes in turns, tshark in several forms: see
`TSHARK`. Gives one Markdown table a capture. What tshark's debug file says shows that each form decrypts every record.
"""

from __future__ import annotations

import argparse
import random
import shutil
import ssl
import struct
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import (
    DATA,
    RESULTS,
    BenchError,
    Cost,
    count_packets,
    describe_machine,
    find_wireproof,
    render_costs,
    say,
    take_turns,
    write_section,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.files import SECOND, Frame
from tests.support.path import MILLISECOND
from tests.support.talk import text_of
from tests.support.tls_captures import cut_up, segment_frames
from tests.support.tls_lab import ANSWER, REQUEST, TLS12, TLS13, Lab, Session, Setup, Writes

ROUNDS = 5
SESSIONS, BULK_MB, RECORDS = 10_000, 128, 300_000
WEB_SESSIONS, WEB_ANSWERS = 800, 6
WEB_MEAN, WEB_SPREAD = 9.4, 1.3
"""Logarithms of bytes of an answer: 12 KB in the middle, 28 KB on average, like the objects of pages today (HTTP Archive: some 70 of 35 KB a page, over a
dozen connections)."""
WIREPROOF = "wireproof decrypt"
TSHARK = {
    "tshark -q -z io,stat,0": ("-q", "-z", "io,stat,0"),
    "tshark -U 'OSI layer 7' -w": ("-U", "OSI layer 7", "-w", "{folder}/pdus.pcapng"),
    "tshark -Y http -T fields": ("-Y", "http", "-T", "fields", "-e", "frame.number"),
    "tshark -z follow,tls,raw,0": ("-q", "-z", "follow,tls,raw,0"),
    "tshark -V": ("-V",),
}
"""Its forms: decrypt and tell nothing of it, the cheapest; write clear PDUs without conversations, which is nearest to a clear capture; filter
by what is inside; print the clear bytes of one session; print all that was decrypted, which is how people keep it today."""


@dataclass(frozen=True, slots=True)
class Case:
    """One capture: its name, its kind of keys (end of the file's name), how many sessions, and what it holds."""

    name: str
    keys: str
    sessions: int
    holds: str


CASES = (
    Case(
        "web",
        "log",
        WEB_SESSIONS,
        f"Browsing: {WEB_ANSWERS} answers of 12 KB (median) a session, half TLS 1.2, half TLS 1.3 (AES-GCM); a key log",
    ),
    Case("sessions", "log", SESSIONS, "Short HTTPS sessions, half TLS 1.2 (ECDHE, AES-GCM), half TLS 1.3; a key log"),
    Case("rsa", "pem", SESSIONS // 2, "Short HTTPS sessions with RSA key exchange (AES-GCM); the server's private key"),
    Case("bulk", "log", 1, f"One download of {BULK_MB} MB in records of 16 KB (TLS 1.3, AES-GCM); a key log"),
    Case("small", "log", 1, f"One session of {RECORDS:,} records of 40 to 200 bytes (TLS 1.2, AES-GCM); a key log"),
)


# --- captures -----------------------------------------------------------------------------------------------------------


def many(setups: Iterable[Setup], each: int) -> Iterator[Session]:
    """So many short sessions of each setup."""
    labs = [Lab(setup) for setup in setups]
    for _ in range(each):
        for lab in labs:
            yield lab.play((("client", REQUEST), ("server", ANSWER)))
    for lab in labs:
        lab.close()


def browse(setups: Iterable[Setup], each: int) -> Iterator[Session]:
    """So many sessions of each setup, with answers of the sizes that web pages have. The same in every run."""
    sizes, labs = random.Random(7), [Lab(setup) for setup in setups]
    for _ in range(each):
        for lab in labs:
            bodies = [text_of(int(sizes.lognormvariate(WEB_MEAN, WEB_SPREAD))) for _ in range(WEB_ANSWERS)]
            heads = [f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() for body in bodies]
            pairs = zip(heads, bodies, strict=True)
            yield lab.play(
                tuple(write for head, body in pairs for write in (("client", REQUEST), ("server", head + body)))
            )
    for lab in labs:
        lab.close()


def one(setup: Setup, writes: Writes) -> Iterator[Session]:
    """One session."""
    lab = Lab(setup)
    yield lab.play(writes)
    lab.close()


def sessions_of(name: str) -> Iterator[Session]:
    """The sessions of one capture."""
    gcm = Setup(version=TLS12, suite="ECDHE-RSA-AES128-GCM-SHA256", options=ssl.OP_NO_TICKET)
    if name == "web":
        return browse((gcm, Setup(version=TLS13)), WEB_SESSIONS // 2)
    if name == "sessions":
        return many((gcm, Setup(version=TLS13)), SESSIONS // 2)
    if name == "rsa":
        return many((Setup(version=TLS12, suite="AES128-GCM-SHA256", options=ssl.OP_NO_TICKET),), SESSIONS // 2)
    if name == "bulk":
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {BULK_MB << 20}\r\n\r\n".encode()
        block = text_of(1 << 20)
        return one(Setup(version=TLS13), (("client", REQUEST), ("server", head), *(("server", block),) * BULK_MB))
    lines = [("server" if turn % 2 else "client", text_of(40 + turn * 7 % 160)) for turn in range(RECORDS)]
    return one(gcm, tuple(lines))


def write_case(folder: Path, case: Case) -> None:
    """The capture and its keys. Sessions begin 5 ms apart and overlap."""
    path, keys = folder / f"decrypt-{case.name}.pcap", folder / f"decrypt-{case.name}.{case.keys}"
    if path.exists() and keys.exists():
        return
    say(f"making {path.name}")
    frames: list[Frame] = []
    logged: list[bytes] = []
    for turn, session in enumerate(sessions_of(case.name)):
        logged.append(session.key_log if case.keys == "log" else session.private_key)
        back_ns = turn * (SECOND - 5 * MILLISECOND)
        frames += (
            frame._replace(time_ns=frame.time_ns - back_ns) for frame in segment_frames(cut_up(session, 1460), turn)
        )
    frames.sort(key=lambda frame: frame.time_ns)
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))
        for frame in frames:
            head = struct.pack("<IIII", *divmod(frame.time_ns, SECOND), len(frame.data), len(frame.data))
            file.write(head + frame.data)
    keys.write_bytes(b"".join(logged if case.keys == "log" else logged[:1]))


# --- runs ---------------------------------------------------------------------------------------------------------------


def commands_for(case: Case, data: Path, wireproof: list[str], folder: Path) -> dict[str, list[str]]:
    """The command of wireproof and those of tshark."""
    path, keys = data / f"decrypt-{case.name}.pcap", data / f"decrypt-{case.name}.{case.keys}"
    decrypt = [*wireproof, "decrypt", str(path), "--key", str(keys)]
    commands = {WIREPROOF: [*decrypt, "-o", str(folder / f"{case.name}.pcapng")], f"{WIREPROOF}, without -o": decrypt}
    tshark = shutil.which("tshark")
    if not tshark:
        say("tshark: skipped, not installed (Debian: tshark)")
        return commands
    given = f"tls.keylog_file:{keys}" if case.keys == "log" else f'uat:rsa_keys:"{keys}",""'
    for name, words in TSHARK.items():
        if case.sessions == 1 or "follow" not in name:
            own = (word.format(folder=folder) for word in words)
            commands[name] = [tshark, "-n", "-r", str(path), "-o", given, *own]
    return commands


def main() -> None:
    """Parse the command line, make the captures, measure in turns."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="directory of the captures")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="one of: " + ", ".join(case.name for case in CASES))
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    given = parser.parse_args()
    wireproof = find_wireproof(given.wireproof)
    if not wireproof:
        raise BenchError("wireproof is not installed")
    given.data.mkdir(parents=True, exist_ok=True)
    measured = []
    for case in CASES:
        if given.only and given.only != case.name:
            continue
        write_case(given.data, case)
        path = given.data / f"decrypt-{case.name}.pcap"
        with tempfile.TemporaryDirectory(dir=given.data) as folder:
            costs = take_turns(commands_for(case, given.data, wireproof, Path(folder)), given.rounds, slow=60.0)
        size = f"{case.holds}. {case.sessions:,} sessions, {count_packets(path):,} packets, {path.stat().st_size / 1e6:,.0f} MB"
        title = f"## Decrypting, {case.name}\n\n{size}. {describe_machine()}."
        write_section(given.results, f"decrypt {case.name}", f"{title}\n\n{render_costs(costs, WIREPROOF)}")
        measured.append(costs)
    if len(measured) == len(CASES):
        title = f"## Decrypting, all of these\n\nThe captures of the sections before, one after the other. {describe_machine()}."
        write_section(given.results, "decrypt all", f"{title}\n\n{render_costs(add_up(measured), WIREPROOF)}")


def add_up(measured: Sequence[Mapping[str, list[Cost]]]) -> dict[str, list[Cost]]:
    """What each command took for all captures together, round by round; commands that had not all of them are left out."""
    found = {}
    for name in measured[0]:
        if all(name in costs for costs in measured):
            rounds = zip(*(costs[name] for costs in measured), strict=False)
            found[name] = [
                Cost(sum(run.wall for run in runs), sum(run.cpu for run in runs), max(run.peak for run in runs))
                for runs in rounds
            ]
    return found


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"decrypt.py: {error}")
