"""The events of an ETL that tell something, as a log: rows with time, process, thread and ends, and whose connections and sockets they name.

Takes the events of one capture; gives an `EtlLog`. Events that name a connection by its object only get the ends that another event names.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from wireproof.limits import limit, raise_limit
from wireproof.logs.endpoint_text import ANY, end_text
from wireproof.logs.etl_events import Endpoint, EtlFact, Value, decode_event, layouts_of
from wireproof.logs.etl_layout import Layout
from wireproof.logs.etl_layouts import LAYOUTS, PROVIDER_NAMES
from wireproof.logs.etl_wording import STATES, has_words, say, tells
from wireproof.logs.log import Anchor, Event, Log, pair_key

EVENTS = limit(
    "trace.events", 2_000_000, "events of an ETL that are looked through; beyond it a check would take minutes"
)
ROWS = limit("trace.rows", 200_000, "events of an ETL that are kept as rows, at a kilobyte each")
NOBODY = frozenset((0, 4, 0xFFFFFFFF))
"""Idle, System and none: work of every process runs in their context."""
ANCHORS = {
    "TcpTcbSynSend": "tcp-syn",
    "TcpConnectTcbComplete": "tcp-connect",
    "TcpConnectTcbFailedRcvdRst": "tcp-reset",
    "TcpConnectionTerminatedRcvdRst": "tcp-reset",
}
"""Kinds of anchors by the event that is one."""
DRIVERS = frozenset(("TCPIP", "Winsock-AFD", "Kernel-Network", "WFP"))
"""Providers that log in the context of whatever runs just then."""
OWN_CALLS = frozenset(("TcpRequestConnect",))
"""Events that are logged in the context of the process that calls."""
SECOND = 1_000_000_000
NAMED_VERSIONS = 5

STREAM, DATAGRAM, TCP, UDP = 1, 2, 6, 17
SOCKET_PROTOCOLS: dict[tuple[Value, Value], str] = {
    (STREAM, TCP): "tcp",
    (STREAM, 0): "tcp",
    (DATAGRAM, UDP): "udp",
    (DATAGRAM, 0): "udp",
}
"""By type and protocol of a socket, as winsock2.h numbers them."""

Kind = tuple[uuid.UUID, int, int]
"""Provider, id and version of an event."""
Claimed = tuple[str, Endpoint, Endpoint | None]
"""Protocol, own end, and other end; None for whatever arrives at the own one."""


class BinaryEvent(Protocol):
    """An event as an ETL holds it."""

    @property
    def time_ns(self) -> int:
        """When it was logged, nanoseconds since 1970, UTC."""

    @property
    def provider(self) -> uuid.UUID:
        """Who logged it."""

    @property
    def event_id(self) -> int:
        """Its number among those of the provider."""

    @property
    def version(self) -> int:
        """The version of its layout."""

    @property
    def process_id(self) -> int:
        """The process in whose context it was logged."""

    @property
    def thread_id(self) -> int:
        """The thread in whose context it was logged."""

    @property
    def data(self) -> bytes:
        """Its fields, packed."""


@dataclass(frozen=True, slots=True)
class EtlRow:
    """One event. `process_id` and `thread_id` are those in whose context it was logged, `pid` is the process that it is about, 0 for none.

    `local` and `remote` are the ends of its connection, as it or another event of the same connection object names them; None for none.
    """

    time_ns: int
    provider: str
    event_id: int
    fact: EtlFact
    process_id: int
    thread_id: int
    local: Endpoint | None = None
    remote: Endpoint | None = None

    @property
    def pid(self) -> int:
        """The process that the event names."""
        return self.fact.pid

    @property
    def actor(self) -> int:
        """The process that the event names, or that logged it itself; 0 for a driver's event that names none."""
        return self.pid or (0 if self.provider in DRIVERS else self.process_id)

    @property
    def text(self) -> str:
        """What it says."""
        return say(self.fact, self.local, self.remote)


