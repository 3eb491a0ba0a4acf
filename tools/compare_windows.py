"""Compare what wireproof reads of ETL logs and Network Monitor files with other programs' readings, as a table.

    python tools/compare_windows.py FOLDER [--index FILE] [--texts FOLDER]

Takes a folder with such files, found by content. Oracles: tshark for Network Monitor; for ETL the text that pktmon made of a log (`NAME.txt` in
the folder of texts), and what an index states in its rows: events in all, packets, and the processes of resets. A file without an oracle says so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from wireproof.capture.etl.container import starts_like_etl  # noqa: E402  the repository has to be on the path first
from wireproof.capture.etl.reader import EtlReader  # noqa: E402
from wireproof.capture.netmon import starts_like_netmon  # noqa: E402
from wireproof.case import Case, Point  # noqa: E402
from wireproof.conversations import read_capture  # noqa: E402

SECOND = 1_000_000_000
HEAD = 1024
Frame = tuple[int, bytes, int, int]
"""Time, bytes, original length, link type."""
ENCAPSULATIONS = {1: 1, 2: 6, 6: 10, 7: 101, 25: 113, 187: 0xFFFF, 189: 0xFFFF, 190: 0xFFFF}
"""Wireshark's numbers of encapsulations as link types; 187 to 190 are Network Monitor's own."""
PKTMON_LINE = re.compile(
    r"\[(?P<processor>\w+)\](?P<process>\w+)\.(?P<thread>\w+)::(?P<day>\S+) (?P<time>\S+) \[Microsoft-Windows-PktMon\] "
    r"PktGroupId (?P<group>\d+), PktNumber (?P<number>\d+), Appearance (?P<appearance>\d+), Direction (?P<way>\S+)\s*, "
    r"Type (?P<type>\S+)\s*, Component (?P<upper>\d+), Edge (?P<lower>\d+), Filter \d+, "
    r"OriginalSize (?P<original>\d+), LoggedSize (?P<captured>\d+)"
)
PKTMON_NUMBERS = ("group", "number", "appearance", "upper", "lower", "original", "captured")
ZONE = "+05:30"
"""The time zone of the host on which pktmon made the text that is known."""
WAYS, TYPES = {1: "Rx", 2: "Tx"}, {1: "Ethernet", 105: "WiFi", 101: "IP"}
STATED_EVENTS = re.compile(r"\| *(\d+) ev *\|")
STATED_PACKETS = re.compile(r"(\d+) NDIS-PacketCapture")
STATED_RESETS = re.compile(r"pkts (\d+(?:,\d+)*)\).{0,200}?PID (\d+(?:, \d+)*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One file of the table."""

    file: str
    packets: int
    oracle: str
    equal: str
    processes: str
    events: str


# --- oracles -------------------------------------------------------------------------------------------------------------


def ask_tshark(tshark: str, path: Path) -> list[Frame]:
    """Every frame as tshark reads it."""
    # Nothing above the frame is asked for, so most of the dissection is switched off.
    command = [tshark, "-n", "-r", str(path), "--disable-protocol", "eth", "-T", "json", "-x", "-J", "frame"]
    environment = {**os.environ, "TZ": "UTC"}
    done = subprocess.run(command, capture_output=True, check=True, timeout=120, env=environment)
    found = []
    for told in json.loads(done.stdout):
        layers = told["_source"]["layers"]
        frame = layers["frame"]
        seconds, _, rest = frame["frame.time_epoch"].partition(".")
        time_ns = int(seconds) * SECOND + int(rest.ljust(9, "0"))
        link_type = ENCAPSULATIONS[int(frame["frame.encap_type"])]
        found.append((time_ns, bytes.fromhex(layers["frame_raw"][0]), int(frame["frame.len"]), link_type))
    return found


def text_rows(text: str) -> Iterator[tuple[object, ...]]:
    """What pktmon wrote of each packet, as `log_rows` gives it."""
    for found in PKTMON_LINE.finditer(text):
        seconds, _, fraction = found["time"].partition(".")
        at = int(datetime.fromisoformat(f"{found['day']}T{seconds}{ZONE}").timestamp()) * SECOND + int(fraction)
        hexadecimal = [int(found[name], 16) for name in ("processor", "process", "thread")]
        yield at, *hexadecimal, *(int(found[name]) for name in PKTMON_NUMBERS), found["way"], found["type"]


def log_rows(capture: EtlReader) -> Iterator[tuple[object, ...]]:
    """What the reader took of each packet's appearances, before it chose among them."""
    rows = capture._collect().packets
    names = ("processor", "process", "thread", *PKTMON_NUMBERS)
    times = capture._clock.times_ns(rows["ticks"])
    for row, at in zip(rows, times.tolist(), strict=True):
        yield at, *(int(row[name]) for name in names), WAYS[int(row["way"])], TYPES[int(row["link"])]


# --- one file ------------------------------------------------------------------------------------------------------------


