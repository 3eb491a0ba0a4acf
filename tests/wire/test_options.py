"""TCP options by name, and SACK edges, from real and from broken headers."""

from __future__ import annotations

import pytest

from tests.support.packets import TCP, Ethernet, IPv4, mss, sack, sack_permitted, timestamps, wscale
from wireproof.wire.options import read_sack_edges, read_tcp_options

MAC = "02:00:00:00:00:01"
TRANSPORT_AT = 34


def frame(options: bytes, flags: str = "S") -> bytes:
    return bytes(Ethernet(MAC, MAC, IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, flags=flags, options=options))))


def test_the_options_of_a_syn_are_named_with_their_values() -> None:
    read = read_tcp_options(frame(mss(1380) + sack_permitted() + wscale(7) + timestamps(1, 0)), TRANSPORT_AT)
    assert read == {"MSS": "1380", "SACK permitted": "present", "window scale": "7", "timestamps": "present"}


def test_sack_edges_come_as_sequence_numbers() -> None:
    assert read_sack_edges(frame(sack((1742, 2328)), "A"), TRANSPORT_AT) == [(1742, 2328)]
    assert read_sack_edges(frame(mss(1460)), TRANSPORT_AT) == []


@pytest.mark.parametrize("length", [0, 33, 40, 53])
def test_a_cut_header_has_no_options_that_anybody_could_trust(length: int) -> None:
    assert read_tcp_options(frame(mss(1460) + wscale(2))[:length], TRANSPORT_AT) is None


def test_an_impossible_option_length_ends_the_list() -> None:
    assert read_tcp_options(frame(mss(1460) + b"\x03\x00\x02\x00"), TRANSPORT_AT) == {"MSS": "1460"}
