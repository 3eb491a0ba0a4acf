"""The inside of an IP-HTTPS tunnel: heads, then packets by their length, however the bytes are cut."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tests.support.iphttps import OK, POST, inner, tcp_inner
from tests.support.packets import UDP
from wireproof.wire.http import unpack_head
from wireproof.wire.iphttps import Packet, TunnelHead, TunnelReader, is_tunnel_head, is_tunnel_target, measure_packets

PACKETS = [inner(UDP(500, 500, b"x" * size)) for size in (0, 52, 1200)] + [tcp_inner("S")]


def read(pieces: list[bytes], open_: bool = False) -> tuple[list[Packet | TunnelHead], TunnelReader]:
    reader = TunnelReader(open=open_)
    found = [item for row, piece in enumerate(pieces) for item in reader.take(piece, row)]
    return found, reader


def packets(found: list[Packet | TunnelHead]) -> list[bytes]:
    return [item.data for item in found if isinstance(item, Packet)]


@given(st.lists(st.integers(0, 4000), max_size=8))
def test_the_same_packets_come_out_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    whole = POST + b"".join(PACKETS)
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[start:end] for start, end in itertools.pairwise(places)]
    found, reader = read(pieces)
    assert packets(found) == PACKETS
    assert reader.trouble == ""
    ends = [len(POST) + sum(map(len, PACKETS[: place + 1])) for place in range(len(PACKETS))]
    rows = [item.row for item in found if isinstance(item, Packet)]
    assert rows == [next(row for row, end in enumerate(places[1:]) if end >= wanted) for wanted in ends]


def test_an_answer_that_asks_for_credentials_is_passed_over_with_its_body() -> None:
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 11\r\n\r\nno, not you"
    found, _ = read([refusal + OK + PACKETS[1]])
    assert [item.head.status for item in found if isinstance(item, TunnelHead)] == [401, 200]
    assert packets(found) == [PACKETS[1]]


def test_packets_without_a_head_are_read_only_when_the_beginning_is_not_known() -> None:
    assert packets(read([PACKETS[0]])[0]) == []
    assert packets(read([PACKETS[0]], open_=True)[0]) == [PACKETS[0]]


def test_a_web_site_is_no_tunnel() -> None:
    found, reader = read([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n`hell" + b"o world"])
    assert packets(found) == []
    assert reader.trouble


def test_bytes_that_are_no_packet_end_the_reading() -> None:
    found, reader = read([POST + PACKETS[0] + b"\x60" + bytes(5) + b"\xfe" + bytes(60)])
    assert packets(found) == [PACKETS[0]]
    assert "no IPv6 packet" in reader.trouble


def test_a_gap_gives_up_what_was_begun() -> None:
    reader = TunnelReader(open=True)
    assert list(reader.take(PACKETS[2][:100], 0)) == []
    reader.forget()
    assert packets(list(reader.take(PACKETS[1], 1))) == [PACKETS[1]]


def test_both_paths_of_the_post_and_its_endless_length_are_known() -> None:
    assert is_tunnel_target("/IPHTTPS")
    assert is_tunnel_target("https://uag1.contoso.com:443/iptls")
    assert not is_tunnel_target("/upload")
    heads = [unpack_head(data) for data in (POST, OK, b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\n")]
    assert [head is not None and is_tunnel_head(head) for head in heads] == [True, True, False]


def test_whole_packets_are_measured_and_a_mac_behind_them_is_left() -> None:
    assert measure_packets(PACKETS[0] + PACKETS[1] + bytes(20)) == len(PACKETS[0] + PACKETS[1])
    assert measure_packets(bytes(60)) == 0


@given(st.lists(st.binary(max_size=200), max_size=20), st.booleans())
def test_no_bytes_raise_and_nothing_is_made_up(pieces: list[bytes], open_: bool) -> None:
    found, _ = read(pieces, open_=open_)
    assert sum(map(len, packets(found))) <= sum(map(len, pieces))
