"""What stands beneath a record: a tree of its fields, as Network Monitor and Wireshark print them, and a hex dump of its bytes.

Takes plain text and the packets found in it; adds addresses of adapters, identifications, lengths and bytes to the packets they
belong to. A frame of which only the dump says what it is becomes a packet by that.
"""

from __future__ import annotations

import ipaddress
import re
import struct
from dataclasses import dataclass

from wireproof.capture.listing.info import ABOVE, TCP, Said
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.records import Record
from wireproof.capture.listing.summary import read_segment_line
from wireproof.capture.listing.trees import SIGN, read_segment

BENEATH = 20_000
"""Characters after a record in which its details are looked for."""
RAW = "raw"
TELLING = frozenset(("EPM", "DCOM"))
"""Protocols whose records tell in words what is kept for those who read it, with no tree beneath as well."""

_DUMP = re.compile(
    r"(?<!\S)(?P<at>[0-9a-fA-F]{4,8})(?:[ \t]{1,4}|: {1,3})(?P<bytes>[0-9a-fA-F]{2}(?:[ \t]{1,3}[0-9a-fA-F]{2}){0,15})(?!\S)"
)
_NETMON_FRAME = re.compile(r"Frame: Number = (\d{1,9}), Captured Frame Length = (\d{1,6})")
_WIRESHARK_FRAME = re.compile(r"\bFrame (\d{1,9})(?: \(|: )(\d{1,6}) bytes on wire")
_NETMON_MACS = re.compile(
    r"DestinationAddress:\[ ?((?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})\],SourceAddress:\[ ?((?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})\]"
)
_WIRESHARK_MACS = re.compile(
    r"\bSrc: [^\n(]{0,60}\(((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\), Dst: [^\n(]{0,60}\(((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\)"
)
_PACKET_ID = re.compile(r"Packet ID = (\d{1,5})|Identification: 0x([0-9a-f]{1,4})")
_TTL = re.compile(r"\bTime to live: (\d{1,3})|\bTTL = (\d{1,3})|TimeToLive: (\d{1,3})")
_TREE = re.compile(
    r"Frame: Number = |\bFrame \d{1,9}(?: \(|: )\d{1,6} bytes on wire|\bEthernet II, Src|(?<!\S)0{4,8}[ \t:]"
)


@dataclass(slots=True)
class Beneath:
    """What the text between two records says of the first one."""

    number: int | None = None
    length: int | None = None
    macs: tuple[str, str] = ("", "")
    ip_id: int = 0
    ttl: int = 0
    data: bytes = b""
    segment: Said | None = None


def read_beneath(text: str) -> Beneath | None:
    """The details in a piece of text; None where there are none."""
    if not _TREE.search(text):
        return None
    found = Beneath(data=read_dump(text))
    frame = _NETMON_FRAME.search(text)
    if frame:
        found.number = int(frame[1])
    elif frame := _WIRESHARK_FRAME.search(text):
        found.number, found.length = int(frame[1]), int(frame[2])
    if macs := _NETMON_MACS.search(text):
        found.macs = (macs[2].replace("-", ":").lower(), macs[1].replace("-", ":").lower())
    elif macs := _WIRESHARK_MACS.search(text):
        found.macs = (macs[1], macs[2])
    if SIGN.search(text):
        found.segment = read_segment(text) or read_segment_line(text)
    if identity := _PACKET_ID.search(text):
        found.ip_id = (int(identity[1]) if identity[1] else int(identity[2], 16)) & 0xFFFF
    if ttl := _TTL.search(text):
        found.ttl = int(ttl[1] or ttl[2] or ttl[3]) & 0xFF
    return found


def read_dump(text: str) -> bytes:
    """The bytes of the first hex dump in a text, as far as its offsets follow one another; at least an Ethernet and IP header."""
    data = b""
    for line in _DUMP.finditer(text):
        at = int(line["at"], 16)
        if at == 0 and not data:
            data = bytes.fromhex("".join(line["bytes"].split()))
        elif at == len(data) and data:
            data += bytes.fromhex("".join(line["bytes"].split()))
        elif data and at != len(data) and len(data) % 16:
            break
    return data if len(data) >= 34 else b""


def add_details(text: str, records: list[Record], packets: list[Packet]) -> list[Packet]:
    """The packets with what stands beneath their records, and further ones for records that only a dump makes clear."""
    of_record = {id(packet.record): packet for packet in packets}
    of_number = {packet.record.number: packet for packet in packets}
    for place, record in enumerate(records):
        end = min(records[place + 1].at if place + 1 < len(records) else len(text), record.end + BENEATH)
        found = read_beneath(text[record.end : end]) if end - record.end > 40 else None
        if id(record) in of_record and (end - record.end > 40 or record.protocol.upper() in TELLING):
            of_record[id(record)].beneath = (record.at, end)
        if found is None:
            continue
        packet = of_record.get(id(record))
        if found.number is not None and found.number != record.number:
            packet = of_number.get(found.number)
            if packet is None:
                continue
        if packet is None:
            packet = Packet(record, Said(RAW))
            if not _is_ip(found.data):
                continue
            of_record[id(record)] = packet
        _add(packet, found)
    return [of_record[id(record)] for record in records if id(record) in of_record]


def _add(packet: Packet, found: Beneath) -> None:
    said, record = packet.said, packet.record
    record.length = record.length or found.length
    said.macs = found.macs if not said.macs[0] and said.kind != "arp" else said.macs
    said.ip_id = said.ip_id or found.ip_id
    said.ttl = said.ttl or found.ttl
    if found.segment and said.kind == ABOVE:
        found.segment.words, found.segment.tags = said.words, said.tags
        found.segment.macs, found.segment.ip_id, found.segment.ttl = said.macs, said.ip_id, said.ttl
        packet.said = found.segment
    if _is_ip(found.data):
        _take_bytes(packet, found.data)


def _is_ip(data: bytes) -> bool:
    return len(data) >= 34 and data[12:14] == b"\x08\x00" and data[14] >> 4 == 4 and data[14] & 15 >= 5


def _take_bytes(packet: Packet, data: bytes) -> None:
    """Let the bytes speak for the packet: its ends and, of TCP, its numbers."""
    length = packet.record.length or 0
    packet.raw = data[:length] if length else data
    at = 14 + 4 * (data[14] & 15)
    if data[23] != 6 or len(data) < at + 20:
        return
    record = packet.record
    record.source, record.target = str(ipaddress.IPv4Address(data[26:30])), str(ipaddress.IPv4Address(data[30:34]))
    source_port, target_port, seq, ack, words, window = struct.unpack_from(">HHIIHH", data, at)
    header = (words >> 12) * 4
    total = int.from_bytes(data[16:18], "big")
    whole = 14 + total if total else max(length, len(data))
    packet.said = Said(TCP, source_port, target_port, words & 0x1FF, seq, ack, window, scaled=False)
    packet.said.payload = max(whole - at - header, 0)
