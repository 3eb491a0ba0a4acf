"""ICMP errors brought together: what one sender reports about one destination, with the packets that it quotes.

Facts for the rules of this family: reads a bounded number of errors and finds the quoted packets' rows. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.conversations.talks import PROTOCOL_NAMES, endpoint
from wireproof.messages.icmp import ErrorReport, address_text

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.conversations import Talk
    from wireproof.wire.icmp import IcmpError, Quoted

GROUPS_READ = 400
"""Groups of errors (one conversation and code each) that are read; what comes after them is of the same kinds."""
LOOSE_READ = 200
"""Errors that lead to no conversation and are read one by one."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Errors of one kind about one conversation (or one quoted pair of addresses), with the first of them in full.

    `rows` are the rows of all its errors. `conversation` is that of the quoted packet, -1 when it is in none.
    """

    point: Point
    report: ErrorReport
    error: IcmpError
    rows: tuple[int, ...]
    conversation: int

    @property
    def count(self) -> int:
        """How many errors."""
        return len(self.rows)

    @property
    def quoted(self) -> Quoted | None:
        """The packet quoted first."""
        return self.error.quoted

    @property
    def talk(self) -> Talk | None:
        """The quoted conversation."""
        return self.point.talk(self.conversation) if self.conversation >= 0 else None

    @property
    def side(self) -> int:
        """The side of the conversation that sent the quoted packet."""
        return int(self.point.packets.direction[self.report.row])

    @property
    def sender_facts(self) -> Any:
        """Facts of the side that sent the quoted packet; None without a conversation."""
        talk = self.talk
        return None if talk is None else talk.facts["sides"][self.side]

    @property
    def receiver_facts(self) -> Any:
        """Facts of the side that the quoted packet was for; None without a conversation."""
        talk = self.talk
        return None if talk is None else talk.facts["sides"][1 - self.side]

    @property
    def source(self) -> str:
        """Sender of the quoted packet, with its port where it has one."""
        return end_text(self.quoted, of_source=True)

    @property
    def destination(self) -> str:
        """Where the quoted packet was going, with the port where it has one."""
        return end_text(self.quoted, of_source=False)

    @property
    def protocol(self) -> str:
        """Protocol of the quoted packet in lower case."""
        return PROTOCOL_NAMES.get(self.quoted.protocol, f"protocol {self.quoted.protocol}") if self.quoted else ""

    @property
    def is_original_here(self) -> bool:
        """Whether the capture holds packets of the side whose packet is quoted."""
        if self.talk is None:
            return self.ping_ttl > 0
        return int(self.sender_facts["packets"]) > 0

    @property
    def is_to_client(self) -> bool:
        """Whether the quoted packet was an answer: it went to the side that opened the conversation."""
        talk = self.talk
        return talk is not None and talk.client_side != self.side

    @property
    def ttl_max(self) -> int:
        """Highest TTL with which the quoted sender's packets pass this point; 0 when there are none, or a listing does not print it."""
        if not self.point.capture.carries("ttl"):
            return 0
        if self.talk is not None:
            return int(self.sender_facts["ttl_max"]) if self.is_original_here else 0
        return self.ping_ttl

    @property
    def ping_ttl(self) -> int:
        """Highest TTL of the echo requests between the quoted addresses; 0 when there are none."""
        quoted = self.quoted
        if quoted is None:
            return 0
        facts = self.point.conversations.facts
        pings = np.flatnonzero(np.isin(facts["protocol"], (1, 58)))
        ends = wide(quoted.source) + wide(quoted.destination)
        best = 0
        for number in pings[:5000].tolist():
            raw = facts["addresses"][number].tobytes()
            if raw in {ends, ends[16:] + ends[:16]}:
                best = max(best, int(facts["sides"]["ttl_max"][number, 0 if raw == ends else 1]))
        return best

    def original_row(self) -> int:
        """Row of the quoted packet, as far as it can be told: the sender's last one before the error that fits; -1 if none."""
        if self.talk is None or self.quoted is None:
            return -1
        packets = self.point.packets
        rows = self.point.conversations.rows(self.conversation)
        rows = rows[
            (rows < self.report.row) & (packets.direction[rows] == self.side) & (packets.layers[rows] & (1 << 11) == 0)
        ]
        if self.quoted.protocol == 6:
            rows = rows[packets.seq[rows] == self.quoted.seq]
        return int(rows[-1]) if len(rows) else -1


def find_complaints(point: Point) -> Iterator[Complaint]:
    """What the errors of a point say, a bounded number of them, in file order."""
    errors = point.icmp_errors
    members: list[tuple[int, tuple[int, ...]]] = []
    for group in errors.groups[:GROUPS_READ]:
        if int(errors.conversation[group[0]]) >= 0:
            members.append((int(group[0]), tuple(errors.row[group].tolist())))
        else:
            members += [(int(index), (int(errors.row[index]),)) for index in group[:LOOSE_READ]]
    members.sort()
    for (index, rows), report in zip(members, errors.read(index for index, _ in members), strict=True):
        if report.error is not None and report.reporter:
            yield Complaint(point, report, report.error, rows, int(errors.conversation[index]))


def wide(address: bytes) -> bytes:
    """An address in sixteen bytes, IPv4 as ::ffff:a.b.c.d."""
    return address if len(address) == 16 else b"\0" * 10 + b"\xff\xff" + address


def end_text(quoted: Quoted | None, *, of_source: bool) -> str:
    """`address:port`, or the bare address for protocols without ports."""
    if quoted is None:
        return "an unknown address"
    address = address_text(quoted.source if of_source else quoted.destination)
    port = quoted.source_port if of_source else quoted.destination_port
    return (
        endpoint(address, port)
        if quoted.protocol in {6, 17} and (quoted.source_port or quoted.destination_port)
        else address
    )