def find_files(folder: Path) -> list[Path]:
    """Every ETL log and Network Monitor file in a folder, by content."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            head = file.read(HEAD)
        if starts_like_netmon(head[:4]) or starts_like_etl(head):
            found.append(path)
    return found


def compare_file(path: Path, index: str = "", texts: Path | None = None) -> Line:
    """One file against the oracles that there are for it."""
    tables = read_capture(path)
    with tables.capture as capture:
        case = Case([Point(path.name, str(path), tables)])
        packets = tables.packets.frames
        if isinstance(capture, EtlReader):
            oracle, equal = _compare_etl(case, capture, path, index, texts)
            return Line(path.name, packets, oracle, equal, _tell_owners(case), _tell_events(case, capture))
        oracle, equal = _compare_netmon(path)
        return Line(path.name, packets, oracle, equal, f"{_tell_frames(case)}{_tell_owners(case)}", "")


def _compare_netmon(path: Path) -> tuple[str, str]:
    tshark = shutil.which("tshark")
    if tshark is None:
        return "tshark is not installed", ""
    try:
        theirs = ask_tshark(tshark, path)
    except subprocess.CalledProcessError:
        return "tshark does not read it", ""
    return f"tshark: {len(theirs)} frames with times, lengths, link types", _same(list(_frames(path)) == theirs)


def _frames(path: Path) -> Iterator[Frame]:
    from wireproof.capture import open_capture

    with open_capture(path) as capture:
        for batch in capture.batches():
            columns = (batch.position, batch.captured, batch.original, batch.time_ns, batch.interface)
            for at, captured, original, time_ns, interface in zip(
                *(column[: batch.count].tolist() for column in columns), strict=True
            ):
                data = bytes(batch.data[at : at + captured])
                yield time_ns, data, original, int(capture.link_types[interface])


def _compare_etl(case: Case, capture: EtlReader, path: Path, index: str, texts: Path | None) -> tuple[str, str]:
    told: list[tuple[str, bool]] = []
    stated = next((line for line in index.splitlines() if f"/{path.name} " in line), "")
    # The rows of one origin share a text: what it says of several files is of none alone.
    if events := STATED_EVENTS.search(stated):
        told.append((f"{events[1]} events", capture._collect().events == int(events[1])))
    if packets := STATED_PACKETS.search(stated):
        told.append((f"{packets[1]} packets", case.points[0].packets.frames == int(packets[1])))
    if resets := STATED_RESETS.search(stated):
        wanted = dict(zip(map(int, resets[1].split(",")), map(int, resets[2].split(",")), strict=True))
        told.append((f"resets {resets[1]} of {resets[2]}", find_resets(case) == wanted))
    text = texts / f"{path.stem}.txt" if texts else None
    if text and text.is_file():
        rows = sorted(text_rows(text.read_text(encoding="utf-16")))
        told.append((f"pktmon's text, {len(rows)} appearances", sorted(log_rows(capture)) == rows))
    return "; ".join(what for what, _ in told) or "none", _same(all(same for _, same in told)) if told else ""


def find_resets(case: Case) -> dict[int, int]:
    """The process of each TCP reset's receiver, by frame; 0 where nobody is named."""
    point, flags = case.points[0], case.points[0].packets.flags[: case.points[0].packets.frames]
    found = {}
    for row in np.flatnonzero((flags & 4) != 0).tolist():
        number = int(point.packets.conversation[row])
        owner = case.ownership.owner(0, number, 1 - int(point.packets.direction[row]))
        found[row + 1] = owner.pid if owner else 0
    return found


def _same(same: bool) -> str:
    return "yes" if same else "NO"


def _tell_frames(case: Case) -> str:
    """How many frames have a process, and how many of these are of the connection that the process has."""
    point = case.points[0]
    owners = point.capture.frame_processes[: point.packets.frames]
    owned = np.flatnonzero(owners >= 0).tolist()
    fitting = 0
    for row in owned:
        number, process = int(point.packets.conversation[row]), point.capture.processes[owners[row]]
        ends: set[object] = set()
        if number >= 0:
            talk = point.talk(number)
            ends = {(talk.address(side), int(talk.facts["sides"][side]["port"])) for side in (0, 1)}
        stated = {process.local, process.remote} - {("0.0.0.0", 0), ("::", 0)}
        fitting += stated <= ends
    return f"{len(owned)} frames, ends fit {fitting}; " if owned else ""


def _tell_owners(case: Case) -> str:
    owners = case.ownership.owners
    if not owners:
        return "none"
    by_source: dict[str, int] = {}
    for owner in owners.values():
        by_source[owner.source] = by_source.get(owner.source, 0) + 1
    sources = ", ".join(f"{count} by {source}" for source, count in sorted(by_source.items()))
    conflicts = len(case.ownership.conflicts())
    pids = len({owner.pid for owner in owners.values()})
    return f"{sources} ({pids} processes{f', {conflicts} conflicts' if conflicts else ''})"


def _tell_events(case: Case, capture: EtlReader) -> str:
    total, log = capture._collect().events, case.points[0].events
    if log is None:
        return f"{total}, none of providers that are read"
    missed = log.unknown.total() + log.unfit.total()
    named = {name for name, _, _ in log.owners}
    sockets = f", {len(log.owners)} owners ({'/'.join(sorted(named))})" if named else ""
    return f"{total}: {len(log.rows)} rows, {log.passed} others, {missed} not known{sockets}"


# --- the table -----------------------------------------------------------------------------------------------------------


def render(lines: list[Line]) -> str:
    """The lines as a Markdown table."""
    rows = ["| file | packets | oracle | equal | processes | events |", "|---|---:|---|---|---|---|"]
    rows += [
        f"| {one.file} | {one.packets} | {one.oracle} | {one.equal} | {one.processes} | {one.events} |" for one in lines
    ]
    return "\n".join(rows)


def main(tell: Callable[[str], object] = print) -> None:
    """Print the table; ends with 1 where a file differs from its oracle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, help="a table with a row for each file that states its events")
    parser.add_argument("--texts", type=Path, help="a folder with pktmon's texts")
    given = parser.parse_args()
    index = given.index.read_text(encoding="utf-8") if given.index else ""
    lines = [compare_file(path, index, given.texts) for path in find_files(given.folder)]
    tell(render(lines))
    sys.exit(any(one.equal == "NO" for one in lines))


if __name__ == "__main__":
    main()
