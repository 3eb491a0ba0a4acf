"""Blanks bytes of a packet and keeps its transport checksum what it was: right, wrong, absent, or left to the adapter.

Takes a frame's bytes and offsets of its headers. RFC 1624 tells how a checksum follows a change.
"""

from __future__ import annotations

from collections.abc import Sequence

from wireproof.export.redact.spans import Patch, Span, blank
from wireproof.wire.checksum import ChecksumState, checksum_state, ones_complement_sum

CHECKSUM_AT = {1: 2, 6: 16, 17: 6, 58: 2}
"""Offset of the checksum in the headers of ICMP, TCP, UDP and ICMPv6."""
UDP = 17


def hide_in_packet(
    frame: bytes, spans: list[Span], headers: tuple[int, int, int], patches: Sequence[Patch] = ()
) -> bytes:
    """The frame with these stretches blanked, or with other bytes put there.

    `headers` are the offsets of its IP and transport headers, 0 for none, and the protocol.
    """
    network_at, transport_at, protocol = headers
    changed = blank(frame, spans, patches)
    at = transport_at + CHECKSUM_AT.get(protocol, 0)
    if (
        not transport_at
        or protocol not in CHECKSUM_AT
        or len(frame) < at + 2
        or changed[at : at + 2] != frame[at : at + 2]
    ):
        return changed
    stated = int.from_bytes(frame[at : at + 2], "big")
    left = checksum_state(frame, network_at, transport_at, protocol) is ChecksumState.PARTIAL
    if left or (protocol == UDP and not stated):
        return changed
    before, after = ones_complement_sum(frame[transport_at:]), ones_complement_sum(changed[transport_at:])
    updated = 0xFFFF - (0xFFFF - stated - before + after) % 0xFFFF
    # Of the two forms of zero, UDP's other one means that there is no checksum (RFC 768).
    updated = 0 if updated == 0xFFFF and protocol != UDP else updated
    return changed[:at] + updated.to_bytes(2, "big") + changed[at + 2 :]
