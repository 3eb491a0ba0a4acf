"""What all segments of one direction of an opened conversation share: link header, addresses, ports, flow label, options of the SYN.

Takes a capture's tables and opened conversations; gives columns by stream (2 * place + side). Reads one frame a stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.link import ETHERNET, ethernet_part, synthesise
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.datagrams import UdpTalk

CHUNK = 4096
WINDOW_SHIFT = 14
"""The largest window there is (RFC 7323 section 2.3): what is written is never more than it, so that no tool sees a full window."""
FLOW_BYTES = 4
"""Version, traffic class and flow label of an IPv6 header."""
OPTION_MSS, OPTION_WINDOW_SHIFT = b"\x02\x04", bytes((1, 3, 3, WINDOW_SHIFT))

Ints = NDArray[np.int64]


@dataclass
class Ends:
    """By stream. `addresses` holds 32 bytes, source and destination as tables do; `ports` source and destination; `link` link headers.

    `options` are those of a SYN. `flow` is the IPv6 flow label, `ident` the IPv4 identification of the first packet.
    """

    version: NDArray[np.uint8]
    addresses: NDArray[np.uint8]
    ports: NDArray[np.uint16]
    ident: NDArray[np.uint16]
    flow: NDArray[np.uint32]
    link: list[bytes]
    options: list[bytes]


def find_ends(tables: CaptureTables, talks: Sequence[ClearTalk | UdpTalk], mapped: Mapping[int, int]) -> Ends:
    """The ends of these conversations. `mapped` holds the port that the server's is written as, by conversation."""
    numbers = np.array([talk.conversation for talk in talks], np.int64)
    facts = tables.conversations.facts[numbers]
    both = np.frombuffer(facts["addresses"].tobytes(), np.uint8).reshape(-1, 2, 16)
    addresses = np.concatenate([both, both[:, ::-1]], axis=1).reshape(-1, 32)
    ports = facts["sides"]["port"].copy()
    for place, talk in enumerate(talks):
        if talk.conversation in mapped:
            ports[place, 1 - talk.client_side] = mapped[talk.conversation]
    both_ports = np.stack([ports, ports[:, ::-1]], axis=2).reshape(-1, 2)
    version = np.repeat(np.where(facts["version"] == 6, 6, 4), 2).astype(np.uint8)
    first = facts["sides"]["first_row"].reshape(-1).astype(np.int64) - 1
    ident = np.where(first >= 0, tables.packets.ip_id[first], 0).astype(np.uint16)
    flow, link = _find_links(tables, first, addresses, version)
    return Ends(version, addresses, both_ports, ident, flow, link, _pack_options(facts["sides"]))


def _pack_options(sides: NDArray[np.void]) -> list[bytes]:
    """MSS as stated; window scaling where both SYNs are there to agree on it, whatever they said."""
    scales: list[bool] = np.all(sides["syn_row"] > 0, axis=1).tolist()
    stated = sides["mss"].tolist()
    return [
        (OPTION_MSS + mss.to_bytes(2, "big") if mss else b"") + (OPTION_WINDOW_SHIFT if scale else b"")
        for pair, scale in zip(stated, scales, strict=True)
        for mss in pair
    ]


def _find_links(
    tables: CaptureTables, first: Ints, addresses: NDArray[np.uint8], version: NDArray[np.uint8]
) -> tuple[NDArray[np.uint32], list[bytes]]:
    """Flow labels and link headers by stream, from the first packet of each; made up where it has no Ethernet header of its own."""
    packets = tables.packets
    flow = np.zeros(len(first), np.uint32)
    link = [b""] * len(first)
    known = np.flatnonzero(first >= 0)
    # In the order of the file those that lie near each other are read in one go.
    streams = known[np.argsort(first[known], kind="stable")]
    for begin in range(0, len(streams), CHUNK):
        some = streams[begin : begin + CHUNK]
        rows = first[some]
        network = packets.network_at[rows].astype(np.int64)
        heads = _read_heads(tables, rows, network + FLOW_BYTES)
        six = np.flatnonzero(version[some] == 6)
        for place, at in zip(six.tolist(), network[six].tolist(), strict=True):
            flow[some[place]] = int.from_bytes(heads[place][at : at + FLOW_BYTES], "big") & 0xFFFFF
        types = tables.capture.link_types[packets.interface[rows]]
        own = (types == ETHERNET) & (packets.layers[rows] & LAYERS["derived"] == 0)
        ats = np.where(own, network, -1).tolist()
        for stream, head, at in zip(some.tolist(), heads, ats, strict=True):
            link[stream] = (ethernet_part(head, at) or b"") if at >= 0 else b""
    for stream in [place for place, own in enumerate(link) if not own]:
        link[stream] = _made_up(addresses[stream].tobytes(), int(version[stream]))
    return flow, link


def _read_heads(tables: CaptureTables, rows: Ints, sizes: Ints) -> list[bytes]:
    """The first bytes of each row."""
    sizes = np.minimum(sizes, tables.packets.captured[rows])
    data = tables.read_parts(rows, np.zeros(len(rows), np.int64), sizes)
    ends = np.cumsum(sizes)
    if len(data) < int(ends[-1]):
        # The file has become shorter, and which of them end early is not known.
        return tables.read_frames(rows)
    return [data[begin:end] for begin, end in zip((ends - sizes).tolist(), ends.tolist(), strict=True)]


def _made_up(addresses: bytes, version: int) -> bytes:
    ipv4 = b"\x45" + bytes(11) + addresses[12:16] + addresses[28:32]
    packet = ipv4 if version == 4 else b"\x60" + bytes(7) + addresses
    return synthesise(packet) or b""
