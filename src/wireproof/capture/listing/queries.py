"""DNS messages of records that print question and answers: `Standard query 0x1a2b A name`, `Standard query response A 10.0.0.1`.

Takes packets in order, since an answer may leave name and identifier to its question; gives them data and ports. Lifetimes are not
printed and are zero in what is made.
"""

from __future__ import annotations

import ipaddress
import re
import struct
import zlib
from dataclasses import dataclass

from wireproof.capture.listing.info import DNS, UDP, UDP_PROTOCOLS
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.ports import stand_in_port

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "SRV": 33,
    "HTTPS": 65,
    "ANY": 255,
}
CODES = {"format error": 1, "server failure": 2, "no such name": 3, "not implemented": 4, "refused": 5}
_QUESTION = re.compile(
    r"^Standard query(?P<answers> response)?(?: (?P<id>0x[0-9a-f]{1,4}))?,?"
    r"(?P<code> (?:No such name|Server failure|Refused|Format error|Not implemented))?,? ?(?P<rest>[^\n]{0,1500})"
)
_ANSWER = re.compile(r"\b(A|AAAA|CNAME) (\S{1,255})")
_NAME = re.compile(r"^(?:(?:Unknown|Type) \(\d+\)|[A-Z]{1,10}) (\S{1,255})")
_TCPDUMP_QUERY = re.compile(
    r"^(?P<id>\d{1,5})[+*%$]{0,4}(?: \[[^\]\n]{1,20}\])? (?P<type>[A-Z]{1,6})\? (?P<name>\S{1,255}?)\.? \(\d{1,5}\)$"
)
_TCPDUMP_ANSWER = re.compile(
    r"^(?P<id>\d{1,5})(?: (?P<code>NXDomain|ServFail|Refused))?[*|$-]{0,4} \d{1,3}/\d{1,3}/\d{1,3}(?P<rest>[^\n]{0,500})\(\d{1,5}\)$"
)
TCPDUMP_CODES = {"NXDomain": 3, "ServFail": 2, "Refused": 5}


@dataclass(slots=True)
class _Asked:
    name: str
    kind: int
    number: int
    port: int


def fill_datagrams(packets: list[Packet]) -> int:
    """Give UDP packets their ports and DNS messages their bytes. Returns how many got made-up ports."""
    asked: dict[tuple[str, str], list[_Asked]] = {}
    clients: dict[tuple[str, frozenset[str]], str] = {}
    for packet in packets:
        if packet.said.kind == DNS:
            _fill_dns(packet, asked)
        if packet.said.kind in (UDP, DNS):
            _fill_ports(packet, clients)
            packet.said.kind = UDP
            packet.payload = len(packet.data) or packet.said.payload or _rest_of_frame(packet)
    return sum(packet.ports_made_up for packet in packets)


def has_known_port(packet: Packet) -> bool:
    """Whether a record prints the port that its packet is for, or the service has one of its own."""
    return not packet.ports_made_up or UDP_PROTOCOLS.get(packet.record.protocol.upper(), 0) > 0


def _rest_of_frame(packet: Packet) -> int:
    length = packet.record.length or 0
    head = 14 + (40 if ":" in packet.record.source else 20) + 8
    return length - head if length > 60 else 0


def _fill_ports(packet: Packet, clients: dict[tuple[str, frozenset[str]], str]) -> None:
    """Give a datagram whose ports are not printed the service's and a made-up one.

    All datagrams of two hosts and one protocol become one conversation: nobody can tell from such lines which question is not answered.
    Who sent the first one is the client, unless that is an answer by its words.
    """
    said, record = packet.said, packet.record
    if said.source_port is not None and said.target_port is not None:
        return
    service = UDP_PROTOCOLS.get(record.protocol.upper(), 0) or stand_in_port(record.protocol)
    client = stand_in_port(*sorted((record.source, record.target)), record.protocol)
    answers = bool(re.search(r"\b(?:response|reply|ACK|Offer|success)\b", said.words[:80], re.IGNORECASE))
    pair = record.protocol, frozenset((record.source, record.target))
    asks = clients.setdefault(pair, record.target if answers else record.source) == record.source
    ports = (client, service) if asks else (service, client)
    said.source_port = ports[0] if said.source_port is None else said.source_port
    said.target_port = ports[1] if said.target_port is None else said.target_port
    packet.ports_made_up = True


