"""The parts that pcapng blocks are made of: options, time stamp resolutions, name records, interface figures.

Takes the bytes of one block, gives values; what a bad length cuts off is left out, nothing here raises on bad bytes.
Layout: draft-ietf-opsawg-pcapng. Knows no file and no frame.
"""

from __future__ import annotations

import ipaddress
from typing import Literal

from wireproof.capture.frames import Interface

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
OLD_PACKET = 2
SIMPLE_PACKET = 3
NAME_RESOLUTION = 4
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10

OPT_END = 0
OPT_COMMENT = 1
SHB_USERAPPL = 4
EPB_DROPCOUNT = 4
IF_NAME = 2
IF_DESCRIPTION = 3
IF_TSRESOL = 9
IF_FCSLEN = 13
IF_TSOFFSET = 14
ISB_IFRECV = 4
ISB_IFDROP = 5
ISB_OSDROP = 7

ByteOrder = Literal["little", "big"]
Options = list[tuple[int, bytes]]

NANO_DIGITS = 9
LARGEST_DIVISOR_DIGITS = 18
"""10**18 is the last power of ten in a signed 64-bit number; 64 bits of finer ticks make less than two nanoseconds."""
MAX_OPTIONS = 10_000
"""In one block; real ones hold a handful, and a name resolution block of Wireshark's a few hundred records."""


def unpack_options(data: bytes, at: int, end: int, order: ByteOrder) -> Options:
    """The options in data[at:end] as (code, value), up to the end mark, the first that does not fit, or MAX_OPTIONS."""
    found: Options = []
    while end - at >= 4 and len(found) < MAX_OPTIONS:
        code = int.from_bytes(data[at : at + 2], order)
        length = int.from_bytes(data[at + 2 : at + 4], order)
        at += 4
        if code == OPT_END or at + length > end:
            break
        found.append((code, data[at : at + length]))
        at += (length + 3) & ~3
    return found


def unpack_text(value: bytes) -> str:
    """An option's UTF-8 text; writers that end it with NUL bytes are forgiven."""
    return value.rstrip(b"\0").decode("utf-8", "replace")


def unpack_interface(data: bytes, order: ByteOrder, section: int) -> Interface:
    """An interface description block's body: link type, reserved, snap length, options."""
    made = Interface(int.from_bytes(data[0:2], order), int.from_bytes(data[4:8], order), section=section)
    made.options = unpack_options(data, 8, len(data), order)
    for code, value in made.options:
        if code == IF_NAME:
            made.name = unpack_text(value)
        elif code == IF_DESCRIPTION:
            made.description = unpack_text(value)
        elif code == IF_TSRESOL and value:
            made.ticks_per_second = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == IF_TSOFFSET and len(value) == 8:
            made.offset_s = int.from_bytes(value, order, signed=True)
        elif code == IF_FCSLEN and value:
            made.fcs_bytes = value[0]
    return made


def clock_row(interface: Interface) -> tuple[int, int, int, int]:
    """How a tick count becomes nanoseconds: (multiply, divide, shift, add); of the first three at most one is not 0.

    `shift` n stands for ticks of 2**-n seconds. All three are 0 where 64 bits of ticks make less than two nanoseconds.
    """
    add = _wrap(interface.offset_s * 1_000_000_000)
    ticks = interface.ticks_per_second
    digits = len(str(ticks)) - 1
    if ticks == 1 or ticks != 10**digits:
        return (1_000_000_000, 0, 0, add) if ticks == 1 else (0, 0, ticks.bit_length() - 1, add)
    if digits <= NANO_DIGITS:
        return (10 ** (NANO_DIGITS - digits), 0, 0, add)
    return (0, 10 ** (digits - NANO_DIGITS) if digits - NANO_DIGITS <= LARGEST_DIVISOR_DIGITS else 0, 0, add)


def _wrap(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63


def unpack_names(data: bytes, order: ByteOrder) -> list[tuple[str, str]]:
    """A name resolution block's body as (address, name) pairs."""
    found: list[tuple[str, str]] = []
    for kind, value in unpack_options(data, 0, len(data), order):
        size = {1: 4, 2: 16}.get(kind, 0)
        if not size or len(value) < size:
            continue
        address = str(ipaddress.ip_address(value[:size]))
        found.extend((address, unpack_text(name)) for name in value[size:].split(b"\0") if name)
    return found


def unpack_statistics(interface: Interface, data: bytes, order: ByteOrder) -> None:
    """Set `received` and `dropped` from a statistics block's body; the figures are totals, so the last block counts."""
    figures = {
        code: int.from_bytes(value, order)
        for code, value in unpack_options(data, 12, len(data), order)
        if len(value) == 8
    }
    if ISB_IFRECV in figures:
        interface.received = figures[ISB_IFRECV]
    if ISB_IFDROP in figures or ISB_OSDROP in figures:
        interface.dropped = figures.get(ISB_IFDROP, 0) + figures.get(ISB_OSDROP, 0)
