"""TCP segments and UDP datagrams as frames: link header, IPv4 or IPv6, TCP or UDP with right checksums. Many at a time, as columns.

Takes records of segments, what their directions share, and the bytes they carry; gives what stands before those bytes. Layouts: RFC 768,
RFC 791, RFC 8200, RFC 9293.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.export._frames import HeadPacker

if TYPE_CHECKING:
    from wireproof.export.ends import Ends

TCP, UDP = 6, 17
DONT_FRAGMENT = 0x4000
WINDOW = 65_535

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Columns = NDArray[Any]

IPV4 = np.dtype(
    [
        ("first", ">u2"), ("length", ">u2"), ("ident", ">u2"), ("fragment", ">u2"), ("ttl", "u1"), ("protocol", "u1"), ("checksum", ">u2"),
        ("addresses", "u1", 8),
    ]
)  # fmt: skip
IPV6 = np.dtype([("first", ">u4"), ("length", ">u2"), ("next", "u1"), ("hops", "u1"), ("addresses", "u1", 32)])
TCP_FIELDS = np.dtype(
    [
        ("ports", ">u2", 2), ("seq", ">u4"), ("ack", ">u4"), ("offset_flags", ">u2"), ("window", ">u2"), ("checksum", ">u2"), ("urgent", ">u2"),
    ]
)  # fmt: skip


UDP_FIELDS = np.dtype([("ports", ">u2", 2), ("length", ">u2"), ("checksum", ">u2")])


class Payloads(NamedTuple):
    """The bytes that segments carry: a buffer, where in it those of each begin, and how many they are."""

    data: bytes
    starts: Ints
    sizes: Ints


class Segments:
    """What stands before the bytes of the segments of some directions, of their datagrams where `protocol` is UDP."""

    def __init__(self, ends: Ends, protocol: int = TCP) -> None:
        headers = [link + header for link, header in zip(ends.link, _templates(ends, protocol), strict=True)]
        self._longest = max(map(len, headers), default=0) + max(map(len, ends.options), default=0)
        self._packer = HeadPacker(_joined(headers), _joined(ends.options), ends.version, ends.ident, protocol)

    def pack_heads(self, events: Columns, payloads: Payloads, ttl: Bytes, tos: Bytes) -> tuple[bytearray, Ints]:
        """(heads one behind the other, where each ends) for each record of `events` (EVENT), options of a SYN included.

        `ttl` and `tos` are those of the packets that they stand for; congestion marks are not kept.
        """
        heads, ends = bytearray(self._longest * len(events)), np.zeros(len(events), np.int64)
        self._packer.pack(events, (ttl, tos), payloads, heads, ends)
        return heads, ends


def _joined(parts: Sequence[bytes]) -> tuple[bytes, Ints]:
    return b"".join(parts), np.cumsum([len(part) for part in parts], dtype=np.int64)


def _templates(ends: Ends, protocol: int) -> list[bytes]:
    """IP and transport header of each stream, with everything that its packets have in common."""
    transport = np.zeros(len(ends.version), TCP_FIELDS if protocol == TCP else UDP_FIELDS)
    transport["ports"] = ends.ports
    if protocol == TCP:
        transport["window"] = WINDOW
    found = [b""] * len(ends.version)
    for version, make in ((4, _ipv4_templates), (6, _ipv6_templates)):
        streams = np.flatnonzero(ends.version == version)
        network = make(ends, protocol)[streams]
        both = np.concatenate([_octets(network), _octets(transport[streams])], axis=1)
        size, data = both.shape[1], both.tobytes()
        for stream, at in zip(streams.tolist(), range(0, len(data), size), strict=True):
            found[stream] = data[at : at + size]
    return found


def _octets(records: Columns) -> Bytes:
    """Records as rows of bytes."""
    return np.ascontiguousarray(records).view(np.uint8).reshape(len(records), records.dtype.itemsize)


def _ipv4_templates(ends: Ends, protocol: int) -> Columns:
    header = np.zeros(len(ends.version), IPV4)
    header["first"], header["fragment"], header["protocol"] = 0x4500, DONT_FRAGMENT, protocol
    header["addresses"][:, :4], header["addresses"][:, 4:] = ends.addresses[:, 12:16], ends.addresses[:, 28:32]
    return header


def _ipv6_templates(ends: Ends, protocol: int) -> Columns:
    header = np.zeros(len(ends.version), IPV6)
    header["first"], header["next"], header["addresses"] = 0x6000_0000 | ends.flow, protocol, ends.addresses
    return header
