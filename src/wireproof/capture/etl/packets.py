"""Events that carry packets, by provider: where the bytes of each lie, how long they are, and what the event says of them.

Takes rows of events and the bytes of their buffer, gives rows of PACKET_DTYPE. Field layouts: the providers' manifests. Knows no
protocol above the link.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.container import skip_text

NDIS_PACKET = 1001
NDIS_SWITCH_PACKET = 1003
WAN_SENT, WAN_RECEIVED = 5001, 5002
PKTMON_PACKET, PKTMON_DROP = 160, 170

ETHERNET, RAW_IP, IEEE_802_11 = 1, 101, 105
"""Link types as in pcap's LINKTYPE_ registry; 0 for packets that start above IP."""

FROM_NDIS, FROM_SWITCH, FROM_WAN, FROM_PKTMON = range(4)
UNKNOWN_WAY, RECEIVED, SENT = range(3)
WHOLE = 3
STARTS, ENDS = 1, 2

WIRELESS_WAN = 0x200
NATIVE_802_11 = 0x1_0000
PACKET_START = 0x4000_0000
PACKET_END = 0x8000_0000
SEND = 0x1_0000_0000
RECEIVE = 0x2_0000_0000

PACKET_DTYPE: Any = np.dtype(
    [
        ("ticks", "<i8"),
        ("place", "<i8"),
        ("group", "<u8"),
        ("content", "<u8"),
        ("captured", "<u4"),
        ("original", "<u4"),
        ("process", "<u4"),
        ("thread", "<u4"),
        ("upper", "<u4"),
        ("lower", "<u4"),
        ("reason", "<u4"),
        ("location", "<u4"),
        ("number", "<u2"),
        ("appearance", "<u2"),
        ("processor", "<u2"),
        ("link", "u1"),
        ("source", "u1"),
        ("way", "u1"),
        ("edges", "u1"),
        ("is_drop", "?"),
    ]
)
"""One packet, or a part of one, as one event has it.

`place` is where its bytes lie; until the buffer has a place itself it counts from the buffer's start. `upper` and `lower` name the
interface: miniport and lower index (NDIS), port of the virtual switch, component and edge (PktMon). `group`, `number` and `appearance`
say which packet of PktMon this is, and at which of its components; where they do not, equal packets have the same `content`. `edges`
says whether the packet starts and ends here.
"""

NDIS_HEAD: Any = np.dtype([("miniport", "<u4"), ("lower", "<u4"), ("length", "<u4")])
PKTMON_HEAD: Any = np.dtype(
    [
        ("group", "<u8"),
        ("number", "<u2"),
        ("appearance", "<u2"),
        ("direction", "<u2"),
        ("type", "<u2"),
        ("component", "<u2"),
        ("edge", "<u2"),
        ("filter", "<u2"),
        ("reason", "<u4"),
        ("location", "<u4"),
        ("original", "<u2"),
        ("logged", "<u2"),
    ]
)
LINK_BY_TYPE = np.zeros(0x1_0000, np.uint8)
LINK_BY_TYPE[[1, 2, 3]] = ETHERNET, IEEE_802_11, RAW_IP
WAY_BY_DIRECTION = np.zeros(0x1_0000, np.uint8)
# In, out, received, sent: the first two are those of a virtual switch.
WAY_BY_DIRECTION[[1, 2, 3, 4]] = RECEIVED, SENT, RECEIVED, SENT


