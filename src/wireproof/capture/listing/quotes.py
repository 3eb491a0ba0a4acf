"""What an ICMP error is about, which a record does not print: the packet that its receiver had sent and had no answer to.

Takes packets in order; sets `quoted`. Where several packets may be meant nothing is said.
"""

from __future__ import annotations

from collections import defaultdict

from wireproof.capture.listing.info import ARP, ICMP, ICMPV6
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.queries import has_known_port
from wireproof.capture.listing.times import SECOND

ERRORS = {ICMP: (3, 11), ICMPV6: (1, 2, 3)}
"""Types of messages that quote the packet they are about (RFC 792, RFC 4443)."""
PORT_CLOSED = {ICMP: (3, 3), ICMPV6: (1, 4)}
"""Type and code of the error that the addressed host itself sends."""
TOO_BIG = {ICMP: (3, 4), ICMPV6: (2, 0)}
WITHIN = 5 * SECOND
"""A router that asks for a host's adapter first gives up after three seconds; later errors are about something else."""


def quote_refused(packets: list[Packet]) -> None:
    """Note in each ICMP error which packet it quotes, where only one can be meant."""
    open_ones: dict[str, dict[str, Packet]] = defaultdict(dict)
    with_data: dict[str, dict[str, Packet]] = defaultdict(dict)
    last: dict[tuple[str, str], Packet] = {}
    for packet in packets:
        record, said = packet.record, packet.said
        if said.kind == ARP:
            continue
        if said.code[0] in ERRORS.get(said.kind, ()):
            if said.code == PORT_CLOSED[said.kind]:
                packet.quoted = last.get((record.target, record.source))
            else:
                sent = with_data if said.code == TOO_BIG[said.kind] else open_ones
                packet.quoted = _only(sent[record.target], packet)
            continue
        open_ones[record.target].pop(record.source, None)
        if packet.is_tcp and not packet.taken:
            continue  # nobody answers a lone ACK
        open_ones[record.source].pop(record.target, None)
        if has_known_port(packet):
            open_ones[record.source][record.target] = last[record.source, record.target] = packet
            if packet.payload:
                with_data[record.source][record.target] = packet
        else:
            last.pop((record.source, record.target), None)


def _only(sent: dict[str, Packet], error: Packet) -> Packet | None:
    """The packet that is meant, if what its sender still waits for is of one host; of what came before longer the error is not."""
    near = [packet for packet in sent.values() if error.time_ns - packet.time_ns <= WITHIN]
    return near[0] if len(near) == 1 else None
