"""Packets on their way to frames."""

from __future__ import annotations

from wireproof.capture.listing.info import Said
from wireproof.capture.listing.packet import Packet, signed
from wireproof.capture.listing.records import WIRESHARK, Record
from wireproof.capture.listing.times import Clocks


def test_syn_and_fin_take_a_number_each() -> None:
    record = Record(0, 1, WIRESHARK, 1, Clocks(), "10.0.0.1", "10.0.0.2", "TCP", "")
    assert Packet(record, Said("tcp", flags=3), payload=5).taken == 7


def test_a_message_has_the_flag_of_every_later_segment() -> None:
    record = Record(0, 1, WIRESHARK, 1, Clocks(), "10.0.0.1", "10.0.0.2", "HTTP", "")
    assert Packet(record, Said("above")).flags == 16


def test_differences_run_through_zero() -> None:
    assert (signed(2**32 - 1), signed(-(2**32) + 5), signed(7)) == (-1, 5, 7)
