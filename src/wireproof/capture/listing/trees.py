"""Packets of which only the tree of their fields is printed, with no line in a list: packet details of Wireshark (`tshark -V`) and of Network
Monitor.

Takes plain text and the records found in it; gives further records with what they say. Knows TCP and UDP.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from wireproof.capture.listing.info import ACK, TCP, UDP, Said
from wireproof.capture.listing.ports import port_number
from wireproof.capture.listing.records import NETMON, WIRESHARK, Record
from wireproof.capture.listing.summary import read_segment_line
from wireproof.capture.listing.times import TIME, Clocks, unpack_times

BACK, HEADERS = 3000, 4000
"""Characters before the line of IP in which the frame's own line is looked for, and after it in which the transport's stands."""

SIGN = re.compile(r"\bInternet Protocol(?: Version [46])?, Src: |\bIpv[46]: Src = ")
_END = r"(?:[^\s(),]{1,80} ?\([0-9A-Fa-f.:]{2,45}\)|[0-9A-Fa-f.:]{2,45}(?![\w.]))"
_IP = re.compile(
    rf"\bInternet Protocol(?: Version [46])?, Src: (?P<source>{_END}), Dst: (?P<target>{_END})"
    r"|\bIpv[46]: Src = (?P<from>[0-9A-Fa-f.:]{2,45}), Dest = (?P<to>[0-9A-Fa-f.:]{2,45})(?![\w.])"
)
_FRAME = re.compile(
    r"\bFrame (?P<number>\d{1,9})(?: \(|: )(?P<length>\d{1,6}) bytes on wire|\bFrame: Number = (?P<monitor>\d{1,9}), Captured Frame Length = \d{1,6}"
)
_ARRIVED = re.compile(rf"\b(?:Arrival Time|Epoch Time|Time since reference or first frame): (?P<time>{TIME})")
_PORT = r"[^,\n(]{0,40}(?:\(\d{1,5}\))?"
_SEGMENT = re.compile(
    rf"\bTransmission Control Protocol, Src Port: (?P<source>{_PORT}), Dst Port: (?P<target>{_PORT})(?P<rest>[^\n]{{0,120}})"
)
_DATAGRAM = re.compile(
    rf"\bUser Datagram Protocol, Src Port: (?P<source>{_PORT}), Dst Port: (?P<target>{_PORT})(?=\s|$)"
    r"|\bUdp: SrcPort = (?P<from>[^,\n]{1,60}), DstPort = (?P<to>[^,\n]{1,60}), Length = \d{1,5}"
)
_NUMBER = {name: re.compile(rf"\b{name}: (\d{{1,10}})") for name in ("Seq", "Ack", "Len")}
_FLAGS = re.compile(r"\bFlags: 0x([0-9a-fA-F]{1,3}) \((?:[A-Z]{2,3}(?:, )?){1,9}\)")
_WINDOW = re.compile(r"\bWindow(?: size value| size)?: (\d{1,7})(?P<scaled> \(scaled\))?")
_MSS = re.compile(r"\bMaximum segment size: (\d{1,5}) bytes")
_SHIFT = re.compile(r"\bWindow scale: (\d{1,2}) \(")
_SACK = re.compile(r"\bSACK permitted\b")
_STAMPS = re.compile(r"\bTSval (\d{1,10}), TSecr (\d{1,10})")
_UDP_LENGTH = re.compile(r"\bLength: (\d{1,5})\b")
_LINKS = (
    (1, re.compile(r"\[(?:Resp: #|Response in frame: #?|Response In: )(\d{1,9})\]")),
    (-1, re.compile(r"\[(?:Req: #|Request in frame: #?|Request In: )(\d{1,9})\]")),
)
"""Where a tree without a number names that of the frame that answers it (the tree behind it), or of the one that it answers."""


@dataclass(slots=True)
class _Tree:
    """Where a tree starts and its transport's line may stand, and its ends."""

    at: int
    ip: int
    stop: int
    ends: tuple[str, str]
    is_monitor: bool
    frame: re.Match[str] | None = None

    @property
    def number(self) -> int | None:
        """The frame's number, where its own line is printed."""
        return int(self.frame["number"] or self.frame["monitor"]) if self.frame else None


def find_trees(text: str, records: list[Record]) -> Iterator[tuple[Record, Said]]:
    """Records of the trees that stand under no record of their own, with what they say, in the order of the text."""
    if not SIGN.search(text):
        return
    numbers = {record.number for record in records}
    found = [one for tree in _trees(text) if not _is_of_record(tree, records, numbers) and (one := _read(text, tree))]
    _number(text, [record for record, _ in found])
    yield from found


