"""Capture files in every form: classic pcap and pcapng with several interfaces, clocks, comments and block kinds.

Takes frames, gives files or their bytes. Knows the file formats and no protocol; uses the blocks of `examples.files`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from examples.files import (
    ETHERNET,
    SECOND,
    Frame,
    block,
    cut,
    enhanced_packet,
    interface_description,
    option,
    section_header,
    write_bytes,
    write_capture,
)

__all__ = [
    "ETHERNET",
    "SECOND",
    "Frame",
    "Interface",
    "block",
    "cut",
    "decryption_secrets",
    "interface_statistics",
    "name_resolution",
    "option",
    "pcap_bytes",
    "pcapng_bytes",
    "simple_packet",
    "write_bytes",
    "write_capture",
    "write_pcap",
    "write_pcapng",
]


def pcap_bytes(
    frames: Iterable[Frame],
    link_type: int = ETHERNET,
    nanoseconds: bool = False,
    order: str = "<",
    snap_length: int = 0,
) -> bytes:
    """A classic pcap file; frames longer than `snap_length` (0: none) are cut."""
    magic, unit = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap_length or 262144, link_type)]
    for frame in frames:
        held = cut(frame, snap_length)
        seconds, rest = divmod(held.time_ns, SECOND)
        sizes = (len(held.data), held.wire_length)
        parts.append(struct.pack(order + "IIII", seconds % 2**32, rest // unit, *sizes) + held.data)
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface: `resolution` is the if_tsresol byte (6: µs, 9: ns, 0x80|n: 2^-n s) and `offset_s` if_tsoffset."""

    link_type: int = ETHERNET
    snap_length: int = 0
    name: str = ""
    resolution: int = 9
    offset_s: int = 0

    def ticks(self, time_ns: int) -> int:
        """The time in this interface's units."""
        rest = time_ns - self.offset_s * SECOND
        if self.resolution & 0x80:
            return (rest << (self.resolution & 0x7F)) // SECOND
        return rest * int(10**self.resolution) // SECOND

    def pack(self, order: str) -> bytes:
        """The interface description block."""
        options = option(2, self.name.encode(), order) if self.name else b""
        options += option(9, bytes((self.resolution,)), order) if self.resolution != 6 else b""
        options += option(14, struct.pack(order + "q", self.offset_s), order) if self.offset_s else b""
        return interface_description(self.link_type, self.snap_length, options, order)


def pcapng_bytes(
    frames: Iterable[Frame], interfaces: Sequence[Interface] = (Interface(),), order: str = "<", last: bytes = b""
) -> bytes:
    """One pcapng section with enhanced packet blocks; `last` is further blocks to append, such as statistics."""
    parts = [section_header(order=order), *(interface.pack(order) for interface in interfaces)]
    for frame in frames:
        interface = interfaces[frame.interface]
        held = cut(frame, interface.snap_length)
        parts.append(enhanced_packet(held, interface.ticks(held.time_ns), order))
    return b"".join(parts) + last


def simple_packet(frame: Frame, snap_length: int = 0, order: str = "<") -> bytes:
    """A simple packet block: no time, no interface number."""
    data = cut(frame, snap_length).data
    return block(3, struct.pack(order + "I", frame.wire_length) + data + b"\0" * (-len(data) % 4), order)


def interface_statistics(interface: int, received: int, dropped: int, order: str = "<") -> bytes:
    """An interface statistics block with isb_ifrecv and isb_ifdrop."""
    options = option(4, struct.pack(order + "Q", received), order) + option(5, struct.pack(order + "Q", dropped), order)
    return block(5, struct.pack(order + "III", interface, 0, 0) + options + option(0, b"", order), order)


def name_resolution(address: bytes, name: str, order: str = "<") -> bytes:
    """A name resolution block with one IPv4 or IPv6 record."""
    value = address + name.encode() + b"\0"
    record = struct.pack(order + "HH", 1 if len(address) == 4 else 2, len(value)) + value + b"\0" * (-len(value) % 4)
    return block(4, record + struct.pack(order + "HH", 0, 0), order)


def decryption_secrets(lines: bytes, order: str = "<") -> bytes:
    """A decryption secrets block with the lines of a TLS key log."""
    padded = lines + b"\0" * (-len(lines) % 4)
    return block(10, struct.pack(order + "II", 0x544C534B, len(lines)) + padded, order)


def write_pcap(path: Path, frames: Iterable[Frame], **form: int | str | bool) -> Path:
    """Write `pcap_bytes(frames, **form)`, compressed when the name ends in `.gz`."""
    return write_bytes(path, pcap_bytes(frames, **form))  # type: ignore[arg-type]


def write_pcapng(path: Path, frames: Iterable[Frame], interfaces: Sequence[Interface] = (Interface(),)) -> Path:
    """Write `pcapng_bytes(frames, interfaces)`, compressed when the name ends in `.gz`."""
    return write_bytes(path, pcapng_bytes(frames, interfaces))
