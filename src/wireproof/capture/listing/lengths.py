"""Payloads by the length of frames: what is left when the headers are taken off that other frames of the sender have.

Takes packets in order; fills in `payload` where no words give it. Knows no connection.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from wireproof.capture.listing.info import ABOVE, SYN, TCP, Said
from wireproof.capture.listing.packet import Packet

PADDED = 60
"""Ethernet fills shorter frames up to this; whether a frame of this length was shorter can't be told."""
DATA_WEIGHT = 1000
STAMPS = 12
"""Bytes of the time stamp option with its padding (RFC 7323)."""
Way = tuple[str, str]


def take_lengths(packets: list[Packet]) -> None:
    """Give the messages over TCP whose frames' lengths are printed their payloads."""
    headers: dict[Way, Counter[int]] = defaultdict(Counter)
    every: Counter[int] = Counter()
    stamped: dict[frozenset[str], bool] = defaultdict(bool)
    for packet in packets:
        length, said = packet.record.length, packet.said
        if length and said.kind == TCP and said.payload is not None and not packet.flags & SYN and length != PADDED:
            way = (packet.record.source, packet.record.target)
            # Of a frame without data the adapter may have filled up what is inside a tunnel.
            weight = DATA_WEIGHT if said.payload else 1
            header = length - said.payload - _options(said)
            headers[way][header] += weight
            every[header] += weight
            stamped[frozenset(way)] = stamped[frozenset(way)] or said.stamps is not None
    unpadded = {p.record.source for p in packets if p.record.length and p.record.length < PADDED}
    for packet in packets:
        length = packet.record.length
        if not length or packet.said.kind not in (TCP, ABOVE) or packet.said.payload is not None:
            continue
        own = headers.get((packet.record.source, packet.record.target)) or headers.get(
            (packet.record.target, packet.record.source)
        )
        usual = _usual(own or every) or (74 if ":" in packet.record.source else 54)
        usual += STAMPS * stamped[frozenset((packet.record.source, packet.record.target))]
        if length > usual and (length != PADDED or packet.record.source in unpadded):
            packet.payload = length - usual


def _options(said: Said) -> int:
    """Bytes of the options that the words show, with their padding."""
    return STAMPS * (said.stamps is not None) + (4 + 8 * len(said.sacked) if said.sacked else 0)


def _usual(counts: Counter[int]) -> int:
    return min(counts, key=lambda size: (-counts[size], size)) if counts else 0
