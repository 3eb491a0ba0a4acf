"""DNS messages with their records, over UDP and TCP, multicast DNS and LLMNR included; answers know their query's row.

Takes a capture's tables; gives a `MessageTable`. Judges nothing. `messages.dns` holds the same messages' headers for rules that
ask of every message at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.dns import DNS, LLMNR, MDNS
from wireproof.messages.framed import Place, find_framed
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols
from wireproof.wire.dns import RECURSION_DESIRED, RESPONSE, TRUNCATED, Record, rcode_name, type_name, unpack_question
from wireproof.wire.dns_message import (
    OPCODES,
    embedded_ipv4,
    record_text,
    target_name,
    unpack_edns,
    unpack_header,
    unpack_sections,
)

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

SERVICES = {DNS: "dns", MDNS: "mdns", LLMNR: "llmnr"}
AUTHORITATIVE, RECURSION_AVAILABLE, AUTHENTIC, CHECKING_DISABLED = 0x0400, 0x0080, 0x0020, 0x0010
SAME_QUERY_NS = 60_000_000_000
"""An answer this long after a query is to another one: resolvers give up long before."""
CNAME, OPT = 5, 41
REMEMBERED = 8
"""Queries of one conversation with the same identifier that are kept: repeats, or identifiers used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsMessage(Message):
    """One query or response. `name` and `kind` are its first question's: `www.example.com`, `AAAA`.

    `rcode` is the response code's name, with the upper bits of an OPT record; "" for a query. Of the answer section `addresses`
    are those of its A and AAAA records, `aliases` the names that its CNAME records lead to, `records` all its records as text,
    and `ttl_s` the least time to live, -1 without records. `embedded` are IPv4 addresses in AAAA answers that DNS64 made, as far
    as their prefix tells it. `edns_size` is what an OPT record offers, 0 without one. `query_row` is the row of the last query
    that a response may answer, -1 for none. `cut` tells that bytes or records are missing.
    """

    service: str = "dns"
    transport: str = "udp"
    ident: int = 0
    response: bool = False
    opcode: str = "query"
    rcode: str = ""
    authoritative: bool = False
    truncated: bool = False
    recursion_desired: bool = False
    recursion_available: bool = False
    authentic: bool = False
    checking_disabled: bool = False
    name: str = ""
    kind: str = ""
    addresses: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    ttl_s: int = -1
    embedded: tuple[str, ...] = ()
    authorities: int = 0
    additionals: int = 0
    edns_size: int = 0
    dnssec_ok: bool = False
    extended_error: str = ""
    query_row: int = -1


class Queries:
    """Queries by conversation and identifier, for responses to find theirs."""

    def __init__(self) -> None:
        self._asked: dict[tuple[int, int], list[tuple[int, int, str]]] = {}

    def add(self, place: Place, ident: int, name: str) -> None:
        """Remember a query, from its first question's name."""
        asked = self._asked.setdefault((place["conversation"], ident), [])
        asked.append((place["time_ns"], place["last_row"], name.lower()))
        del asked[:-REMEMBERED]

    def find(self, place: Place, ident: int, name: str) -> int:
        """Row of the last query before a response, with its name where it repeats one; -1 for none."""
        for time_ns, row, asked in reversed(self._asked.get((place["conversation"], ident), [])):
            if 0 <= place["time_ns"] - time_ns <= SAME_QUERY_NS and (not name or name.lower() == asked):
                return row
        return -1


def build_dns_records(tables: CaptureTables, protocols: Protocols) -> MessageTable[DnsMessage]:
    """Every DNS message of the capture."""
    return MessageTable(DnsMessage, [*_over_udp(tables, Queries()), *_over_tcp(tables, protocols, Queries())])


def _over_udp(tables: CaptureTables, queries: Queries) -> Iterator[DnsMessage]:
    facts = tables.conversations.facts
    ports = tables.conversations.side_facts("port")
    for port, service in SERVICES.items():
        for datagram in read_datagrams(
            tables, np.flatnonzero((facts["protocol"] == 17) & (ports == port).any(axis=1)), 12
        ):
            message = read_message(datagram.data, datagram.place, service, "udp", queries)
            if message:
                yield message


def _over_tcp(tables: CaptureTables, protocols: Protocols, queries: Queries) -> Iterator[DnsMessage]:
    """Each message stands behind its length in two bytes (RFC 1035 section 4.2.2)."""
    for talk in protocols.streams(tables, "dns"):
        for stream in (talk.client, talk.server):
            for framed in find_framed(stream, measure_framed, 65_537):
                message = read_message(framed.data[2:], framed.place(tables), "dns", "tcp", queries)
                if message:
                    yield message


def measure_framed(head: bytes) -> int | None:
    """Length of the message over TCP that begins with these bytes, its own two included; None where none does."""
    size = int.from_bytes(head[:2], "big")
    if size < 12 or (len(head) >= 14 and unpack_header(head[2:14]) is None):
        return None
    return 2 + size


def read_message(data: bytes, place: Place, service: str, transport: str, queries: Queries) -> DnsMessage | None:
    """One message; None for what is none."""
    header = unpack_header(data)
    if header is None:
        return None
    ident, flags = header
    response = bool(flags & RESPONSE)
    asked = unpack_question(data)
    name = asked.name or "." if asked else ""
    if not response:
        queries.add(place, ident, name)
    sections = unpack_sections(data)
    common: dict[str, Any] = {**place, "cut": place["cut"] or not sections.whole}
    return DnsMessage(
        **common,
        service=service,
        transport=transport,
        ident=ident,
        response=response,
        opcode=OPCODES[flags >> 11 & 15],
        authoritative=bool(flags & AUTHORITATIVE),
        truncated=bool(flags & TRUNCATED),
        recursion_desired=bool(flags & RECURSION_DESIRED),
        recursion_available=bool(flags & RECURSION_AVAILABLE),
        authentic=bool(flags & AUTHENTIC),
        checking_disabled=bool(flags & CHECKING_DISABLED),
        name=name,
        kind=type_name(asked.kind) if asked else "",
        query_row=queries.find(place, ident, name) if response else -1,
        **_rcode(flags, sections.additionals),
        **(_answers(data, sections.answers) if sections.answers else {}),
        authorities=len(sections.authorities),
        additionals=len(sections.additionals),
        **(_edns(data, sections.additionals) if sections.additionals else {}),
    )


def _rcode(flags: int, additionals: list[Record]) -> dict[str, Any]:
    upper = next((record.ttl_s >> 24 for record in additionals if record.kind == OPT), 0)
    return {"rcode": rcode_name(upper << 4 | flags & 15)} if flags & RESPONSE else {}


def _answers(data: bytes, answers: list[Record]) -> dict[str, Any]:
    addresses = tuple(record.address for record in answers if record.address)
    return {
        "addresses": addresses,
        "aliases": tuple(target_name(data, record) or "." for record in answers if record.kind == CNAME),
        "records": tuple(record_text(data, record) for record in answers),
        "ttl_s": min(record.ttl_s for record in answers),
        "embedded": tuple(filter(None, map(embedded_ipv4, addresses))),
    }


def _edns(data: bytes, additionals: list[Record]) -> dict[str, Any]:
    edns = unpack_edns(data, additionals)
    return edns._asdict() if edns else {}
