"""Reading is checked: a frame cut anywhere says so, keeps what came before the cut, and never reads beyond it."""

from __future__ import annotations

import itertools

import pytest

from tests.support.files import Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4, IPv6, hop_by_hop, six_in_four, timestamps, vxlan
from tests.support.tables import decode, layers_of

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
INNER = IPv6("2001:db8::1", "2001:db8::2", UDP(1, 2, b"xyz"), extensions=(hop_by_hop(),))
SAMPLES = {
    "tcp": Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, seq=5, options=timestamps(1, 2), payload=b"x"))),
    "ipv6": Ethernet(*MACS, INNER),
    "6in4": Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", six_in_four(INNER))),
    "vxlan": Ethernet(
        *MACS,
        IPv4("10.0.0.1", "10.0.0.2", vxlan(9, 7, Ethernet(*MACS, IPv4("10.0.0.3", "10.0.0.4", UDP(1, 2, b"xyz"))))),
    ),
}
TRUNCATED, BAD_LENGTH, TOO_DEEP = 1, 2, 5


@pytest.mark.parametrize("name", SAMPLES)
def test_a_frame_cut_anywhere_decodes_as_far_as_it_goes(name: str) -> None:
    whole = bytes(SAMPLES[name])
    packets, _ = decode([Frame(0, whole[:size], len(whole)) for size in range(len(whole) + 1)])
    found = [layers_of(packets, row) for row in range(len(packets))]
    assert all(shorter <= longer for shorter, longer in itertools.pairwise(found))
    assert found[-1] - {"zero_transport_checksum"} == layers_of(decode([whole])[0]) - {"zero_transport_checksum"}
    assert packets.problem[-1] == 0
    assert all(packets.captured[row] == row for row in range(len(packets)))
    last_cut = max(row for row in range(len(packets)) if packets.problem[row])
    assert set(packets.problem[: last_cut + 1].tolist()) == {TRUNCATED}


@pytest.mark.parametrize("name", SAMPLES)
def test_lengths_are_those_of_the_wire_however_short_the_cut(name: str) -> None:
    whole = bytes(SAMPLES[name])
    packets, _ = decode([whole, Frame(0, whole[: len(whole) - 1], len(whole))])
    assert packets.length[0] == packets.length[1]


def test_padding_behind_a_packet_is_no_header() -> None:
    """The IP header says 20 bytes: what looks like UDP behind it fills up the frame."""
    packet = IPv4("10.0.0.1", "10.0.0.2", UDP(1, 2, b"xyz"), total_length=20)
    packets, talks = decode([Ethernet(*MACS, packet)])
    assert packets.problem[0] == BAD_LENGTH
    assert len(talks) == 0


def test_offsets_beyond_what_a_column_holds_are_not_followed() -> None:
    """Extension headers of 2048 bytes each, until the transport header starts beyond 65,280."""
    filler = (60, b"\xff" + bytes(2046))
    packet = IPv6("2001:db8::1", "2001:db8::2", UDP(1, 2, b"xyz"), extensions=[filler] * 33, payload_length=0)
    packets, talks = decode([packet], 101)
    assert packets.problem[0] == TOO_DEEP
    assert packets.transport_at[0] == 0
    assert all(talk.facts["sides"][0]["port"] == 0 for talk in talks)
