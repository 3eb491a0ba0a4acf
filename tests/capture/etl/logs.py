"""ETL logs of any kind as bytes: headers, buffers, compression, and events of the providers that log packets.

Takes events as field values, gives files. Layouts as in evntrace.h, evntcons.h and the providers' manifests.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple

from wireproof.capture.etl.container import FILETIME_1970

SECOND = 1_000_000_000
START_NS = 1_700_000_000 * SECOND
START_TICKS = 5_000_000_000
TICKS = 10_000_000
BUFFER = 8192

NDIS = uuid.UUID("2ed6006e-4729-4609-b423-3ee7bcd678ef")
WAN = uuid.UUID("d84521f7-2235-4237-a7c0-14e3a9676286")
PKTMON = uuid.UUID("4d4f80d9-c8bd-4d73-bb5b-19c90402c5ac")
TCPIP = uuid.UUID("2f07e2ee-15db-40f1-90ef-9d7ba282188a")
OTHER = uuid.UUID("11111111-2222-3333-4444-555555555555")

START, END, SEND, RECEIVE, WIFI, WWAN = 0x4000_0000, 0x8000_0000, 0x1_0000_0000, 0x2_0000_0000, 0x1_0000, 0x200


class Event(NamedTuple):
    """One event with an EVENT_HEADER. `at_ns` counts from the start of the log; `extended` are the bytes of extended items."""

    provider: uuid.UUID
    id: int
    data: bytes
    at_ns: int = 0
    keyword: int = 0
    process: int = 4
    thread: int = 8
    version: int = 0
    kind: int = 19
    extended: Sequence[bytes] = ()
    ticks: int | None = None


def pad(data: bytes) -> bytes:
    """Filled up to a multiple of 8 bytes."""
    return data + bytes(-len(data) % 8)


def text(value: str) -> bytes:
    """UTF-16 with its zero."""
    return value.encode("utf-16-le") + b"\0\0"


def ticks_at(at_ns: int, per_second: int = TICKS) -> int:
    """The clock of the log so many ns after its start."""
    return START_TICKS + at_ns * per_second // SECOND


def pack_event(event: Event, per_second: int = TICKS) -> bytes:
    """One event as it stands in a buffer."""
    items = b"".join(
        pad(struct.pack("<HHHH", 0, 1, number + 1 < len(event.extended), len(item)) + item)
        for number, item in enumerate(event.extended)
    )
    body = items + event.data
    ticks = ticks_at(event.at_ns, per_second) if event.ticks is None else event.ticks
    head = struct.pack("<HBBHH", 80 + len(body), event.kind, 0xC0, 0x40 | bool(items), 0)
    head += struct.pack("<IIq", event.thread, event.process, ticks) + event.provider.bytes_le
    head += struct.pack("<HBBBBHQ", event.id, event.version, 16, 4, 0, 0, event.keyword) + bytes(24)
    return pad(head + body)


def classic_event(data: bytes, kind: int = 2, at_ns: int = 0) -> bytes:
    """An event with a system header (kinds 1 to 4), a performance header (16, 17) or a full one (10, 20)."""
    ticks = ticks_at(at_ns)
    if kind in (1, 2):
        return pad(struct.pack("<HBBHBBIIqII", 2, kind, 0xC0, 32 + len(data), 0, 3, 1, 2, ticks, 0, 0) + data)
    if kind in (3, 4):
        return pad(struct.pack("<HBBHBBIIq", 2, kind, 0xC0, 24 + len(data), 0, 3, 1, 2, ticks) + data)
    if kind in (16, 17):
        return pad(struct.pack("<HBBHBBq", 2, kind, 0xC0, 16 + len(data), 0, 3, ticks) + data)
    return pad(struct.pack("<HBBIIIq", 48 + len(data), kind, 0xC0, 0, 1, 2, ticks) + OTHER.bytes_le + bytes(8) + data)


def message_event(data: bytes) -> bytes:
    """A trace message (WPP)."""
    return pad(struct.pack("<HBBHH", 8 + len(data), 18, 0x90, 10, 0) + data)


class Header(NamedTuple):
    """What the log says of itself."""

    pointer: int = 8
    clock: int = 1
    per_second: int = TICKS
    start_ns: int = START_NS
    start_ticks: int = START_TICKS
    mode: int = 1
    events_lost: int = 0
    buffers_lost: int = 0
    megahertz: int = 2000


def pack_log_header(header: Header) -> bytes:
    """The first event of a log."""
    start = header.start_ns // 100 + FILETIME_1970
    body = struct.pack("<IIIIq", BUFFER, 0x0002_000A, 19045, 4, start + 10 * TICKS)
    body += struct.pack("<8I", 156_250, 512, header.mode, 3, 1, header.pointer, header.events_lost, header.megahertz)
    body += bytes(2 * header.pointer) + struct.pack("<i", -60) + bytes(168)
    body += bytes(-len(body) % 8)
    body += struct.pack("<3q2I", start - START_TICKS, header.per_second, start, header.clock, header.buffers_lost)
    body += text("session") + text("C:\\trace.etl")
    head = struct.pack(
        "<HBBHBBIIqII", 2, 1 if header.pointer == 4 else 2, 0xC0, 32 + len(body), 0, 0, 1, 2, header.start_ticks, 0, 0
    )
    return pad(head + body)


def pack_buffer(
    events: bytes,
    *,
    size: int = 0,
    processor: int = 0,
    flags: int = 0x20,
    kind: int = 0,
    pack: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """One buffer of events that are packed already. `pack` compresses it; its `size` then is what comes out."""
    used = 72 + len(events)
    body = pack(events) if pack else events
    if pack:
        flags |= 0x40
        size = 72 + len(body)
    size = size or -(-used // 1024) * 1024
    head = struct.pack("<IIIiqqQHHI", size, used, used, 0, 0, 1, 0, processor, 1, 3)
    head += struct.pack("<IHH", used, flags, kind) + bytes(16)
    return (head + body).ljust(size, b"\xff")


def make_log(
    *buffers: bytes | Sequence[Event], header: Header | None = None, pack: Callable[[bytes], bytes] | None = None
) -> bytes:
    """A log with its header buffer; buffers given as events are numbered as processors."""
    header = header or Header()
    parts = [pack_buffer(pack_log_header(header), size=1024, flags=0x21, kind=4)]
    for number, buffer in enumerate(buffers):
        if isinstance(buffer, bytes):
            parts.append(buffer)
        else:
            events = b"".join(pack_event(event, header.per_second) for event in buffer)
            parts.append(pack_buffer(events, processor=number, pack=pack))
    return b"".join(parts)


def ndis(
    frame: bytes, at_ns: int = 0, keyword: int = START | END | SEND, index: int = 7, lower: int | None = None
) -> Event:
    """A packet, or a part of one, of NDIS-PacketCapture."""
    data = struct.pack("<III", index, index if lower is None else lower, len(frame)) + frame
    return Event(NDIS, 1001, data, at_ns, keyword, process=1234)


def switch(frame: bytes, at_ns: int = 0, destinations: int = 1, port: int = 5) -> Event:
    """A packet of a virtual switch."""
    names = text("port name") + text("nic") + text("External")
    data = struct.pack("<III", 7, 7, port) + names + struct.pack("<I", destinations)
    data += (struct.pack("<I", 3) + names) * destinations
    data += struct.pack("<I", len(frame)) + frame + struct.pack("<I", 8) + bytes(8)
    return Event(NDIS, 1003, data, at_ns, START | END | RECEIVE)


def wan(frame: bytes, at_ns: int = 0, event_id: int = 5001) -> Event:
    """A packet of a remote access connection."""
    data = text("{00000000-0000-0000-0000-000000000000}") + text("user") + struct.pack("<I", len(frame)) + frame
    return Event(WAN, event_id, data, at_ns)


class Seen(NamedTuple):
    """Where and how PktMon saw a packet."""

    group: int = 1
    appearance: int = 1
    direction: int = 3
    type: int = 1
    component: int = 10
    edge: int = 1
    number: int = 1
    reason: int = 0
    location: int = 0
    original: int = 0


def pktmon(frame: bytes, at_ns: int = 0, seen: Seen | None = None) -> Event:
    """A packet at one component of PktMon; with a reason it is dropped there."""
    seen = seen or Seen()
    data = struct.pack(
        "<Q7H", seen.group, seen.number, seen.appearance, seen.direction, seen.type, seen.component, seen.edge, 0
    )
    data += struct.pack("<IIHH", seen.reason, seen.location, seen.original or len(frame), len(frame)) + frame
    return Event(PKTMON, 170 if seen.reason else 160, data, at_ns)


def component(number: int, driver: str, description: str = "", **numbers: int) -> list[Event]:
    """A component of PktMon with its properties: index (own interface), adapter (that of the miniport), lower, network."""
    kinds = {"index": 1, "adapter": 2, "lower": 3, "network": 14}
    described = struct.pack("<HH", number, 3) + text(driver) + text(description)
    properties = [struct.pack("<HHI", number, kinds[name], value) for name, value in numbers.items()]
    return [Event(PKTMON, 20, described), *(Event(PKTMON, 30, data) for data in properties)]


def mixed_logs() -> list[bytes]:
    """Small logs that between them hold every kind of buffer, header and event."""
    events = [
        *component(10, "adapter", index=1),
        *component(11, "filter", index=2, adapter=1, lower=1),
        *(ndis(b"frame" * 12, 1000), ndis(b"part", 2000, START), ndis(b"rest", 3000, END)),
        *(switch(b"switch" * 9, 1000), wan(b"remote" * 8, 3000)),
        *(pktmon(b"packet" * 10, number * 1000, Seen(number, number % 2)) for number in range(4)),
        pktmon(b"packet" * 7, 3000, Seen(2, 0, type=3, reason=9)),
        Event(TCPIP, 1184, b"data", 5, extended=(b"more",)),
    ]
    others = classic_event(b"x") + message_event(b"y") + pack_event(events[5])
    return [
        make_log(events, events[:5]),
        make_log(events, events[3:], pack=pack_lz77),
        make_log(events[:9], header=Header(pointer=4, clock=2)),
        make_log(pack_buffer(others), pack_buffer(others, pack=pack_lznt1)),
    ]


def pack_lz77(data: bytes) -> bytes:
    """Plain LZ77 ([MS-XCA] 2.3), greedy: matches of any length, each with the shortest form of its length."""
    out = bytearray()
    flags_at, flags, bits, half = 0, 0, 32, -1
    at = 0
    while at <= len(data):
        if bits == 32:
            if out:
                out[flags_at : flags_at + 4] = struct.pack("<I", flags)
            flags_at, flags, bits = len(out), 0, 0
            out += bytes(4)
        if at == len(data):
            break
        distance, length = _longest_match(data, at)
        flags = flags | (length >= 3) << (31 - bits)
        bits += 1
        if length < 3:
            out.append(data[at])
            at += 1
            continue
        at += length
        rest = length - 3
        out += struct.pack("<H", (distance - 1) << 3 | min(rest, 7))
        if rest < 7:
            continue
        rest -= 7
        if half < 0:
            half = len(out)
            out.append(min(rest, 15))
        else:
            out[half] |= min(rest, 15) << 4
            half = -1
        if rest >= 15:
            rest -= 15
            out += bytes([rest]) if rest < 255 else struct.pack("<BH", 255, rest + 22)
    # The bits that are left say "match", which is where a reader stops.
    out[flags_at : flags_at + 4] = struct.pack("<I", flags | (1 << (32 - bits)) - 1)
    return bytes(out)


def _longest_match(data: bytes, at: int) -> tuple[int, int]:
    best = (0, 0)
    for start in range(max(0, at - 512), at):
        length = 0
        while at + length < len(data) and length < 4000 and data[start + length] == data[at + length]:
            length += 1
        if length > best[1]:
            best = (at - start, length)
    return best


def pack_lznt1(data: bytes) -> bytes:
    """LZNT1 ([MS-XCA] 2.5): chunks of 4096 bytes, the even ones stored, the others with matches of one byte's repeats."""
    out = bytearray()
    for number, start in enumerate(range(0, len(data), 4096)):
        chunk = data[start : start + 4096]
        body = chunk if number % 2 else _pack_chunk(chunk)
        out += struct.pack("<H", 0x3000 | (len(body) - 1) | (0 if number % 2 else 0x8000)) + body
    return bytes(out)


def _pack_chunk(chunk: bytes) -> bytes:
    out = bytearray()
    at = 0
    while at < len(chunk):
        flags_at = len(out)
        out.append(0)
        for bit in range(8):
            if at >= len(chunk):
                break
            run = 0
            while at and at + run < len(chunk) and run < 18 and chunk[at + run] == chunk[at - 1]:
                run += 1
            if run >= 3:
                length_bits = 12
                while length_bits > 4 and (at - 1) >> (16 - length_bits):
                    length_bits -= 1
                run = min(run, (1 << length_bits) + 2)
                out += struct.pack("<H", run - 3)
                out[flags_at] |= 1 << bit
                at += run
            else:
                out.append(chunk[at])
                at += 1
    return bytes(out)
