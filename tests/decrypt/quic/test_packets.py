"""Packet protection of QUIC, by the vectors of RFC 9001 appendix A."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.quic_lab import CHACHA, Keys
from wireproof.decrypt.quic.packets import PacketKeys, candidates
from wireproof.wire.quic import VERSION_1
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

SECRET = bytes.fromhex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b")


def parts_of(suite: int) -> SuiteParts:
    """The parts of a known suite."""
    found = suite_parts(suite)
    assert found is not None
    return found


def test_the_short_packet_of_rfc_9001_opens() -> None:
    keys = PacketKeys(parts_of(0x1303), SECRET, VERSION_1)
    keys.expected = 654_360_564
    packet = bytes.fromhex("4cfe4189655e5cd55c41f69080575d7999c25a5bfb")
    assert keys.open(packet, 0, 1, len(packet)) == b"\x01"
    assert keys.expected == 654_360_565


def test_packets_of_two_generations_open_in_any_order() -> None:
    own = Keys(SECRET, CHACHA)
    later = own.updated()
    assert later.secret.hex() == "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"
    keys = PacketKeys(parts_of(CHACHA), SECRET, VERSION_1)
    old, new = (one.seal(bytes([0x43 | phase << 2]), 9, b"content") for one, phase in ((own, 0), (later, 1)))
    for packet in (old, new, old, new):
        assert keys.open(packet, 0, 1, len(packet)) == b"content"
    assert keys.generation == 1


def test_any_other_bit_is_noticed() -> None:
    packet = Keys(SECRET, CHACHA).seal(b"\x43", 9, b"content")
    for place in range(len(packet)):
        spoilt = bytearray(packet)
        spoilt[place] ^= 1
        assert PacketKeys(parts_of(CHACHA), SECRET, VERSION_1).open(bytes(spoilt), 0, 1, len(packet)) is None


@given(st.binary(max_size=60), st.integers(0, 30))
def test_whatever_bytes_give_nothing(data: bytes, number_at: int) -> None:
    if data:
        assert PacketKeys(parts_of(CHACHA), SECRET, VERSION_1).open(data, 0, number_at, len(data)) is None


@pytest.mark.parametrize(
    ("size", "suite", "count"), [(32, -1, 3), (48, -1, 1), (32, 0x1301, 1), (33, -1, 0), (32, 0xC0B4, 0)]
)
def test_where_nobody_knows_the_suite_all_of_the_secrets_length_are_tried(size: int, suite: int, count: int) -> None:
    assert len(candidates(bytes(size), suite)) == count
