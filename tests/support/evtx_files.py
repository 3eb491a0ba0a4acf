"""Event log files (EVTX) in bytes: a header, one chunk, and records whose XML is spelled out without templates.

Takes events as nested elements; gives a file's bytes. Layout: MS-EVEN6 section 2.2.12 (BinXml), and the published descriptions of the
file's header and chunks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CHUNK, HEAD = 65_536, 512
FILETIME_2012 = 129_810_312_000_000_000


@dataclass(frozen=True)
class Element:
    """An element with attributes, and text or children."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: Sequence[Element] = ()


def event(source: str, number: int, time: str, data: Mapping[str, str], computer: str = "DA1.contoso.com") -> Element:
    """An event as the log holds it."""
    system = (
        Element("Provider", {"Name": source}),
        Element("EventID", text=str(number)),
        Element("Level", text="2"),
        Element("TimeCreated", {"SystemTime": time}),
        Element("EventRecordID", text="77"),
        Element("Execution", {"ProcessID": "612", "ThreadID": "8"}),
        Element("Channel", text="System"),
        Element("Computer", text=computer),
    )
    values = tuple(Element("Data", {"Name": name}, value) for name, value in data.items())
    return Element("Event", children=(Element("System", children=system), Element("EventData", children=values)))


def _text(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def _name(name: str, at: int) -> bytes:
    """A name where it is used: offset of itself in the chunk, next in its list, hash, text with its end."""
    return struct.pack("<IIH", at + 4, 0, 0) + _text(name) + b"\0\0"


def _attribute(name: str, value: str, at: int, more: bool) -> bytes:
    head = bytes([0x46 if more else 0x06])
    return head + _name(name, at + 1) + b"\x05\x01" + _text(value)


def _element(element: Element, at: int) -> bytes:
    """An element at an offset of the chunk."""
    start = at + 5
    body = _name(element.name, start)
    if element.attributes:
        listed, place = b"", start + len(body) + 4
        for turn, (name, value) in enumerate(element.attributes.items()):
            listed += _attribute(name, value, place + len(listed), turn + 1 < len(element.attributes))
        body += struct.pack("<I", len(listed)) + listed
    body += b"\x02"
    if element.text:
        body += b"\x05\x01" + _text(element.text)
    for child in element.children:
        body += _element(child, start + len(body))
    body += b"\x04"
    return bytes([0x41 if element.attributes else 0x01]) + struct.pack("<I", len(body)) + body


def write_evtx(events: Sequence[Element]) -> bytes:
    """A file with these events in one chunk."""
    records = b""
    last = HEAD
    for turn, one in enumerate(events, 1):
        last = HEAD + len(records)
        xml = b"\x0f\x01\x01\0" + _element(one, last + 28) + b"\0"
        size = 28 + len(xml)
        records += b"**\0\0" + struct.pack("<IQQ", size, turn, FILETIME_2012) + xml + struct.pack("<I", size)
    count = len(events)
    head = b"ElfChnk\0" + struct.pack(
        "<QQQQIIII", 1, count, 1, count, 128, last, HEAD + len(records), zlib.crc32(records)
    )
    head = head.ljust(124, b"\0")
    tables = bytes(HEAD - 128)
    chunk = head + struct.pack("<I", zlib.crc32(head[:120] + tables)) + tables + records
    file = b"ElfFile\0" + struct.pack("<QQQIHHHH", 0, 0, count + 1, 128, 1, 3, 4096, 1)
    file = file.ljust(120, b"\0")
    file += struct.pack("<II", 0, zlib.crc32(file))
    return file.ljust(4096, b"\0") + chunk.ljust(CHUNK, b"\0")