def _fill_dns(packet: Packet, asked: dict[tuple[str, str], list[_Asked]]) -> None:
    said, record = packet.said, packet.record
    words = said.words
    query, answer = _TCPDUMP_QUERY.match(words), _TCPDUMP_ANSWER.match(words)
    if query:
        question = _Asked(query["name"], TYPES.get(query["type"], 0), int(query["id"]) & 0xFFFF, said.source_port or 0)
        _ask(packet, question, asked)
    elif answer:
        _answer(packet, int(answer["id"]) & 0xFFFF, TCPDUMP_CODES.get(answer["code"] or "", 0), answer["rest"], asked)
    elif found := _QUESTION.match(words):
        number = int(found["id"], 16) if found["id"] else None
        name = _NAME.match(found["rest"])
        kind = TYPES.get(found["rest"].split(" ")[0], 0)
        if found["answers"]:
            code = CODES.get((found["code"] or "").strip().lower(), 0)
            _answer(packet, number, code, found["rest"], asked)
        elif name and kind:
            number = zlib.crc32(f"{name[1]} {kind} {record.number}".encode()) & 0xFFFF if number is None else number
            port = said.source_port or stand_in_port(record.source, name[1], str(number))
            _ask(packet, _Asked(name[1], kind, number, port), asked)


def _ask(packet: Packet, question: _Asked, asked: dict[tuple[str, str], list[_Asked]]) -> None:
    record, said = packet.record, packet.said
    body = _pack_question(question)
    if not body or not question.kind:
        return
    asked.setdefault((record.source, record.target), []).append(question)
    said.source_port = question.port
    said.target_port = said.target_port or UDP_PROTOCOLS.get(record.protocol.upper()) or 53
    packet.data = struct.pack(">HHHHHH", question.number, 0x0100, 1, 0, 0, 0) + body


def _answer(
    packet: Packet, number: int | None, code: int, rest: str, asked: dict[tuple[str, str], list[_Asked]]
) -> None:
    record, said = packet.record, packet.said
    open_ones = asked.get((record.target, record.source), [])
    question = next((one for one in open_ones if number in (None, one.number)), None)
    if question is None:
        return
    open_ones.remove(question)
    records = _pack_answers(rest, question)
    said.target_port = said.target_port or question.port
    said.source_port = said.source_port or UDP_PROTOCOLS.get(record.protocol.upper()) or 53
    head = struct.pack(">HHHHHH", question.number, 0x8180 | code, 1, len(records), 0, 0)
    packet.data = head + _pack_question(question) + b"".join(records)


def _pack_question(question: _Asked) -> bytes:
    name = _pack_name(question.name)
    return name + struct.pack(">HH", question.kind, 1) if name else b""


def _pack_name(name: str) -> bytes:
    labels = name.rstrip(".").split(".") if name not in (".", "<Root>") else []
    try:
        packed = [label.encode("idna" if not label.isascii() else "ascii") for label in labels]
    except UnicodeError:
        return b""
    if any(not 0 < len(label) < 64 for label in packed) or sum(map(len, packed)) + len(packed) > 254:
        return b""
    return b"".join(bytes((len(label),)) + label for label in packed) + b"\0"


def _pack_answers(rest: str, question: _Asked) -> list[bytes]:
    """Records that are printed with type and value; the name of each is the one before it points to."""
    records, owner = [], b"\xc0\x0c"
    for kind, printed in _ANSWER.findall(rest)[:60]:
        value = printed.rstrip(",.")
        if value == question.name:
            continue
        data = _pack_value(kind, value)
        if data:
            records.append(owner + struct.pack(">HHIH", TYPES[kind], 1, 0, len(data)) + data)
            owner = data if kind == "CNAME" else owner
    return records


def _pack_value(kind: str, value: str) -> bytes:
    if kind == "CNAME":
        return _pack_name(value)
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return b""
    return address.packed if address.version == (4 if kind == "A" else 6) else b""
