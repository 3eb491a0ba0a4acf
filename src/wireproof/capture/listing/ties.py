"""Which TCP connection a record belongs to that names a message and no ports.

Takes packets in order; fills in their ports. Knows no frame.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from dataclasses import dataclass, field

from wireproof.capture.listing.connections import are_relative
from wireproof.capture.listing.info import ABOVE, ACK, FIN, RST, SYN, TCP
from wireproof.capture.listing.packet import ALL, Packet
from wireproof.capture.listing.ports import stand_in_port

End = tuple[str, int]
Anchor = tuple[int, int, bool]
"""Where a number of a stream is printed: place in the listing, number, whether its sender printed it."""

SERVICE_PORTS = {
    "HTTP": (80, 8080), "HTTP/XML": (80, 8080, 5357), "SMTP": (25, 587), "IMF": (25, 587), "SIP": (5060, 5061), "TDS": (1433,),
    "TPKT": (3389, 102), "RDP": (3389,), "COTP": (3389, 102), "SMB": (445, 139), "SMB2": (445,), "NBSS": (139, 445), "LDAP": (389, 3268),
    "KRB5": (88,), "DCERPC": (135,), "EPM": (135,), "MSRPC": (135,), "DCOM": (135,), "FTP": (21,), "FTP-DATA": (20,), "POP": (110,), "IMAP": (143,),
    "SSH": (22,), "SSHV2": (22,), "DNS": (53,), "MYSQL": (3306,), "RTSP": (554,), "TELNET": (23,),
}  # fmt: skip
MAYBE_UDP = {"SIP", "DNS", "KRB5", "LDAP", "RTSP"}
"""Protocols that UDP carries as well: without a line on TCP nothing tells which it was."""
MAYBE_TCP: dict[str, frozenset[int]] = {"DNS": frozenset((53,)), "STUN": frozenset(), "CLASSIC-STUN": frozenset()}
"""Protocols of UDP that TCP carries as well, with the ports of the connections that do; empty where these may have any port."""
NEVER = 1 << 62
CANDIDATES, COMING, ANCHORS = 64, 8, 8
"""Connections of one pair of hosts that a message is compared with: those used last, and those that begin next."""
TLS_PORTS = (443, 5061, 636, 993, 8443)


@dataclass(slots=True)
class _Known:
    """What TCP lines tell of one connection: where its numbers stand, by side; who sent data last; where a reset, and each side's FIN, is."""

    ends: tuple[End, End]
    first: int
    opens: bool = False
    anchors: tuple[list[Anchor], list[Anchor]] = field(default_factory=lambda: ([], []))
    closed_at: int = NEVER
    ended_at: list[int] = field(default_factory=lambda: [NEVER, NEVER])
    now: list[int | None] = field(default_factory=lambda: [None, None])
    spoke: int = -1

    def may_send(self, place: int, packet: Packet) -> bool:
        """Whether the connection stands at a place, and its sender has not said that it has sent all."""
        side = int(packet.record.source != self.ends[0][0])
        return self.first <= place < min(self.closed_at, self.ended_at[side])


class _Pairs:
    """What is known of all connections, by ends and by pair of addresses; of each pair those that were used last."""

    def __init__(self, packets: list[Packet]) -> None:
        self.of_ends: dict[frozenset[End], _Known] = {}
        self._of_pair: dict[frozenset[str], list[_Known]] = defaultdict(list)
        self._is_relative = are_relative(packets)
        self._recent: dict[frozenset[str], dict[int, _Known]] = defaultdict(dict)
        for place, packet in enumerate(packets):
            if packet.said.kind == TCP:
                self._learn(place, packet)

    def _learn(self, place: int, packet: Packet) -> None:
        ends, said = packet.ends, packet.said
        one = self.of_ends.get(frozenset(ends))
        if one is None:
            one = self.of_ends[frozenset(ends)] = _Known(ends, place, opens=bool(packet.flags & SYN))
            if self._is_relative[packet.record.style] and not one.opens:
                one.now = [1, 1]
            self._of_pair[_pair(packet)].append(one)
        side = int(ends[0] != one.ends[0])
        if said.seq is not None and not said.has("Retransmi", "Keep-Alive", "ReTransmit"):
            one.anchors[side].append((place, said.seq, True))
        if said.ack is not None:
            one.anchors[1 - side].append((place, said.ack, False))
        if packet.flags & RST and one.closed_at > place:
            one.closed_at = place
        elif packet.flags & (SYN | ACK) == SYN:
            one.closed_at, one.ended_at = NEVER, [NEVER, NEVER]
        if packet.flags & FIN:
            one.ended_at[side] = min(one.ended_at[side], place)

    def use(self, one: _Known, packet: Packet) -> None:
        """Remember that a packet of this connection came last."""
        recent = self._recent[_pair(packet)]
        recent.pop(id(one), None)
        recent[id(one)] = one

    def candidates(self, place: int, packet: Packet) -> list[_Known]:
        """The connections that a message may belong to: those used last, and those that come next."""
        pair = _pair(packet)
        known = self._of_pair[pair]
        at = bisect.bisect_right(known, place, key=lambda one: one.first)
        coming = [one for one in known[at : at + COMING] if not one.opens]
        recent = list(self._recent[pair].values())[-CANDIDATES:]
        return coming[::-1] + recent or known[at : at + 1]

    def carry(self, place: int, packet: Packet) -> bool:
        """Whether a message whose protocol is mostly seen over UDP came in an open connection of its hosts: its line names no ports."""
        ports = MAYBE_TCP.get(packet.record.protocol.upper())
        if ports is None or packet.said.source_port is not None:
            return False
        return any(
            one.may_send(place, packet) and (not ports or ports & {one.ends[0][1], one.ends[1][1]})
            for one in self.candidates(place, packet)
        )


