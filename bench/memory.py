"""Checks a capture larger than the memory it is given: peak memory and time under hard limits of a control group.

Makes a synthetic capture of small TCP packets (76 bytes each in the file), runs `wireproof check` on it in a control
group with each limit, writes a Markdown table and deletes the capture. Needs root and Linux.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from harness import DATA, RESULTS, BenchError, describe_machine, find_wireproof, render_table, write_section
from numpy.typing import NDArray

RECORD = np.dtype([
    ("seconds", "<u4"), ("micros", "<u4"), ("captured", "<u4"), ("original", "<u4"),
    ("macs", "V12"), ("type", ">u2"),
    ("version", "u1"), ("tos", "u1"), ("length", ">u2"), ("id", ">u2"), ("fragment", ">u2"), ("ttl", "u1"),
    ("protocol", "u1"), ("ip_sum", ">u2"), ("source", ">u4"), ("destination", ">u4"),
    ("from", ">u2"), ("to", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1"),
    ("window", ">u2"), ("sum", ">u2"), ("urgent", ">u2"), ("payload", "V6"),
])  # fmt: skip
"""One record of the capture: its header, Ethernet, IPv4, TCP, and six bytes of payload or padding."""

FILE_HEADER = bytes.fromhex("d4c3b2a1 02000400 00000000 00000000 ffff0000 01000000")
SERVER, PORT, FIRST_SEQ = 0x0A640001, 80, 1000
CLIENT_NET, PORTS_OF_A_CLIENT = 0x0A000000, 40_000
SYN, SYN_ACK, ACK, PUSH_ACK, FIN_ACK = 0x02, 0x12, 0x10, 0x18, 0x11
CGROUP_V1 = Path("/sys/fs/cgroup/memory")
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Group:
    """A control group that bounds memory: its folder, and the names of its files."""

    folder: Path
    limit: str
    peak: str


def make_round(conversations: NDArray[np.int64], turn: int, turns: int, first: int) -> NDArray[np.void]:
    """The packet number `turn` of `turns` of each conversation: handshake, six bytes each way by turns, FINs."""
    made = np.zeros(len(conversations), RECORD)
    up, opening, closing = turn % 2 == 0, turn < 3, turn >= turns - 3
    micros = (first + np.arange(len(conversations))) * 10
    made["seconds"], made["micros"] = 1_600_000_000 + micros // 1_000_000, micros % 1_000_000
    made["captured"], made["original"], made["type"], made["version"] = 60, 60, 0x0800, 0x45
    made["length"] = 40 if opening or closing else 46
    made["ttl"], made["protocol"], made["fragment"], made["id"] = 64, 6, 0x4000, turn & 0xFFFF
    client, port = CLIENT_NET + conversations // PORTS_OF_A_CLIENT, 1025 + conversations % PORTS_OF_A_CLIENT
    made["source"], made["destination"] = (client, SERVER) if up else (SERVER, client)
    made["from"], made["to"] = (port, PORT) if up else (PORT, port)
    sent = max(0, min(turn, turns - 3) - 3)
    by_client, by_server = 6 * (sent // 2), 6 * ((sent + 1) // 2)
    mine, other = (by_client, by_server) if up else (by_server, by_client)
    made["seq"] = FIRST_SEQ + mine + (turn > 1) + (turn == turns - 1)
    made["ack"] = 0 if turn == 0 else FIRST_SEQ + 1 + other + (turn >= turns - 2)
    kind = SYN if turn == 0 else SYN_ACK if turn == 1 else ACK if opening or turn == turns - 1 else PUSH_ACK
    made["flags"] = FIN_ACK if closing and turn < turns - 1 else kind
    made["offset"], made["window"] = 0x50, 65_000
    return made


def make_capture(path: Path, packets: int, at_once: int, turns: int) -> int:
    """Write a capture of groups of `at_once` conversations with `turns` packets each; gives the number of conversations."""
    written = group = 0
    with path.open("wb") as file:
        file.write(FILE_HEADER)
        while written < packets:
            numbers = np.arange(at_once) + group * at_once
            for turn in range(turns):
                file.write(make_round(numbers, turn, turns, written).tobytes())
                written += at_once
            group += 1
    return group * at_once


@contextmanager
def control_group() -> Iterator[Group]:
    """A new control group for memory, of version 1 or 2; removed afterwards."""
    old = CGROUP_V1.is_dir()
    folder = (CGROUP_V1 if old else CGROUP_V1.parent) / f"wireproof-bench-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        raise BenchError(f"no control group can be made: {error}") from None
    try:
        names = ("memory.limit_in_bytes", "memory.max_usage_in_bytes") if old else ("memory.max", "memory.peak")
        yield Group(folder, *names)
    finally:
        folder.rmdir()


def run_within(group: Group, limit: int, command: list[str]) -> tuple[float, int, int, int]:
    """Run a command under a limit; gives seconds, exit code, peak of anonymous memory and of all memory charged, in bytes."""
    (group.folder / group.limit).write_text(str(limit))
    (group.folder / group.peak).write_text("0")
    enter = f'echo $$ > {group.folder / "cgroup.procs"}; exec "$@"'
    started, anonymous = time.monotonic(), 0
    process = subprocess.Popen(("sh", "-c", enter, "sh", *command), stdout=subprocess.DEVNULL)
    while process.poll() is None:
        anonymous = max(anonymous, read_anonymous(process.pid))
        time.sleep(0.05)
    seconds = time.monotonic() - started
    return seconds, process.returncode, anonymous, int((group.folder / group.peak).read_text())


def read_anonymous(process: int) -> int:
    """Bytes of a process that lie in no file, and so can't be given up under pressure; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")), 0)


