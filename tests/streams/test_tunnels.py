"""Readable IP-HTTPS tunnels: which conversations are taken for one, and what is read in them over real TLS handshakes."""

from __future__ import annotations

import random
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.files import Frame, write_pcap
from tests.support.iphttps import steps, talk_inner, tunnel
from tests.support.middleboxes import Lose, data_numbers
from tests.support.null_tls import shake_hands
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Talk
from wireproof.conversations import read_capture
from wireproof.streams.tunnels import Room, Tunnel, may_hold_tunnel, read_tunnels

INNER = talk_inner()


def found(folder: Path, frames: Sequence[Frame]) -> list[Tunnel]:
    tables = read_capture(write_pcap(folder / "t.pcap", frames))
    tunnels = list(read_tunnels(tables, Room(1 << 20)))
    tables.capture.close()
    return tunnels


def packets(tunnel_: Tunnel) -> list[list[bytes]]:
    return [[packet.data for packet in direction.packets] for direction in tunnel_.directions]


def sent(writes: Sequence[tuple[str, bytes]]) -> list[list[bytes]]:
    return [[data for by, data in writes if by == side] for side in ("client", "server")]


@pytest.mark.parametrize(
    ("suite", "version", "number"),
    [
        ("NULL-MD5", ssl.TLSVersion.TLSv1, 0x0001),
        ("NULL-SHA", ssl.TLSVersion.TLSv1, 0x0002),
        ("NULL-SHA", ssl.TLSVersion.TLSv1_2, 0x0002),
        ("NULL-SHA256", ssl.TLSVersion.TLSv1_2, 0x003B),
        ("ECDHE-RSA-NULL-SHA", ssl.TLSVersion.TLSv1_2, 0xC010),
    ],
)
def test_every_packet_is_read_under_each_suite_that_encrypts_nothing(
    tmp_path: Path, suite: str, version: ssl.TLSVersion, number: int
) -> None:
    [one] = found(tmp_path, tunnel(INNER, suites=suite, version=version))
    assert one.suite == number
    assert packets(one) == sent(INNER)
    assert [direction.heads[0].head.target or direction.heads[0].head.status for direction in one.directions] == [
        "/IPHTTPS",
        200,
    ]


def test_packets_may_share_records_and_spread_over_several(tmp_path: Path) -> None:
    stream = b"".join(data for by, data in INNER if by == "client")
    pieces = [("client", stream[start : start + 333]) for start in range(0, len(stream), 333)]
    [one] = found(tmp_path, tunnel(pieces))
    assert packets(one)[0] == sent(INNER)[0]


def test_plain_http_needs_no_records(tmp_path: Path) -> None:
    [one] = found(tmp_path, tunnel(INNER, tls=False, port=80))
    assert (one.suite, packets(one)) == (0, sent(INNER))


def test_a_tunnel_through_a_proxy_begins_behind_its_answers(tmp_path: Path) -> None:
    asked = b"CONNECT uag1.contoso.com:443 HTTP/1.1\r\nHost: uag1.contoso.com:443\r\n\r\n"
    refused = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nwho?"
    before = [
        ("client", asked),
        ("server", refused),
        ("client", asked),
        ("server", b"HTTP/1.1 200 Connection established\r\n\r\n"),
    ]
    [one] = found(tmp_path, tunnel(INNER, before=before, port=8080))
    assert packets(one) == sent(INNER)


def test_an_encrypted_tunnel_is_left_alone(tmp_path: Path) -> None:
    assert found(tmp_path, tunnel(INNER, suites="AES128-SHA")) == []


def test_a_web_site_under_such_a_suite_is_no_tunnel(tmp_path: Path) -> None:
    pair = shake_hands()
    pair.say("client", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    # Read as an IPv6 header, the first letters would make an ICMPv6 packet of 25,970 bytes.
    for part in (b"HTTP/1.1 200 OK\r\n\r\nheader:", b"x" * 15_000, b"x" * 15_000):
        pair.say("server", part)
    world = World([Point("client", at="client"), Link(5)])
    Talk(
        world,
        Host("10.0.0.1"),
        Host("10.0.0.2"),
        [*pair.steps, Close("client")],
        ports=(50001, 443),
    )
    assert found(tmp_path, world.captures()["client"]) == []


def test_a_capture_that_begins_within_the_tunnel_is_read_from_there(tmp_path: Path) -> None:
    frames = tunnel(INNER)
    begin = next(place for place, frame in enumerate(frames) if INNER[0][1] in frame.data)
    [one] = found(tmp_path, frames[begin:])
    assert packets(one) == sent(INNER)
    assert one.suite == 0


def test_a_lost_segment_costs_its_packet_only(tmp_path: Path) -> None:
    frames = tunnel(INNER)
    gone = next(frame for frame in frames if INNER[3][1] in frame.data)
    [one] = found(tmp_path, [frame for frame in frames if frame is not gone])
    client, server = sent(INNER)
    assert packets(one) == [[data for data in client if data != INNER[3][1]], server]


SPREAD = [
    (by, stream[start : start + 700])
    for by in ("client", "server")
    for stream in [b"".join(data for sender, data in INNER * 6 if sender == by)]
    for start in range(0, len(stream), 700)
]
"""Packets that do not end where records end."""
SPREAD_FRAMES = {tls: tunnel(SPREAD + INNER * 4, tls=tls, port=443 if tls else 80) for tls in (True, False)}


@given(st.booleans(), st.sets(st.integers(8, 70), max_size=6), st.randoms(use_true_random=False))
def test_whatever_segments_are_lost_or_overtaken_no_packet_is_made_up(
    tls: bool, lost: set[int], chance: random.Random
) -> None:
    frames = [frame for place, frame in enumerate(SPREAD_FRAMES[tls]) if place not in lost]
    for place in range(12, len(frames) - 1):
        if chance.random() < 0.05:
            early, late = frames[place], frames[place + 1]
            frames[place : place + 2] = [late._replace(time_ns=early.time_ns), early._replace(time_ns=late.time_ns)]
    with tempfile.TemporaryDirectory() as folder:
        tunnels = found(Path(folder), frames)
    for one in tunnels:
        for read, whole in zip(packets(one), sent(INNER * 10), strict=True):
            rest = iter(whole)
            assert all(packet in rest for packet in read), "in the order in which they were sent"
            assert lost or read == whole


def test_repeated_segments_give_each_packet_once(tmp_path: Path) -> None:
    lossy = [Lose(data_numbers(True, 5, 7))]
    world = World([Point("client", at="client"), *lossy, Link(5)])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [*steps(INNER), Close("client")], ports=(58449, 443))
    [one] = found(tmp_path, world.captures()["client"])
    assert packets(one) == sent(INNER)


def test_of_ordinary_tls_conversations_none_is_a_candidate(captures: Path) -> None:
    names = sorted((captures / "tls-handshake").glob("*.pcap"))[:12]
    for name in names:
        tables = read_capture(name)
        assert list(read_tunnels(tables)) == [], name
        tables.capture.close()


@pytest.mark.parametrize(
    ("client", "server", "may"),
    [
        (b"POST /IPHTTPS HTTP/1.1", b"", True),
        (b"", b"POST /iphttps", True),
        (b"POST /index", b"", False),
        (b"POST /I", b"", False),
    ],
)
def test_what_begins_as_a_tunnel_inside_an_opened_session_may_be_one(client: bytes, server: bytes, may: bool) -> None:
    class Said:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, start: int, count: int) -> bytes:
            return self.data[start : start + count]

    assert may_hold_tunnel((Said(client), Said(server))) == may  # type: ignore[arg-type]
