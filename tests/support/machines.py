"""What a Windows machine hands over: a capture as it takes one (pcapng, Network Monitor, ETL with events of its TCP/IP), and its own lists.

Takes frames in the machine's clock, connections and processes; gives bytes. Knows no case.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.capture.etl.logs import (
    END,
    RECEIVE,
    SECOND,
    SEND,
    START,
    TCPIP,
    Event,
    Header,
    make_log,
    ndis,
)
from tests.support.files import Frame
from tests.support.netmon_files import NO_PROCESS, Layout, Owner, Record, netmon_bytes

EVENTS_A_BUFFER = 400
TIMED_OUT = 0xC00000B5
"""STATUS_IO_TIMEOUT."""
NOT_FOUND = 4
"""The reason of a dropped segment for which there is no endpoint."""
STATE, CONNECTION, SYN_SEND, DROPS = "state", "connection", "syn", "drops"
Endpoint = tuple[str, int]


class Told(NamedTuple):
    """One event of the TCP/IP stack on a connection of this machine: `number` and `layout` as its manifest has them."""

    time_ns: int
    number: int
    layout: str
    local: Endpoint
    remote: Endpoint
    pid: int = 0
    status: int = 0
    rounds: int = 0


class Process(NamedTuple):
    """One process with its services, the ports that it listens on, and its connections (own end, the other end)."""

    name: str
    pid: int
    services: Sequence[str] = ()
    listens: Sequence[int] = ()
    connected: Sequence[tuple[Endpoint, Endpoint]] = ()


def sockaddr(end: Endpoint) -> bytes:
    """An IPv4 end with its length, as events hold it."""
    return struct.pack("<IH", 16, 2) + struct.pack(">H", end[1]) + ipaddress.ip_address(end[0]).packed + bytes(8)


def told_event(told: Told, start_ns: int) -> Event:
    """The event in bytes."""
    tcb = 0xFFFF_AA02_0000_0000 | (told.local[1] << 16) | told.remote[1]
    ends = sockaddr(told.local) + sockaddr(told.remote)
    data = {
        STATE: struct.pack("<Q", tcb) + ends + struct.pack("<II", 2, told.rounds),
        CONNECTION: ends + struct.pack("<IIIQ", told.status, told.pid, 1, tcb),
        SYN_SEND: struct.pack("<QIIB", tcb, 1, 8192, 8),
        DROPS: struct.pack("<II", 6, 2) + ends + struct.pack("<II", NOT_FOUND, 1),
    }[told.layout]
    return Event(TCPIP, told.number, data, told.time_ns - start_ns, process=told.pid or 4)


def connecting(local: Endpoint, remote: Endpoint, pid: int, at_ns: int) -> list[Told]:
    """What the stack tells when a program asks for a connection."""
    ends = (local, remote, pid)
    numbers = ((0, 1002, STATE), (20_000, 1004, SYN_SEND), (30_000, 1031, CONNECTION))
    return [Told(at_ns + after_ns, number, layout, *ends) for after_ns, number, layout in numbers]


def connected(local: Endpoint, remote: Endpoint, pid: int, at_ns: int) -> list[Told]:
    """That it stands."""
    return [Told(at_ns + 1_500_000, 1033, CONNECTION, local, remote, pid)]


def given_up(local: Endpoint, remote: Endpoint, pid: int, at_ns: int) -> list[Told]:
    """That two more SYNs had no answer either, and that the program is told so, 21 s after it asked."""
    ends = (local, remote, pid)
    again = [Told(at_ns + after * SECOND, 1186, STATE, *ends, rounds=turn) for turn, after in ((1, 3), (2, 9))]
    end_ns = at_ns + 21 * SECOND
    numbers = ((0, 1046), (2_000, 1044), (9_000, 1034))
    return again + [
        Told(end_ns + after_ns, number, CONNECTION, *ends, status=TIMED_OUT) for after_ns, number in numbers
    ]


def etl_bytes(frames: Iterable[Frame], macs: Sequence[str], told: Iterable[Told], pid: int) -> bytes:
    """The log of `netsh trace start capture=yes provider=Microsoft-Windows-TCPIP`; what adapters with these MACs send, `pid` sends."""
    kept, said = sorted(frames), sorted(told)
    start_ns = min(one.time_ns for one in [*kept[:1], *said[:1]]) // SECOND * SECOND
    own = [bytes.fromhex(mac.replace(":", "")) for mac in macs]
    events = [told_event(one, start_ns) for one in said]
    for frame in kept:
        sent = frame.data[6:12] in own
        adapter = own.index(frame.data[6:12] if sent else frame.data[:6])
        way = START | END | (SEND if sent else RECEIVE)
        packet = ndis(frame.data, frame.time_ns - start_ns, way, 7 + adapter)
        events.append(packet._replace(process=pid if sent else 0))
    events.sort(key=lambda event: event.at_ns)
    buffers = [events[at : at + EVENTS_A_BUFFER] for at in range(0, len(events), EVENTS_A_BUFFER)]
    return make_log(*buffers, header=Header(start_ns=start_ns))


def netmon_of(frames: Iterable[Frame], processes: Sequence[Process]) -> bytes:
    """The capture of Network Monitor on a machine, with its table of processes."""
    kept = sorted(frames)
    start_ns = kept[0].time_ns // SECOND * SECOND
    owned = [(process, *ends) for process in processes for ends in process.connected]
    owners = [
        Owner(f"C:\\Windows\\System32\\{one.name}", one.pid, packed(own[0]), own[1], packed(other[0]), other[1])
        for one, own, other in owned
    ]
    places = {frozenset(ends): place for place, (_, *ends) in enumerate(owned)}
    records = [
        Record(frame.data, (frame.time_ns - start_ns) // 1000, process=places.get(ends_of(frame.data), NO_PROCESS))
        for frame in kept
    ]
    return netmon_bytes(records, Layout(start_ns=start_ns, owners=owners))


def packed(address: str) -> bytes:
    """The address as it stands in a packet."""
    return ipaddress.ip_address(address).packed


def ends_of(data: bytes) -> frozenset[Endpoint]:
    """Both ends of a TCP frame over IPv4."""
    hosts = (str(ipaddress.ip_address(data[at : at + 4])) for at in (26, 30))
    return frozenset(zip(hosts, struct.unpack_from(">HH", data, 34), strict=True))


def netstat(processes: Sequence[Process]) -> str:
    """`netstat -ano` of the machine."""
    lines = ["", "Active Connections", "", "  Proto  Local Address          Foreign Address        State           PID"]
    for one in processes:
        lines += [
            f"  TCP    0.0.0.0:{port:<15} 0.0.0.0:0              LISTENING       {one.pid}" for port in one.listens
        ]
    for one in processes:
        lines += [
            f"  TCP    {written(own):<22} {written(other):<22} ESTABLISHED     {one.pid}"
            for own, other in one.connected
        ]
    lines += ["  UDP    0.0.0.0:123            *:*                                    920", ""]
    return "\r\n".join(lines)


def written(end: Endpoint) -> str:
    """`192.168.3.10:5061`."""
    return f"{end[0]}:{end[1]}"


def tasklist(processes: Sequence[Process]) -> str:
    """`tasklist /svc` of the machine."""
    rows = [f"{'=' * 25} {'=' * 8} {'=' * 44}", "System Idle Process              0 N/A"]
    rows += [f"{one.name:<25} {one.pid:>8} {', '.join(one.services) or 'N/A'}" for one in processes]
    return "\r\n".join(["", f"{'Image Name':<25} {'PID':>8} Services", *rows, ""])