def measure(path: Path, limits: list[float], wireproof: list[str]) -> str:
    """A table with one row for each limit, in GiB."""
    rows = []
    with control_group() as group:
        for limit in limits:
            command = [*wireproof, "check", str(path)]
            seconds, code, anonymous, peak = run_within(group, int(limit * GIB), command)
            ended = "complete" if code in {0, 1} else f"ended with {code}"
            rows.append([f"{limit:g}", ended, f"{seconds:.0f}", f"{anonymous / 2**20:,.0f}", f"{peak / 2**20:,.0f}"])
    return render_table(["limit GiB", "run", "wall s", "peak anonymous MiB", "peak charged MiB"], rows)


def main() -> None:
    """Parse the command line, make the capture, measure, and delete it."""
    parser = argparse.ArgumentParser(description="wireproof check under a memory limit (needs root).")
    parser.add_argument("--packets", type=int, default=80_000_000)
    parser.add_argument("--at-once", type=int, default=1000, help="conversations at a time")
    parser.add_argument("--turns", type=int, default=80_000, help="packets of each conversation")
    parser.add_argument("--limit", type=float, action="append", help="GiB; repeat for a series (default: 2, 1, 0.5)")
    parser.add_argument("--data", type=Path, default=DATA, help="where the capture is made for a while")
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    given = parser.parse_args()
    wireproof = find_wireproof(given.wireproof)
    if not wireproof:
        raise BenchError("wireproof is not installed; name it with --wireproof")
    path = given.data / f"memory-{os.getpid()}.pcap"
    try:
        conversations = make_capture(path, given.packets, given.at_once, given.turns)
        size = path.stat().st_size
        table = measure(path, given.limit or [2, 1, 0.5], wireproof)
    finally:
        path.unlink(missing_ok=True)
    about = f"{given.packets:,} packets in {conversations:,} conversations, {size / 1e9:.2f} GB. {describe_machine()}."
    write_section(
        given.results, f"memory {conversations}", f"## `wireproof check` under a memory limit\n\n{about}\n\n{table}"
    )


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        raise SystemExit(f"memory.py: {error}") from None
