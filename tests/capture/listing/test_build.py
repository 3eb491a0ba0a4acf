"""Frames of packets."""

from __future__ import annotations

import pytest

from examples.packets import TCP, IPv4, mss
from tests.support.listed import packets_of
from wireproof.capture.listing.assemble import assemble
from wireproof.capture.listing.build import Addresses, build_frame, shows_options
from wireproof.capture.listing.connections import make_connections
from wireproof.capture.listing.flows import settle_scales


def test_a_whole_segment_is_byte_for_byte_what_its_words_say() -> None:
    (one,) = assemble("1 0.5 10.0.0.1 10.0.0.2 TCP 1 > 80 [SYN] Seq=4000000000 Win=8192 Len=0 MSS=1460\n")
    expected = bytes(IPv4("10.0.0.1", "10.0.0.2", TCP(1, 80, 4000000000, 0, "S", 8192, mss(1460))))
    assert one.frames[0][14 : 14 + len(expected)] == expected


def test_a_frame_is_as_long_as_printed_and_holds_what_is_known() -> None:
    (one,) = assemble("1 0.5 10.0.0.1 10.0.0.2 TCP 377 1 > 80 [PSH, ACK] Seq=4000000000 Ack=1 Win=253 Len=323\n")
    assert (one.lengths, [len(frame) for frame in one.frames]) == ([377], [54])


def test_names_get_addresses_of_nobody_and_makers_a_local_mac() -> None:
    addresses = Addresses({"known.example": "10.9.9.9"})
    assert str(addresses.ip("known.example")) == "10.9.9.9"
    assert str(addresses.ip("other.example")).startswith("198.1")
    assert addresses.made_up.keys() == {"other.example"}
    assert addresses.mac("HewlettP_10:11:91")[0] == 2
    assert addresses.mac("HewlettP_10:11:91").endswith(b"\x10\x11\x91")
    assert addresses.mac("00:23:7d:13:2f:6b") == bytes.fromhex("00237d132f6b")


def test_an_arp_reply_tells_the_address_of_the_adapter() -> None:
    (packet,) = packets_of("ARP 60 10.0.80.202 is at 03:bf:ac:10:3f:f1")
    frame, length = build_frame(packet, Addresses({}), None)
    assert (frame[22:28].hex(":"), length, len(frame)) == ("03:bf:ac:10:3f:f1", 60, 60)


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("TCP 66 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256 SACK_PERM=1", True),
        ("TCP 74 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 SACK_PERM=1 TSval=1 TSecr=0 WS=128", True),
        ("TCP 66 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256", False),
        ("TCP 78 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460", False),
        ("TCP 74 1 > 80 [SYN] Seq=0 Win=8192 Len=0", False),
        ("TCP 60 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460", False),
        ("TCP 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256 SACK_PERM=1", False),
    ],
)
def test_a_length_that_the_options_explain_shows_that_all_are_printed(words: str, whole: bool) -> None:
    (packet,) = packets = packets_of(words)
    settle_scales(make_connections(packets), has_length=True)
    assert shows_options(packet) is whole
