"""The ARP messages of a capture as columns: who asked for whom, who told what.

Takes a capture's tables; gives one row a message. MACs are numbers of 48 bits, IPv4 addresses of 32. Judges nothing.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import LAYERS
from wireproof.wire.arp import ARP_BYTES, REPLY, REQUEST

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables

CHUNK = 20_000
"""Frames held in memory at a time while the table is built."""

_FIELDS = np.dtype([
    ("hardware", ">u2"), ("protocol", ">u2"), ("sizes", ">u2"), ("operation", ">u2"),
    ("sender_mac", "u1", 6), ("sender", ">u4"), ("target_mac", "u1", 6), ("target", ">u4"),
])  # fmt: skip
_IPV4_OVER_MACS = 0x0604
_TAGS = {b"\x81\x00", b"\x88\xa8", b"\x91\x00"}


@dataclass(frozen=True)
class ArpTable:
    """All ARP messages for IPv4, in file order; every array has one entry a message.

    `row` is the packet's row. `source` and `destination` are the frame's own MACs, 0 where the link has none. `segment`
    tells broadcast domains apart: capture interface times 4096 plus VLAN number.
    """

    row: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    operation: NDArray[np.uint16]
    sender_mac: NDArray[np.int64]
    sender: NDArray[np.uint32]
    target_mac: NDArray[np.int64]
    target: NDArray[np.uint32]
    source: NDArray[np.int64]
    destination: NDArray[np.int64]
    segment: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row)

    @functools.cached_property
    def announces(self) -> NDArray[np.bool_]:
        """Gratuitous messages: the sender names itself as the target (RFC 5227 section 1.1)."""
        return np.asarray(self.sender == self.target)

    @functools.cached_property
    def asks(self) -> NDArray[np.bool_]:
        """Requests by which a host wants another's MAC: neither probes (sender 0.0.0.0) nor announcements."""
        return np.asarray((self.operation == REQUEST) & (self.sender != 0) & ~self.announces)

    @functools.cached_property
    def tells(self) -> NDArray[np.bool_]:
        """Messages that bind an IPv4 address to a MAC: every one with a sender address, as RFC 826 has it."""
        return np.asarray(np.isin(self.operation, (REQUEST, REPLY)) & (self.sender != 0) & (self.sender_mac != 0))

    @functools.cached_property
    def replies(self) -> NDArray[np.bool_]:
        """Answers."""
        return np.asarray((self.operation == REPLY) & (self.sender != 0))


def build_arp(tables: CaptureTables) -> ArpTable:
    """Read every ARP message of the capture; those that are cut or not for IPv4 are left out."""
    packets = tables.packets
    rows = packets.rows_with("layers", LAYERS["arp"])
    fields = np.zeros(len(rows), _FIELDS)
    ends = np.zeros((len(rows), 3), np.int64)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        frames, places = tables.read_frames(rows[part]), packets.network_at[rows[part]]
        raw = b"".join(_message(frame, int(at)) for frame, at in zip(frames, places, strict=True))
        fields[part] = np.frombuffer(raw, _FIELDS)
        framed = packets.layers[rows[part]] & LAYERS["ethernet"]
        ends[part] = [
            _link_ends(frame, int(at) if ok else 0) for frame, at, ok in zip(frames, places, framed, strict=True)
        ]
    good = (fields["protocol"] == 0x0800) & (fields["sizes"] == _IPV4_OVER_MACS)
    rows, fields, ends = rows[good], fields[good], ends[good]
    return ArpTable(
        row=rows,
        time_ns=packets.time_ns[rows],
        operation=fields["operation"].astype(np.uint16),
        sender_mac=_numbers(fields["sender_mac"]),
        sender=fields["sender"].astype(np.uint32),
        target_mac=_numbers(fields["target_mac"]),
        target=fields["target"].astype(np.uint32),
        source=ends[:, 0],
        destination=ends[:, 1],
        segment=packets.interface[rows].astype(np.int64) * 4096 + ends[:, 2],
    )


def _message(frame: bytes, at: int) -> bytes:
    """The message's bytes; zeros, which state no protocol, when it is cut."""
    message = frame[at : at + ARP_BYTES]
    return message if len(message) == ARP_BYTES else b"\0" * ARP_BYTES


def _link_ends(frame: bytes, at: int) -> tuple[int, int, int]:
    """Source MAC, destination MAC and VLAN of the Ethernet header before an ARP header at `at`; zeros without one."""
    if at < 14 or frame[at - 2 : at] != b"\x08\x06":
        return 0, 0, 0
    start, vlan = at - 14, 0
    while start >= 4 and frame[start + 8 : start + 10] in _TAGS:
        vlan = vlan or int.from_bytes(frame[start + 10 : start + 12], "big") & 0xFFF
        start -= 4
    return int.from_bytes(frame[start + 6 : start + 12], "big"), int.from_bytes(frame[start : start + 6], "big"), vlan


def _numbers(macs: NDArray[Any]) -> NDArray[np.int64]:
    """Rows of six bytes as numbers."""
    weights = np.array([1 << 40, 1 << 32, 1 << 24, 1 << 16, 1 << 8, 1], dtype=np.int64)
    return np.asarray(macs.astype(np.int64) @ weights, dtype=np.int64)


def mac_bytes(number: int) -> bytes:
    """The six bytes of a MAC that the table holds as a number."""
    return int(number).to_bytes(6, "big")


def ipv4_text(number: int) -> str:
    """`10.1.1.1` of an address that the table holds as a number."""
    return ".".join(map(str, int(number).to_bytes(4, "big")))