def _trees(text: str) -> Iterator[_Tree]:
    matches = list(_IP.finditer(text))
    before = 0
    for place, match in enumerate(matches):
        following = matches[place + 1].start() if place + 1 < len(matches) else len(text)
        frames = list(_FRAME.finditer(text, max(before, match.start() - BACK), match.start()))
        frame = frames[-1] if frames else None
        ends = (match["from"], match["to"]) if match["from"] else (_address(match["source"]), _address(match["target"]))
        stop = min(following, match.end() + HEADERS)
        yield _Tree(
            frame.start() if frame else match.start(), match.start(), stop, ends, match["from"] is not None, frame
        )
        before = match.end()


def _address(end: str) -> str:
    return end.rpartition("(")[2].rstrip(")")


def _is_of_record(tree: _Tree, records: list[Record], numbers: set[int | None]) -> bool:
    """Whether a tree shows the fields of a record before it: by its number, without one by standing beneath it with its ends."""
    place = bisect.bisect_right(records, tree.at, key=lambda record: record.at)
    if tree.number is not None:
        return tree.number in numbers
    if not place:
        return False
    record = records[place - 1]
    shown = [end for end in (record.source, record.target) if not re.search(r"[G-Zg-z_-]", end)]
    return all(end in tree.ends for end in shown)


def _read(text: str, tree: _Tree) -> tuple[Record, Said] | None:
    """The record of one tree; None for what is neither TCP nor UDP."""
    said = _segment(text, tree) or _datagram(text, tree)
    if said is None:
        return None
    arrived = _ARRIVED.search(text, tree.at, tree.ip)
    clocks = unpack_times([arrived["time"]]) if arrived else Clocks()
    style = NETMON if tree.is_monitor else WIRESHARK
    record = Record(tree.at, tree.at, style, tree.number, clocks, *tree.ends, said.kind.upper(), "")
    record.length = int(tree.frame["length"]) if tree.frame and tree.frame["length"] else None
    return record, said


def _segment(text: str, tree: _Tree) -> Said | None:
    fields = text[tree.ip : tree.stop]
    return read_segment_line(fields) if tree.is_monitor else read_segment(fields)


def read_segment(text: str) -> Said | None:
    """The segment that a tree of Wireshark shows; None for none."""
    found = _SEGMENT.search(text)
    if found is None:
        return None
    said = Said(TCP, port_number(found["source"]), port_number(found["target"]))
    numbers = {name: int(one[1]) for name, pattern in _NUMBER.items() if (one := pattern.search(found["rest"]))}
    said.seq, said.payload = numbers.get("Seq"), numbers.get("Len")
    flags = _FLAGS.search(text, found.end())
    said.flags = int(flags[1], 16) & 0x1FF if flags else ACK
    said.ack = numbers.get("Ack") if said.flags & ACK else None
    _add_options(said, text[found.end() :])
    return said


def _add_options(said: Said, fields: str) -> None:
    if window := _WINDOW.search(fields):
        said.window, said.scaled = int(window[1]), bool(window["scaled"])
    if mss := _MSS.search(fields):
        said.mss = int(mss[1])
    if shift := _SHIFT.search(fields):
        said.shift = min(int(shift[1]), 14)
    if stamps := _STAMPS.search(fields):
        said.stamps = (int(stamps[1]), int(stamps[2]))
    said.sack_permitted = _SACK.search(fields) is not None


def _datagram(text: str, tree: _Tree) -> Said | None:
    found = _DATAGRAM.search(text, tree.ip, tree.stop)
    if found is None:
        return None
    source, target = port_number(found["from"] or found["source"]), port_number(found["to"] or found["target"])
    length = _UDP_LENGTH.search(text, found.end(), tree.stop)
    return Said(UDP, source, target, payload=max(int(length[1]) - 8, 0) if length else None)


def _number(text: str, records: list[Record]) -> None:
    """Number the trees whose own line is not printed by what the trees beside them say of them."""
    for place, record in enumerate(records):
        end = records[place + 1].at if place + 1 < len(records) else len(text)
        for step, pattern in _LINKS:
            beside = place + step
            link = pattern.search(text, record.at, min(end, record.at + HEADERS))
            if link and 0 <= beside < len(records) and records[beside].number is None:
                other = records[beside]
                if (other.source, other.target) == (record.target, record.source):
                    other.number = int(link[1])
