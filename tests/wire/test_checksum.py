"""Transport checksums: right, left to the adapter, absent, wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packets import OFFLOADED, TCP, UDP, IPv4, IPv6, destination_options, pack_address
from wireproof.wire.checksum import ChecksumState, checksum_state, ones_complement_sum

ENDS = ("10.1.1.1", "10.1.1.2")
ENDS6 = ("2001:db8::1", "2001:db8::2")
ODD = b"odd number of bytes"


def state(packet: IPv4 | IPv6, transport_at: int | None = None, tail: bytes = b"") -> ChecksumState | None:
    """State of a packet behind a link header of 14 bytes."""
    header = 20 if isinstance(packet, IPv4) else 40
    at = 14 + header if transport_at is None else transport_at
    return checksum_state(bytes(14) + bytes(packet) + tail, 14, at, packet.upper.protocol)


@pytest.mark.parametrize("upper", [TCP(1, 2, payload=ODD), TCP(1, 2), UDP(1, 2, ODD), UDP(1, 2, b"")])
def test_right_checksums_of_both_versions(upper: TCP | UDP) -> None:
    assert state(IPv4(*ENDS, upper)) is ChecksumState.RIGHT
    assert state(IPv6(*ENDS6, upper)) is ChecksumState.RIGHT


def test_padding_after_the_packet_does_not_count() -> None:
    assert state(IPv4(*ENDS, TCP(1, 2)), tail=b"\x55" * 6) is ChecksumState.RIGHT


def test_bytes_after_the_datagram_do_not_count() -> None:
    packet = IPv4(*ENDS, UDP(1, 2, b"abcd"), total_length=20 + 12 + 4)
    assert state(packet, tail=b"\x55" * 4) is ChecksumState.RIGHT


def test_extension_headers_stand_outside_the_sum() -> None:
    packet = IPv6(*ENDS6, TCP(1, 2, payload=ODD), extensions=[destination_options()])
    assert state(packet, 14 + 48) is ChecksumState.RIGHT


def test_the_sum_of_the_pseudo_header_is_partial_with_and_without_the_length() -> None:
    # examples.packets leaves the sum with the length; Windows leaves the length out for TSO.
    assert state(IPv4(*ENDS, TCP(1, 2, payload=ODD, checksum=OFFLOADED))) is ChecksumState.PARTIAL
    without = ones_complement_sum(pack_address(ENDS[0]) + pack_address(ENDS[1])) + 6
    assert state(IPv4(*ENDS, TCP(1, 2, payload=ODD, checksum=without % 0xFFFF))) is ChecksumState.PARTIAL


def test_zero_is_no_checksum_for_udp_and_an_open_one_for_tcp() -> None:
    assert state(IPv4(*ENDS, UDP(1, 2, ODD, checksum=0))) is ChecksumState.ABSENT
    assert state(IPv4(*ENDS, TCP(1, 2, payload=ODD, checksum=0))) is ChecksumState.PARTIAL


@given(st.integers(0, 19 + 8 * 19 - 1))
def test_one_changed_bit_of_the_payload_is_noticed(bit: int) -> None:
    data = bytearray(bytes(IPv4(*ENDS, TCP(1, 2, payload=ODD * 2))))
    data[40 + bit // 8] ^= 1 << bit % 8
    assert checksum_state(bytes(data), 0, 20, 6) is ChecksumState.WRONG


def test_cut_frames_and_other_protocols_are_left_open() -> None:
    whole = bytes(IPv4(*ENDS, TCP(1, 2, payload=ODD)))
    assert checksum_state(whole[:-1], 0, 20, 6) is None
    assert checksum_state(whole, 0, 20, 132) is None
    assert checksum_state(whole, 0, 0, 6) is None


def test_a_length_of_zero_reaches_to_the_end_of_the_frame() -> None:
    packet = IPv4(*ENDS, TCP(1, 2, payload=ODD))
    assert state(replace(packet, total_length=0)) is ChecksumState.RIGHT


@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 90), st.sampled_from([6, 17]))
def test_any_bytes_give_a_state_or_none(data: bytes, network_at: int, transport_at: int, protocol: int) -> None:
    assert checksum_state(data, network_at, transport_at, protocol) in {None, *ChecksumState}
