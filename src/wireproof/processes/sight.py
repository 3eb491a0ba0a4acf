"""What a process is read from: a capture's tables, its messages and its DNS, with the few questions that all stages ask of them.

Takes what lower rooms computed; gives times, lookups of names and addresses. Judges nothing.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.messages.dns import DNS, DnsTable, unpack_key
from wireproof.processes.stage import Outcome, Stage, Step
from wireproof.wire.dns import RESPONSE, unpack_records

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables, Conversations, Talk
    from wireproof.messages.arp import ArpTable
    from wireproof.messages.http_message import HttpMessage
    from wireproof.messages.said import Said
    from wireproof.table import PacketTable

A, AAAA = 1, 28
PROBE_NAMES = (".msftncsi.com", ".msftconnecttest.com")
"""Whose names the Network Connectivity Status Indicator asks for, up to Windows 8.1 and since Windows 10."""
PATIENCE = limit(
    "directaccess.answer_s",
    5.0,
    "answers come within a second, and what asks repeats itself after 3 s at most; who is silent then is silent",
)
TITLES = {
    "network-change": "Network change",
    "ncsi-probe": "Internet probe (NCSI)",
    "location-probe": "Network location server",
    "location": "Inside or outside",
    "endpoint-resolved": "Name of the DirectAccess server",
    "transport-connected": "Connection to the DirectAccess server",
    "tls-hello": "TLS hello",
    "tls-done": "TLS handshake",
    "tunnel-up": "Tunnel interface",
    "second-probe": "Second probe, for the tunnel interface",
    "main-mode": "IPsec main mode",
    "quick-mode": "IPsec quick mode",
    "esp-traffic": "Protected traffic (ESP)",
}
"""Stages of the DirectAccess connection process in their order, with what readers are told."""

ASIDE = {"ncsi-probe", "second-probe"}
"""Stages that no other waits for."""

READ_MOST = 64
"""Answers of one name that are read; a name asked more often gets the same answer."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """All queries of one client for one name and type, with the answers.

    Rows are packet rows in order; `answer_rows` and `codes` belong together. `addresses` are those of all answers.
    """

    name: str
    kind: int
    client: str
    servers: tuple[str, ...]
    query_rows: tuple[int, ...]
    answer_rows: tuple[int, ...] = ()
    codes: tuple[int, ...] = ()
    addresses: tuple[str, ...] = ()
    conversations: tuple[int, ...] = ()

    @property
    def first_row(self) -> int:
        """Its first frame."""
        return min((*self.query_rows[:1], *self.answer_rows[:1]))


@dataclass(eq=False)
class Sight:
    """One capture as the stages of a process see it."""

    tables: CaptureTables
    said: Said
    dns: DnsTable
    _addresses: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def packets(self) -> PacketTable:
        """Its packet table."""
        return self.tables.packets

    @property
    def conversations(self) -> Conversations:
        """Its conversations."""
        return self.tables.conversations

    def talk(self, number: int) -> Talk:
        """One conversation."""
        return self.conversations[number]

    def time_s(self, row: int) -> float:
        """Seconds since the capture's first frame."""
        return self.packets.time_s(row)

    @functools.cached_property
    def end_s(self) -> float:
        """When the capture ends."""
        times = self.packets.time_ns[: self.packets.count]
        return float(times.max() - times[0]) / 1e9 if len(times) else 0.0

    def left_s(self, row: int) -> float:
        """How long the capture goes on after a row."""
        return self.end_s - self.time_s(row)

    def silence(self, row: int) -> Outcome:
        """How a stage ended whose last packet got no answer: unanswered, where the capture goes on long enough to tell."""
        return Outcome.UNANSWERED if self.left_s(row) >= PATIENCE.value else Outcome.UNDER_WAY

    @property
    def arp(self) -> ArpTable:
        """Its ARP messages."""
        return self.said.arp

    @functools.cached_property
    def carrier(self) -> NDArray[np.int32]:
        """For each row the conversation in whose stream its packet was found; -1 for the file's own frames."""
        packets = self.packets
        found = np.full(packets.count, -1, np.int32)
        if packets.outer:
            found[list(packets.outer)] = packets.conversation[list(packets.outer.values())]
        return found

    @functools.cached_property
    def internet_probes(self) -> list[HttpMessage]:
        """HTTP messages of the Network Connectivity Status Indicator."""
        return self.said.http.where(lambda message: f".{message.host.lower()}".endswith(PROBE_NAMES))

    def stage(
        self,
        name: str,
        outcome: Outcome,
        steps: Iterable[Step] = (),
        facts: dict[str, object] | None = None,
        conversations: Iterable[int] = (),
    ) -> Stage:
        """A stage from its steps, which are put in the order of time; the first and last of them bound it.

        Steps of one frame become one.
        """
        rows: dict[int, Step] = {}
        for step in steps:
            before = rows.get(step.row)
            rows[step.row] = Step(step.row, f"{before.note}, {step.note}") if before else step
        ordered = sorted(rows.values(), key=lambda step: (int(self.packets.time_ns[step.row]), step.row))
        return Stage(
            name,
            TITLES[name],
            outcome,
            self.time_s(ordered[0].row) if ordered else None,
            self.time_s(ordered[-1].row) if ordered else None,
            tuple(ordered),
            facts or {},
            tuple(dict.fromkeys(conversations)),
            name in ASIDE,
        )

    @functools.cached_property
    def names(self) -> dict[int, tuple[str, int]]:
        """Name in lower case and type of every different DNS question, by its number."""
        found = {}
        for number, key in enumerate(self.dns.questions):
            question = unpack_key(key)
            if question is not None:
                found[number] = (question.name.lower(), question.kind)
        return found

    def lookups(self, wanted: Callable[[str, int], bool], client: str = "") -> list[Lookup]:
        """Lookups of names and types that pass a test, of one client or all, in order of their first frame."""
        return self._look_up([number for number, asked in self.names.items() if wanted(*asked)], client)

    def lookups_like(self, pattern: re.Pattern[bytes], kinds: Iterable[int]) -> list[Lookup]:
        """Lookups of types whose question holds a pattern in its bytes: so that a million names are passed over quickly."""
        like = [number for number, key in enumerate(self.dns.questions) if pattern.search(key)]
        wanted = set(kinds)
        asked = {number: unpack_key(self.dns.questions[number]) for number in like[:READ_MOST]}
        return self._look_up([number for number, question in asked.items() if question and question.kind in wanted])

    def _look_up(self, numbers: list[int], client: str = "") -> list[Lookup]:
        if not numbers:
            return []
        dns = self.dns
        chosen = np.isin(dns.question, numbers) & (dns.service == DNS)
        if client:
            chosen &= self._askers == np.frombuffer(pack_address(client), "S16")[0]
        groups: dict[tuple[int, str], list[int]] = {}
        for message in np.flatnonzero(chosen).tolist():
            asker = client or self.addresses(int(dns.conversation[message]))[1 - int(dns.server[message])]
            groups.setdefault((int(dns.question[message]), asker), []).append(message)
        made = [self._lookup(number, asker, messages) for (number, asker), messages in groups.items()]
        return sorted(made, key=lambda lookup: lookup.first_row)

    @functools.cached_property
    def _askers(self) -> NDArray[np.bytes_]:
        """The asking side's address of every DNS message, 16 bytes each (trailing zeros left out, as NumPy does)."""
        halves = np.ascontiguousarray(self.conversations.facts["addresses"]).view("S16").reshape(-1, 2)
        return np.asarray(halves[self.dns.conversation, 1 - self.dns.server.astype(np.int64)])

    def addresses(self, number: int) -> tuple[str, str]:
        """The addresses of side 0 and side 1 of a conversation."""
        if number not in self._addresses:
            talk = self.talk(number)
            self._addresses[number] = talk.address(0), talk.address(1)
        return self._addresses[number]

    def _lookup(self, number: int, asker: str, messages: list[int]) -> Lookup:
        dns, question = self.dns, unpack_key(self.dns.questions[number])
        name, kind = (question.name.lower(), question.kind) if question else ("", 0)
        answers = [message for message in messages if dns.flags[message] & RESPONSE]
        queries = [message for message in messages if not dns.flags[message] & RESPONSE]
        servers = [self.addresses(int(dns.conversation[m]))[int(dns.server[m])] for m in messages[:READ_MOST]]
        addresses = [
            record.address
            for data in dns.read(answers[:READ_MOST])
            for record in unpack_records(data)
            if record.address and record.kind == kind
        ]
        return Lookup(
            name,
            kind,
            asker,
            tuple(dict.fromkeys(servers)),
            tuple(int(dns.row[m]) for m in queries),
            tuple(int(dns.row[m]) for m in answers),
            tuple(int(dns.flags[m]) & 15 for m in answers),
            tuple(dict.fromkeys(addresses)),
            tuple(dict.fromkeys(int(dns.conversation[m]) for m in messages)),
        )

    def rows_of(self, client: str) -> NDArray[np.int64]:
        """Conversations in which an address takes part."""
        wanted = pack_address(client)
        both = np.ascontiguousarray(self.conversations.facts["addresses"]).view(np.uint8).reshape(-1, 2, 16)
        same = (both == np.frombuffer(wanted, np.uint8)).all(axis=2)
        return np.flatnonzero(same.any(axis=1))

    def connections(self, client: str, port: int, server: str = "") -> list[int]:
        """TCP conversations that an address opened to a port, of one server or of any, in order of their first packet."""
        found = []
        for number in self.rows_of(client).tolist():
            talk = self.talk(number)
            if talk.protocol != "tcp" or talk.address(talk.client_side) != client or int(talk.server["port"]) != port:
                continue
            if server in ("", talk.address(1 - talk.client_side)):
                found.append(number)
        return sorted(found, key=lambda number: int(self.talk(number).client["first_ns"]))


def pack_address(address: str) -> bytes:
    """An address as conversations hold it: 16 bytes, IPv4 as ::ffff:a.b.c.d."""
    packed = ipaddress.ip_address(address).packed
    return packed if len(packed) == 16 else b"\0" * 10 + b"\xff\xff" + packed


def parent(name: str) -> str:
    """The last two labels of a name: as near as names tell, whose they are."""
    return ".".join(name.rstrip(".").lower().split(".")[-2:])