def _pair(packet: Packet) -> frozenset[str]:
    return frozenset((packet.record.source, packet.record.target))


def tie_messages(packets: list[Packet]) -> int:
    """Give ports to the messages whose records name none. Returns how many got made-up ones.

    Where several connections of the hosts may have carried a message, it is taken for one of them and marked with all of these. A message
    of hosts without any line on TCP stays ABOVE where its protocol does not say what carried it: see `is_lost`.
    """
    pairs = _Pairs(packets)
    made_up = 0
    for place, packet in enumerate(packets):
        if packet.said.kind == TCP:
            one = pairs.of_ends[frozenset(packet.ends)]
            _follow(one, packet)
            pairs.use(one, packet)
        elif packet.said.kind == ABOVE or pairs.carry(place, packet):
            packet.said.kind = ABOVE
            found = pairs.candidates(place, packet)
            possible = _narrow(found, place, packet)
            packet.maybe_of = [one.first for one in possible] if len(possible) > 1 else []
            chosen = _choose(possible, place, packet) if possible else _make_up(packet)
            if chosen is not None:
                made_up += not found
                _join(chosen, packet)
                pairs.use(chosen, packet)
    return made_up


def is_lost(packet: Packet) -> bool:
    """Whether nothing tells which connection a message belongs to, or whether it came over TCP at all."""
    return packet.said.kind == ABOVE and packet.said.source_port is None


def _follow(one: _Known, packet: Packet) -> None:
    side, said = int(packet.ends[0] != one.ends[0]), packet.said
    if said.payload:
        one.spoke = side
    if said.seq is not None:
        end = said.seq + (said.payload or 0) + bool(packet.flags & SYN) + bool(packet.flags & FIN)
        now = one.now[side]
        one.now[side] = end if now is None or packet.flags & SYN else max(now, end)


def _narrow(candidates: list[_Known], place: int, packet: Packet) -> list[_Known]:
    """The connections that a message may belong to: of its service, open, and lacking as many bytes as it may have."""
    if len(candidates) < 2:
        return candidates
    ports = _service_ports(packet.record.protocol)
    of_service = [one for one in candidates if {one.ends[0][1], one.ends[1][1]} & set(ports)]
    open_now = [one for one in (of_service or candidates) if one.may_send(place, packet)]
    chosen = open_now or of_service or candidates
    lacks = [_lacks(one, place, packet) for one in chosen]
    least = 2 if lacks.count(2) == 1 else 0
    return [one for one, lack in zip(chosen, lacks, strict=True) if lack >= least] or chosen


def _choose(possible: list[_Known], place: int, packet: Packet) -> _Known:
    """The connection that a message most likely belongs to."""
    return max(
        enumerate(possible), key=lambda each: (_lacks(each[1], place, packet), *_turn(each[1], each[0], packet))
    )[1]


def _turn(one: _Known, rank: int, packet: Packet) -> tuple[bool, int]:
    """Whether it is the sender's turn there: of connections that wait for its answer the one that waits longest, else the last used."""
    waits = one.spoke == 1 - int(packet.record.source != one.ends[0][0])
    return waits, -rank if waits else rank


def _service_ports(protocol: str) -> tuple[int, ...]:
    name = protocol.upper()
    if name.startswith(("TLS", "SSL")):
        return TLS_PORTS
    return SERVICE_PORTS.get(name) or SERVICE_PORTS.get(name.partition("/")[0], ())


def _lacks(one: _Known, place: int, packet: Packet) -> int:
    """How well a message of this length fits what the connection's next line says: 2 exactly, 1 maybe, 0 unknown, -1 not at all."""
    side = int(packet.record.source != one.ends[0][0])
    now = one.now[side]
    later = bisect.bisect_right(one.anchors[side], (place, ALL, True))
    for _, number, is_own in one.anchors[side][later : later + ANCHORS] if now is not None else ():
        need = number - (now or 0)
        if need > 0:
            return 2 if packet.payload == need else 1 if (packet.payload or 1) <= need else -1
        if is_own:
            return -1
    return 0


def _join(one: _Known, packet: Packet) -> None:
    side = int(packet.record.source != one.ends[0][0])
    packet.said.source_port, packet.said.target_port = one.ends[side][1], one.ends[1 - side][1]
    now = one.now[side]
    one.spoke = side
    if now is not None and not packet.said.has("Retransmi", "Out-Of-Order"):
        one.now[side] = now + (packet.payload or 1)


def _make_up(packet: Packet) -> _Known | None:
    """A connection that no line shows the ports of: the service's at the side that is asked, one of the dynamic range at the other."""
    ports = _service_ports(packet.record.protocol)
    if not ports or packet.record.protocol.upper().partition("/")[0] in MAYBE_UDP:
        return None
    source, target = packet.record.source, packet.record.target
    answers = packet.said.words.startswith(("HTTP/1", "S: ", "Response", "Server Hello", "220 "))
    own, other = (source, stand_in_port(source, target)), (target, ports[0])
    if answers:
        own, other = (source, ports[0]), (target, stand_in_port(target, source))
    return _Known((own, other), 0)