def unpack_heads(data: NDArray[np.uint8], rows: NDArray[Any], head: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """The rows whose user data hold a head of this layout, and their heads."""
    held = rows[rows["size"] >= head.itemsize]
    places = held["at"].astype(np.int64)[:, None] + np.arange(head.itemsize)
    return held, np.ascontiguousarray(data[places]).view(head)[:, 0]


def _make(rows: NDArray[Any], source: int) -> NDArray[Any]:
    made = np.zeros(len(rows), PACKET_DTYPE)
    for name in ("ticks", "process", "thread"):
        made[name] = rows[name]
    made["source"] = source
    made["edges"] = WHOLE
    return made


def take_ndis(data: NDArray[np.uint8], rows: NDArray[Any]) -> NDArray[Any]:
    """Packets of NDIS-PacketCapture: events 1001 by columns, 1003 of a virtual switch one by one."""
    plain, heads = unpack_heads(data, rows[rows["id"] == NDIS_PACKET], NDIS_HEAD)
    made = _make(plain, FROM_NDIS)
    made["upper"], made["lower"] = heads["miniport"], heads["lower"]
    made["place"] = plain["at"].astype(np.int64) + NDIS_HEAD.itemsize
    made["captured"] = np.minimum(heads["length"], plain["size"] - np.uint32(NDIS_HEAD.itemsize))
    _mark_by_keyword(made, plain["keyword"])
    switched = rows[rows["id"] == NDIS_SWITCH_PACKET]
    if not len(switched):
        return made
    return np.concatenate([made, take_switch(data, switched)])


def _mark_by_keyword(made: NDArray[Any], keyword: NDArray[np.uint64]) -> None:
    """What the keyword says of a packet: medium, direction, whether it starts and ends here."""

    def has(bit: int) -> NDArray[np.bool_]:
        return np.asarray(keyword & np.uint64(bit), np.bool_)

    made["link"] = np.where(has(NATIVE_802_11), IEEE_802_11, np.where(has(WIRELESS_WAN), RAW_IP, ETHERNET))
    made["way"] = np.where(has(SEND), SENT, np.where(has(RECEIVE), RECEIVED, UNKNOWN_WAY))
    made["edges"] = has(PACKET_START) * STARTS + has(PACKET_END) * ENDS


def take_switch(data: NDArray[np.uint8], rows: NDArray[Any]) -> NDArray[Any]:
    """Packets of the extensible switch, event 1003: texts and a list of destinations stand before the bytes."""
    made = _make(rows, FROM_SWITCH)
    _mark_by_keyword(made, rows["keyword"])
    found = [_find_switch_bytes(data, row) for row in rows]
    for row, (port, at, length) in zip(made, found, strict=True):
        row["upper"], row["place"], row["captured"] = port, at, length
    return made[made["place"] > 0]


def _find_switch_bytes(data: NDArray[np.uint8], row: Any) -> tuple[int, int, int]:
    """(source port, where the frame starts, its length) of an event 1003; place 0 when its fields do not fit."""
    user = _user_data(data, row)
    port = int.from_bytes(user[8:12], "little")
    at = _skip_texts(user, 12, 3)
    destinations = int.from_bytes(user[at : at + 4], "little")
    at += 4
    while destinations and at < len(user):
        destinations -= 1
        at = _skip_texts(user, at + 4, 3)
    start, length = _find_bytes(user, at)
    return port, int(row["at"]) + start if start else 0, length


def _user_data(data: NDArray[np.uint8], row: Any) -> bytes:
    return data[row["at"] : int(row["at"]) + int(row["size"])].tobytes()


def _skip_texts(user: bytes, at: int, count: int) -> int:
    for _ in range(count):
        at = skip_text(user, at)
    return at


def _find_bytes(user: bytes, at: int) -> tuple[int, int]:
    """(start, length) of the bytes whose length stands at `at`; (0, 0) when they leave the event."""
    length = int.from_bytes(user[at : at + 4], "little")
    return (at + 4, length) if at + 4 + length <= len(user) else (0, 0)


def take_wan(data: NDArray[np.uint8], rows: NDArray[Any]) -> NDArray[Any]:
    """Packets of NdisWan (remote access), events 5001 and 5002: routing domain and user stand before the bytes."""
    rows = rows[(rows["id"] == WAN_SENT) | (rows["id"] == WAN_RECEIVED)]
    made = _make(rows, FROM_WAN)
    made["link"] = ETHERNET
    made["way"] = np.where(rows["id"] == WAN_SENT, SENT, RECEIVED)
    for packet, row in zip(made, rows, strict=True):
        user = _user_data(data, row)
        start, length = _find_bytes(user, _skip_texts(user, 0, 2))
        if start:
            packet["place"], packet["captured"] = int(row["at"]) + start, length
    return made[made["place"] > 0]


def take_pktmon(data: NDArray[np.uint8], rows: NDArray[Any]) -> NDArray[Any]:
    """Packets of PktMon at one component each, events 160, and 170 for those dropped there."""
    rows = rows[(rows["id"] == PKTMON_PACKET) | (rows["id"] == PKTMON_DROP)]
    held, heads = unpack_heads(data, rows, PKTMON_HEAD)
    made = _make(held, FROM_PKTMON)
    for name in ("group", "number", "appearance", "reason", "location", "original"):
        made[name] = heads[name]
    made["upper"], made["lower"] = heads["component"], heads["edge"]
    made["link"], made["way"] = LINK_BY_TYPE[heads["type"]], WAY_BY_DIRECTION[heads["direction"]]
    made["place"] = held["at"].astype(np.int64) + PKTMON_HEAD.itemsize
    made["captured"] = np.minimum(heads["logged"], held["size"] - np.uint32(PKTMON_HEAD.itemsize))
    made["is_drop"] = held["id"] == PKTMON_DROP
    made["content"] = hash_contents(data, made)
    return made


HASHED = 64
"""Bytes of an IP packet that tell it from others: its headers, and the start of what it carries."""
FACTORS = np.random.Generator(np.random.PCG64(7)).integers(1, 2**63, HASHED // 8, dtype=np.uint64) | np.uint64(1)
ETHERNET_HEADER = 14
CHANGED: dict[int, list[int]] = {4: [1, 4, 5, 6, 7, 8, 10, 11], 6: [1, 2, 3, 7]}
"""Bytes of IP headers by version that are not looked at: for a drop above IP Windows makes a header anew, with those set to other values."""


def hash_contents(data: NDArray[np.uint8], rows: NDArray[Any]) -> NDArray[np.uint64]:
    """A number for each packet, the same for equal IP packets whatever stands before and behind them. Others get numbers too.

    Identification, flags, hop limit, checksum and class of service do not count.
    """
    padded = np.concatenate([data, np.zeros(HASHED + ETHERNET_HEADER, np.uint8)])
    start = rows["place"] + np.where(rows["link"] == ETHERNET, ETHERNET_HEADER, 0)
    held = np.maximum(rows["place"] + rows["captured"] - start, 0)
    bytes_ = padded[start[:, None] + np.arange(HASHED)]
    length = bytes_[:, 2].astype(np.int64) << 8 | bytes_[:, 3]
    # Short Ethernet frames are padded; the IPv4 header says where the packet ends.
    is_4 = (bytes_[:, 0] >> 4 == 4) & (length > 0)
    held = np.minimum(held, np.where(is_4, length, HASHED))
    bytes_[np.arange(HASHED) >= held[:, None]] = 0
    for version, changed in CHANGED.items():
        bytes_[np.ix_(bytes_[:, 0] >> 4 == version, changed)] = 0
    return np.asarray((np.ascontiguousarray(bytes_).view("<u8") * FACTORS).sum(axis=1, dtype=np.uint64))
