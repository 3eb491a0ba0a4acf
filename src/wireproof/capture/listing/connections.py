"""Packets of a listing by TCP connection, and numbers that a listing counts from its own start made those of frames.

Takes packets whose ports are known; gives `Connection`s. Where numbers are relative, initial ones are made up, the same wherever the same
connection is listed.
"""

from __future__ import annotations

import zlib
from collections import defaultdict

from wireproof.capture.listing.info import ACK, FIN, RST, SYN
from wireproof.capture.listing.packet import ALL, Connection, Packet, signed
from wireproof.capture.listing.records import NETMON, TCPDUMP

End = tuple[str, int]


def make_connections(packets: list[Packet]) -> list[Connection]:
    """The packets by connection; a SYN that asks for another one on the same ports begins a new one."""
    is_relative = are_relative(packets)
    current: dict[frozenset[End], Connection] = {}
    made: list[Connection] = []
    turns: dict[frozenset[End], int] = defaultdict(int)
    for packet in packets:
        if not packet.is_tcp:
            continue
        key = frozenset(packet.ends)
        connection = current.get(key)
        if connection is None or _begins_anew(connection, packet):
            turns[key] += connection is not None
            connection = current[key] = Connection(packet.ends)
            made.append(connection)
        packet.side = int(packet.ends[0] != connection.ends[0])
        connection.packets.append(packet)
        if packet.flags & (SYN | ACK) == SYN:
            connection.syns, connection.syn_seq = connection.syns + 1, packet.said.seq
    for connection in made:
        if is_relative[connection.packets[0].record.style]:
            connection.bases = _make_bases(connection, turns[frozenset(connection.ends)])
            _take_bases(connection)
    return made


def are_relative(packets: list[Packet]) -> dict[str, bool]:
    """Whether the numbers of each style count from 0 at the SYN. Network Monitor's never do; tcpdump's are taken care of elsewhere."""
    seqs = [p.said.seq for p in packets if p.said.seq is not None and p.record.style not in (NETMON, TCPDUMP)]
    syns = [
        p.said.seq
        for p in packets
        if p.said.seq is not None and p.flags & (SYN | RST) == SYN and p.record.style not in (NETMON, TCPDUMP)
    ]
    relative = any(seq == 0 for seq in syns) if syns else bool(seqs) and max(seqs) < 1 << 28 and min(seqs) <= 1
    return defaultdict(bool, {"Wireshark": relative})


def _begins_anew(connection: Connection, packet: Packet) -> bool:
    if packet.flags & (SYN | ACK | RST) != SYN or packet.said.has("Retransmi", "ReTransmit"):
        return False
    last, syns = connection.packets[-1], connection.syns
    if syns and connection.syn_seq == packet.said.seq and packet.said.seq:
        return False
    if not syns and all(one.flags & RST for one in connection.packets[:3]):
        # Frames can be captured in another order: a refusal before what it refuses.
        return False
    if packet.said.has("port numbers reused", "Port numbers reused"):
        return True
    # An unanswered SYN that comes again is the same connection, and so is one that a reset refused.
    return bool(last.flags & (FIN | ACK)) and not (last.flags & RST and len(connection.packets) <= 2 * syns)


def _make_bases(connection: Connection, turn: int) -> tuple[int, int]:
    """Initial sequence numbers for both sides: the same ones wherever the same connection is listed.

    Where the SYN carries a time stamp, that tells connections apart even where addresses are translated on the way.
    """
    first = connection.packets[0]
    stamps = first.said.stamps if first.flags & SYN else None
    key = f"{stamps[0]} {connection.ends[1][1]}" if stamps else f"{sorted(connection.ends)} {turn}"
    client = 0 if stamps else sorted(connection.ends).index(connection.ends[0])
    bases = [zlib.crc32(f"{key} {side}".encode()) & 0x7FFFFFFF for side in (client, 1 - client)]
    return bases[0], bases[1]


def _take_bases(connection: Connection) -> None:
    """Take the real bases from a packet whose bytes are dumped: its numbers are those that printed ones before it lead to."""
    reached = [1, 1]
    known = False
    for packet in connection.packets:
        said, side = packet.said, packet.side
        if not packet.raw:
            if said.seq is not None:
                reached[side] = max(reached[side], said.seq + (said.payload or 0) + bool(packet.flags & (SYN | FIN)))
            if said.ack is not None:
                reached[1 - side] = max(reached[1 - side], said.ack)
            continue
        seq, ack = said.seq or 0, said.ack or 0
        if not known:
            bases = [0, 0]
            bases[side], bases[1 - side] = (seq - reached[side]) % ALL, (ack - reached[1 - side]) % ALL
            connection.bases, known = (bases[0], bases[1]), True
        said.seq, said.ack = (seq - connection.bases[side]) % ALL, (ack - connection.bases[1 - side]) % ALL


def absolute(connection: Connection, packet: Packet) -> tuple[int | None, int | None]:
    """Sequence and acknowledgment number of a packet as a frame carries them."""
    said, side = packet.said, packet.side
    seq = None if said.seq is None else (said.seq + connection.bases[side]) % ALL
    ack = None if said.ack is None else (said.ack + connection.bases[1 - side]) % ALL
    return seq, ack


def settle_tcpdump(connection: Connection) -> None:
    """Make tcpdump's numbers absolute: it prints those after the first ones of a connection relative to them."""
    starts: list[int | None] = [None, None]
    for packet in connection.packets:
        said, side = packet.said, packet.side
        if packet.record.style != TCPDUMP:
            continue
        if said.seq is not None:
            start = starts[side]
            if packet.flags & SYN or start is None:
                starts[side] = said.seq - (0 if packet.flags & SYN or said.seq < 2 else 1)
            elif abs(signed(said.seq - start)) >= 1 << 28 and said.seq < 1 << 30:
                said.seq = (said.seq + start) % ALL
        other = starts[1 - side]
        is_small = said.ack is not None and said.ack < 1 << 30
        if is_small and said.ack is not None and other is not None and abs(signed(said.ack - other)) >= 1 << 28:
            said.ack = (said.ack + other) % ALL
        said.sacked = [
            ((left + (other or 0)) % ALL, (right + (other or 0)) % ALL) if other and left < 1 << 30 else (left, right)
            for left, right in said.sacked
        ]
