"""Events that carry packets: the bytes, the lengths and the interface of each, by provider."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.etl import logs
from tests.capture.etl.logs import Event, Seen, ndis, pack_event, pktmon, switch, wan
from wireproof.capture.etl import _events, packets
from wireproof.capture.etl.log import EVENT_DTYPE
from wireproof.capture.etl.packets import ETHERNET, IEEE_802_11, RAW_IP, RECEIVED, SENT, UNKNOWN_WAY
from wireproof.capture.etl.providers import guid_halves

FRAME = bytes(range(14)) + b"\x45" + bytes(40)


def take(take_: Any, events: list[Event]) -> tuple[np.ndarray, list[bytes]]:
    """Rows of packets, and the bytes of each."""
    data = np.frombuffer(b"".join(pack_event(event) for event in events), np.uint8)
    rows = np.zeros(len(events), EVENT_DTYPE)
    _, _, count, _ = _events.walk_events(data, 0, len(data), guid_halves(), rows)
    made = take_(data, rows[:count])
    ends = made["place"] + made["captured"]
    assert (ends <= len(data)).all()
    return made, [data[row["place"] : row["place"] + row["captured"]].tobytes() for row in made]


def test_packets_of_ndis_have_interface_direction_and_process() -> None:
    made, found = take(
        packets.take_ndis, [ndis(FRAME, index=7, lower=9), ndis(FRAME[:20], keyword=logs.START | logs.RECEIVE)]
    )
    assert found == [FRAME, FRAME[:20]]
    assert made[["upper", "lower", "process", "way", "edges"]].tolist() == [
        (7, 9, 1234, SENT, 3),
        (7, 7, 1234, RECEIVED, 1),
    ]


@pytest.mark.parametrize(("keyword", "link"), [(0, ETHERNET), (logs.WIFI, IEEE_802_11), (logs.WWAN, RAW_IP)])
def test_the_keyword_tells_the_medium(keyword: int, link: int) -> None:
    made, _ = take(packets.take_ndis, [ndis(FRAME, keyword=keyword | logs.START | logs.END)])
    assert (made["link"][0], made["way"][0], made["edges"][0]) == (link, UNKNOWN_WAY, 3)


def test_fields_behind_the_bytes_do_not_matter() -> None:
    """Windows 10 1903 and later put two numbers there."""
    event = ndis(FRAME)
    assert take(packets.take_ndis, [event._replace(data=event.data + bytes(16))])[1] == [FRAME]


def test_a_packet_longer_than_its_event_ends_with_it() -> None:
    event = ndis(FRAME)
    longer = event._replace(data=event.data[:8] + struct.pack("<I", 0xFFFF_FFFF) + FRAME)
    assert take(packets.take_ndis, [longer, event._replace(data=event.data[:11])])[1] == [FRAME]


@pytest.mark.parametrize("destinations", [0, 1, 3])
def test_packets_of_a_switch_stand_behind_texts_and_destinations(destinations: int) -> None:
    made, found = take(packets.take_ndis, [switch(FRAME, destinations=destinations, port=6), ndis(FRAME[:30])])
    assert found == [FRAME[:30], FRAME]
    assert made["upper"].tolist() == [7, 6]


def test_packets_of_remote_access_stand_behind_two_texts() -> None:
    made, found = take(packets.take_wan, [wan(FRAME), wan(FRAME[:40], event_id=5002), wan(FRAME, event_id=5003)])
    assert found == [FRAME, FRAME[:40]]
    assert made["way"].tolist() == [SENT, RECEIVED]


def test_events_whose_fields_do_not_fit_are_left_out() -> None:
    whole = switch(FRAME)
    cut = [whole._replace(data=whole.data[:length]) for length in range(0, len(whole.data) - 13, 3)]
    assert take(packets.take_ndis, cut)[1] == []
    remote = wan(FRAME)
    assert take(packets.take_wan, [remote._replace(data=remote.data[:length]) for length in range(0, 140, 3)])[1] == []


def test_packets_of_pktmon_tell_where_they_were_seen() -> None:
    seen = Seen(group=2**40, appearance=3, direction=4, type=3, component=84, edge=2, number=9, original=1500)
    made, found = take(
        packets.take_pktmon, [pktmon(FRAME, 0, seen), pktmon(FRAME, 0, seen._replace(reason=907, location=5))]
    )
    names = [
        "group",
        "appearance",
        "way",
        "link",
        "upper",
        "lower",
        "number",
        "original",
        "reason",
        "location",
        "is_drop",
    ]
    assert made[names].tolist() == [
        (2**40, 3, SENT, RAW_IP, 84, 2, 9, 1500, 0, 0, False),
        (2**40, 3, SENT, RAW_IP, 84, 2, 9, 1500, 907, 5, True),
    ]
    assert found == [FRAME, FRAME]


@pytest.mark.parametrize(
    ("direction", "way"), [(0, UNKNOWN_WAY), (1, RECEIVED), (2, SENT), (3, RECEIVED), (4, SENT), (65535, UNKNOWN_WAY)]
)
def test_directions_of_pktmon(direction: int, way: int) -> None:
    assert take(packets.take_pktmon, [pktmon(FRAME, 0, Seen(direction=direction))])[0]["way"].tolist() == [way]


def content(frame: bytes, type_: int) -> int:
    made, _ = take(packets.take_pktmon, [pktmon(frame, 0, Seen(appearance=0, type=type_))])
    return int(made["content"][0])


def ipv4(ttl: int = 64, ident: int = 7, last: bytes = b"payload") -> bytes:
    return struct.pack(">BBHHHBBH8s", 0x45, 0, 20 + len(last), ident, 0, ttl, 17, ttl, b"\1\2\3\4\5\6\7\1") + last


def test_equal_ip_packets_have_equal_contents_whatever_stands_around_them() -> None:
    packet = ipv4()
    framed = content(bytes(14) + packet + b"padding", 1)
    assert framed == content(packet, 3) == content(ipv4(1, 0), 3)
    assert framed != content(ipv4(last=b"payloae"), 3)
    assert framed != content(ipv4(last=b"payload!"), 3)
    six = b"\x60\0\0\0\0\x07\x11\x40" + bytes(32)
    assert content(six + b"payload", 3) == content(b"\x60\x02\x03\x04\0\x07\x11\x01" + bytes(32) + b"payload", 3)


@given(
    data=st.binary(max_size=120),
    event_id=st.sampled_from([160, 170, 1001, 1003, 5001, 5002, 20]),
    provider=st.sampled_from([logs.NDIS, logs.WAN, logs.PKTMON]),
)
def test_packets_lie_inside_any_event(data: bytes, event_id: int, provider: Any) -> None:
    for take_ in (packets.take_ndis, packets.take_wan, packets.take_pktmon):
        _, found = take(take_, [Event(provider, event_id, data)])
        assert all(bytes_ in data for bytes_ in found)