@dataclass(slots=True, kw_only=True)
class EtlLog(Log):
    """The events of one ETL; rows count from 1 where findings name them as lines.

    `owners` has the process of each connection and socket that events name, and the row that says so, 0 for an event that is none. `passed`
    counts events without words, `unknown` those of versions that are not known (provider, event id, version), `unfit` those whose bytes are
    not as their layout says.
    """

    title: ClassVar[str] = "ETL events"

    unit: str = "event"
    rows: list[EtlRow] = field(default_factory=list)
    owners: dict[Claimed, tuple[int, int]] = field(default_factory=dict)
    passed: int = 0
    unknown: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    unfit: Counter[tuple[str, int, int]] = field(default_factory=Counter)

    def events(self) -> Iterator[Event]:
        """What happened; how things stood when the trace began is left out."""
        for number, row in enumerate(self.rows, 1):
            if row.fact.name not in STATES:
                yield Event(row.time_ns, row.text, number, 0, row.actor)

    def anchors(self) -> Iterator[Anchor]:
        """What frames show at the same moment: SYNs, handshakes and resets whose ends are known."""
        for number, row in enumerate(self.rows, 1):
            kind = ANCHORS.get(row.fact.name)
            if kind and row.local and row.remote:
                yield Anchor(row.time_ns, number, kind, pair_key(end_text(row.local), end_text(row.remote)))

    def line_text(self, number: int) -> str:
        """A row as text, counted from 1; empty for none."""
        if not 0 < number <= len(self.rows):
            return ""
        row = self.rows[number - 1]
        clock = datetime.fromtimestamp(row.time_ns // SECOND, UTC)
        who = f" process {row.actor}" if row.actor else ""
        return f"{clock:%H:%M:%S}.{row.time_ns % SECOND // 1000:06}{who} {row.text}"


def telling_kinds(kinds: Iterable[Kind]) -> set[Kind]:
    """Those kinds of events that are rows, or name an owner or the ends of a connection: the others need not be read."""
    return {kind for kind in kinds if any(_is_telling(layout) for layout in layouts_of(*kind))}


def _is_telling(layout: Layout) -> bool:
    fields = {field.partition(":")[0] for field in layout.fields.split()}
    return has_words(layout.name) or "pid" in fields or {"local", "endpoint"} <= fields


def read_events(
    events: Iterable[BinaryEvent], file: str, pointer_size: int = 8, others: Mapping[Kind, int] | None = None
) -> EtlLog:
    """The log that the events of a capture are; `others` says how many there are of kinds that are not among them."""
    reading = _Reading(EtlLog(file=file, in_utc=True), pointer_size)
    for kind, count in (others or {}).items():
        reading.miss(kind, count, is_read=False)
    for turn, event in enumerate(events):
        if turn >= EVENTS.value:
            reading.log.notes.append(f"only the first {turn:,} events are read; {raise_limit(EVENTS)}")
            break
        reading.take(event)
    reading.finish()
    return reading.log


@dataclass(slots=True)
class _Reading:
    """A log while it is read. Connections and sockets are objects in memory, whose addresses tie events together until used again."""

    log: EtlLog
    pointer_size: int
    left_out: int = 0
    ends: dict[int, tuple[Endpoint, Endpoint]] = field(default_factory=dict)
    sockets: dict[int, tuple[int, str]] = field(default_factory=dict)

    def take(self, event: BinaryEvent) -> None:
        """Add one event."""
        fact = decode_event(event.provider, event.event_id, event.data, self.pointer_size, event.version)
        provider = PROVIDER_NAMES.get(event.provider, "")
        if fact is None:
            self.miss((event.provider, event.event_id, event.version))
            return
        who = event.process_id, event.thread_id
        row = EtlRow(event.time_ns, provider, event.event_id, fact, *who, *self._tie(fact))
        self._own(row, self._keep(row))

    def _keep(self, row: EtlRow) -> int:
        """Add a row where it tells something and there is room: its number, 0 where it is none."""
        if not tells(row.fact):
            self.log.passed += 1
        elif len(self.log.rows) >= ROWS.value:
            self.left_out += 1
        else:
            self.log.rows.append(row)
            return len(self.log.rows)
        return 0

    def finish(self) -> None:
        """Add the notes that are only known at the end."""
        notes = self.log.notes
        if self.left_out:
            notes.append(
                f"{self.left_out:,} events after {len(self.log.rows):,} rows are left out; {raise_limit(ROWS)}"
            )
        for missed, why in (
            (self.log.unknown, "events left out because their version is not known"),
            (self.log.unfit, "events left out because they are not laid out as known"),
        ):
            if missed:
                named = [f"{name} {number} version {version}" for name, number, version in sorted(missed)]
                more = f" and {len(named) - NAMED_VERSIONS} more kinds" if len(named) > NAMED_VERSIONS else ""
                notes.append(f"{why}: {missed.total():,} ({', '.join(named[:NAMED_VERSIONS])}{more})")

    def miss(self, kind: Kind, count: int = 1, *, is_read: bool = True) -> None:
        """Count events of one kind that give no fields; what was not read may be as its layout says."""
        provider, number, version = kind
        key = (PROVIDER_NAMES.get(provider, ""), number, version)
        if number in LAYOUTS.get(provider, {}) and not layouts_of(*kind):
            self.log.unknown[key] += count
        elif is_read and layouts_of(*kind):
            self.log.unfit[key] += count
        else:
            self.log.passed += count

    def _tie(self, fact: EtlFact) -> tuple[Endpoint | None, Endpoint | None]:
        """The ends of an event's connection: its own, or those that the last event of the same connection object named."""
        local, remote = fact.endpoint("local"), fact.endpoint("remote")
        tie = fact.fields.get("tcb")
        if not isinstance(tie, int):
            return local, remote
        if local and remote:
            self.ends[tie] = local, remote
        return self.ends.get(tie, (local, remote))

    def _own(self, row: EtlRow, number: int) -> None:
        """Note whose a connection or a socket is; the last one said counts."""
        fact, local, remote, owners = row.fact, row.local, row.remote, self.log.owners
        protocol = _protocol(fact)
        socket = fact.fields.get("endpoint")
        if isinstance(socket, int) and row.pid and protocol:
            self.sockets[socket] = row.pid, protocol
        if local and remote and row.pid:
            owners[protocol, local, remote] = row.pid, number
        elif local and remote and fact.name in OWN_CALLS and row.process_id not in NOBODY:
            owners.setdefault((protocol, local, remote), (row.process_id, number))
        elif local and local[1] and local[0] not in ANY and isinstance(socket, int) and socket in self.sockets:
            pid, protocol = self.sockets[socket]
            owners[protocol, local, None] = pid, number


def _protocol(fact: EtlFact) -> str:
    """The protocol of the connection or socket that an event is about; "" for another, and where the end of a call does not repeat it."""
    if fact.name == "AfdCreate":
        return SOCKET_PROTOCOLS.get((fact.fields["type"], fact.fields["protocol"]), "")
    return "udp" if fact.name.startswith("Udp") else "tcp"
