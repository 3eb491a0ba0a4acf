"""TCP and UDP checksums (RFC 1071, RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1): right, wrong, or left to the adapter.

Takes a frame's bytes and offsets of its IP and transport headers. Judges nothing: an offloaded checksum is a state of its own.
"""

from __future__ import annotations

import enum
import struct

CHECKSUM_AT = {6: 16, 17: 6}
"""Offset of the checksum in the TCP and the UDP header."""


class ChecksumState(enum.Enum):
    """What a transport checksum is: `PARTIAL` is the sum of the pseudo header only, which an adapter is to complete."""

    RIGHT = "right"
    PARTIAL = "partial"
    ABSENT = "absent"
    WRONG = "wrong"


def ones_complement_sum(data: bytes) -> int:
    """Sum of the big-endian 16-bit words with end-around carry, 0 to 0xffff."""
    if len(data) & 1:
        data += b"\0"
    number = int.from_bytes(data, "big")
    # 2**16 is 1 modulo 0xffff, so the remainder is the sum of the words; only all zeros sum to 0.
    return number % 0xFFFF or (0xFFFF if number else 0)


def checksum_state(frame: bytes, network_at: int, transport_at: int, protocol: int) -> ChecksumState | None:
    """The state of a TCP or UDP checksum; None when the frame is cut or its headers leave it open.

    A UDP checksum of 0 over IPv4 is `ABSENT` and allowed (RFC 768); a TCP checksum of 0 is `PARTIAL`.
    """
    at = CHECKSUM_AT.get(protocol)
    segment = _segment(frame, network_at, transport_at)
    if at is None or segment is None or len(segment) < at + 2:
        return None
    if protocol == 17 and 8 <= (stated_size := struct.unpack_from("!H", segment, 4)[0]) <= len(segment):
        segment = segment[:stated_size]
    pseudo = _pseudo_sum(frame, network_at, protocol)
    stated = struct.unpack_from("!H", segment, at)[0]
    if stated == 0 and protocol == 17:
        return ChecksumState.ABSENT
    if (ones_complement_sum(segment) + pseudo + len(segment)) % 0xFFFF == 0:
        return ChecksumState.RIGHT
    # With TSO, Windows leaves the length out of the pseudo header, which the adapter adds for each segment.
    left_open = {pseudo % 0xFFFF, (pseudo + len(segment)) % 0xFFFF, 0}
    return ChecksumState.PARTIAL if stated % 0xFFFF in left_open else ChecksumState.WRONG


def _segment(frame: bytes, network_at: int, transport_at: int) -> bytes | None:
    """The transport header and its payload; None when not all of it is there."""
    if not 0 <= network_at < transport_at < len(frame) or transport_at < network_at + header_bytes(frame[network_at]):
        return None
    if frame[network_at] >> 4 == 4:
        total = struct.unpack_from("!H", frame, network_at + 2)[0]
        end = network_at + total if total else len(frame)
    else:
        total = struct.unpack_from("!H", frame, network_at + 4)[0]
        end = network_at + 40 + total if total else len(frame)
    return frame[transport_at:end] if transport_at < end <= len(frame) else None


def header_bytes(first: int) -> int:
    """Least length of the IP header that starts with this byte."""
    return 20 if first >> 4 == 4 else 40


def _pseudo_sum(frame: bytes, network_at: int, protocol: int) -> int:
    """Sum of addresses and protocol number; the length is left to the caller."""
    start, end = (12, 20) if frame[network_at] >> 4 == 4 else (8, 40)
    return ones_complement_sum(frame[network_at + start : network_at + end]) + protocol
