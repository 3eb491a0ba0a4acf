"""Case: the captures of one incident and the facts computed from them, each once and on first use.

Holds inputs and cached facts; has no analysis of its own. Rules and reports ask it, nobody tells it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from wireproof.errors import CaseError, Fence

if TYPE_CHECKING:
    from wireproof.align.journeys import Alignment
    from wireproof.align.translation import Nat
    from wireproof.capture.frames import Capture
    from wireproof.conversations import CaptureTables, Conversations, Talk
    from wireproof.decrypt.clear import Clear
    from wireproof.decrypt.keys.ring import KeyRing, KeySource
    from wireproof.logs.etl_log import EtlLog
    from wireproof.logs.log import Log
    from wireproof.messages.arp import ArpTable
    from wireproof.messages.certificates import CertificateAtHand
    from wireproof.messages.coverage import Coverage
    from wireproof.messages.dns import DnsTable
    from wireproof.messages.dns_exchanges import DnsExchanges
    from wireproof.messages.icmp import IcmpErrors
    from wireproof.messages.markers import Marker
    from wireproof.messages.ncsi import NcsiProbe
    from wireproof.messages.said import Said
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.messages.table import MessageTable
    from wireproof.messages.vantage import Vantage
    from wireproof.processes.logs.clocks import LogClock
    from wireproof.processes.ownership.owners import Ownership
    from wireproof.processes.timeline import Timeline
    from wireproof.table import PacketTable

L = TypeVar("L", bound="Log")
NAMES_PROCESSES = frozenset(("etl", "netmon", "listing"))
"""Formats of captures that may say whose a frame is; others only in comments on frames."""


@dataclass(eq=False)
class Point:
    """One capture point: a name, the file, and its tables. `index` is its place among the case's points."""

    name: str
    file: str
    tables: CaptureTables
    index: int = 0
    clear: Clear | None = None
    """Its TLS sessions that were opened, and what became of the others; None where nobody tried."""

    @property
    def capture(self) -> Capture:
        """The open capture."""
        return self.tables.capture

    @property
    def packets(self) -> PacketTable:
        """Its packet table."""
        return self.tables.packets

    @property
    def conversations(self) -> Conversations:
        """Its conversations."""
        return self.tables.conversations

    @property
    def arp(self) -> ArpTable:
        """Its ARP messages."""
        return self.said.arp

    @functools.cached_property
    def events(self) -> EtlLog | None:
        """The events beside its packets, as a log whose clock is the capture's; None for a capture that has none.

        Without packets only its events can tell how its clock is set beside others.
        """
        if self.capture.format != "etl":
            return None
        from wireproof.capture.etl.reader import EtlReader
        from wireproof.logs.etl_log import read_events, telling_kinds

        capture = self.capture
        if not isinstance(capture, EtlReader) or not (others := capture.event_kinds()):
            return None
        kinds = telling_kinds(others)
        events = capture.etl_events(kinds=kinds)
        for kind in kinds:
            del others[kind]
        log = read_events(events, self.file, capture.header.pointer_size, others)
        if self.packets.frames:
            log.point, log.of_capture = self.name, True
        return log

    @functools.cached_property
    def icmp_errors(self) -> IcmpErrors:
        """Its ICMP errors."""
        from wireproof.messages.icmp import build_icmp_errors

        return build_icmp_errors(self.tables)

    @functools.cached_property
    def markers(self) -> list[Marker]:
        """Its marker pings, by which somebody marked moments."""
        from wireproof.messages.markers import find_markers

        return find_markers(self.tables)

    @functools.cached_property
    def dns(self) -> DnsTable:
        """Its DNS messages."""
        from wireproof.messages.dns import build_dns

        return build_dns(self.tables)

    @functools.cached_property
    def dns_exchanges(self) -> DnsExchanges:
        """Its DNS queries with their answers."""
        from wireproof.messages.dns_exchanges import pair_dns

        return pair_dns(self.dns)

    @functools.cached_property
    def said(self) -> Said:
        """What its conversations said: the messages of application protocols and tunnels."""
        from wireproof.messages.said import Said

        return Said(self.tables, self.clear)

    @functools.cached_property
    def ncsi(self) -> MessageTable[NcsiProbe]:
        """Its probes for a way to the internet (Windows' Network Connectivity Status Indicator)."""
        from wireproof.messages.ncsi import build_ncsi

        return build_ncsi(self.dns_exchanges, self.said.http)

    @functools.cached_property
    def directaccess(self) -> Timeline | None:
        """The connection process of a DirectAccess client; None where nothing shows one."""
        from wireproof.processes.glance import may_show_directaccess

        if not may_show_directaccess(self.conversations, self.said.protocols, self.dns):
            return None
        from wireproof.processes.directaccess import find_directaccess

        return find_directaccess(self.tables, self.said, self.dns)

    @functools.cached_property
    def coverage(self) -> Coverage:
        """What it leaves out of its conversations."""
        from wireproof.messages.coverage import measure_coverage

        return measure_coverage(self.tables)

    @functools.cached_property
    def vantage(self) -> Vantage:
        """Where it was taken: the capturing host, as far as its frames tell."""
        from wireproof.messages.vantage import find_vantage

        return find_vantage(self.tables)

    def talk(self, number: int) -> Talk:
        """One conversation."""
        return self.conversations[number]

    def frame(self, row: int) -> bytes:
        """The bytes of one frame, fetched again from the file (of a derived frame: from where it was put together)."""
        return self.frames([row])[0]

    def frames(self, rows: Sequence[int]) -> list[bytes]:
        """The bytes of several frames."""
        return self.tables.read_frames(rows)

    def time_s(self, row: int) -> float:
        """Seconds since the capture's first frame."""
        return self.packets.time_s(row)


def _sip_of(point: Point) -> MessageTable[SipMessage]:
    return point.said.sip


@dataclass(eq=False)
class Case:
    """All points of one incident, in the order in which they were given."""

    points: list[Point]
    title: str = ""
    notes: list[str] = field(default_factory=list)
    path_order: list[str] | None = None
    """Point names from client to server where `case.toml` states them; None to find out."""
    nat: list[Nat] = field(default_factory=list)
    """Address translations that `case.toml` states."""
    certificates: list[CertificateAtHand] = field(default_factory=list)
    """Certificates that were given beside the captures: a client's own, roots that a server trusts."""
    logs: list[Log] = field(default_factory=list)
    """Logs and command outputs that were given beside the captures."""
    keys: KeyRing | None = None
    """The keys that its TLS sessions were opened with; None where none are at hand."""
    key_sources: list[KeySource] = field(default_factory=list)
    """Every file or block of keys, those that hold nothing useful included, and how many sessions each opened."""

    _log_clocks: dict[tuple[int, int], LogClock] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for index, point in enumerate(self.points):
            point.index = index
        names = [point.name for point in self.points]
        if len(set(names)) != len(names):
            raise CaseError(
                f"two captures have one name: {', '.join(sorted({n for n in names if names.count(n) > 1}))}"
            )

    @functools.cached_property
    def alignment(self) -> Alignment:
        """Clocks, paired conversations and paired packets of all points; empty for a single point.

        Where comparing the points fails, it is empty too, and a note says so: each capture is then judged by itself.
        """
        from wireproof.align.assemble import align, leave_apart

        # What each capture shows by itself must not be lost to a defect in comparing them.
        with Fence("comparing the captures", self._note_apart):
            return align(self.points, self.path_order, self.nat)
        return leave_apart(self.points)

    def _note_apart(self, defect: str) -> None:
        self.notes.append(f"{defect}. Each capture was judged by itself")

    def logs_of(self, kind: type[L]) -> list[L]:
        """The logs of one kind, in the order in which they were given."""
        return [log for log in self.logs if isinstance(log, kind)]

    @property
    def every_log(self) -> list[Log]:
        """The logs that were given, and the events of captures."""
        return [*self.logs, *(point.events for point in self.points if point.events)]

    @functools.cached_property
    def ownership(self) -> Ownership:
        """The process at each end of each conversation, as far as a capture or a log names it."""
        from wireproof.processes.ownership.owners import Ownership

        if not self.logs and not any(_may_name_processes(point.capture) for point in self.points):
            return Ownership()
        from wireproof.processes.ownership.ends import find_owners

        with Fence("looking for the processes of conversations", self.notes.append):
            return find_owners([point.tables for point in self.points], self.every_log)
        return Ownership()

    @functools.cached_property
    def logged_sip(self) -> list[LoggedSip]:
        """The SIP messages of its logs, in the form of those of captures."""
        if not self.logs:
            return []
        from wireproof.logs.sip_log import SipLog
        from wireproof.messages.sip_logged import build_logged_sip

        return [build_logged_sip(log) for log in self.logs_of(SipLog)]

    def log_clock(self, log: Log, point: Point | None = None) -> LogClock:
        """How far the clock of one of its logs is from the first capture's: stated, told by events, or not known.

        With a point: how far it is from that point's own clock, as stated or told by that point alone.
        """
        key = (id(log), point.index if point else -1)
        if key not in self._log_clocks:
            self._log_clocks[key] = self._find_log_clock(log, point)
        return self._log_clocks[key]

    def _find_log_clock(self, log: Log, point: Point | None) -> LogClock:
        from wireproof.processes.logs.clocks import LogClock, find_log_clock
        from wireproof.processes.logs.sights import Witness

        if log.of_capture:
            return self._clock_of_events(self.point(log.point), point or self.points[0])

        def witness(one: Point) -> Witness:
            sip = functools.partial(_sip_of, one)
            if point is not None:
                return Witness(one.name, one.tables, sip, int)
            is_compared = one.index == 0 or self.alignment.clocks[one.index].group == 0
            return Witness(one.name, one.tables, sip, functools.partial(self.reference_ns, one), is_compared)

        with Fence(f"looking for the clock of {log.file}", self.notes.append):
            return find_log_clock(log, [witness(one) for one in ([point] if point else self.points)])
        return LogClock()

    def _clock_of_events(self, own: Point, seen: Point) -> LogClock:
        """The clock of the events beside a capture's packets, seen from a point: that of the capture."""
        from wireproof.processes.logs.clocks import LogClock

        if own is seen:
            return LogClock(known=True, stated=True)
        start_ns = int(own.packets.time_ns[0])
        compared = all(one.index == 0 or self.alignment.clocks[one.index].group == 0 for one in (own, seen))
        apart_ns = self.reference_ns(own, start_ns) - self.reference_ns(seen, start_ns)
        return LogClock(known=compared, offset_ns=apart_ns, stated=True)

    def reference_ns(self, point: Point, time_ns: int) -> int:
        """A time of one point on the first point's clock."""
        if len(self.points) < 2:
            return time_ns
        clock = self.alignment.clocks[point.index]
        return time_ns + clock.offset_ns + int((time_ns - clock.epoch_ns) * (clock.drift_ppm / 1e6))

    def point(self, name: str) -> Point:
        """The point of that name. Raises CaseError when there is none."""
        for point in self.points:
            if point.name == name:
                return point
        raise CaseError(f"no capture is named {name!r}")


def _may_name_processes(capture: Capture) -> bool:
    return capture.format in NAMES_PROCESSES or bool(capture.comments.get(1))
