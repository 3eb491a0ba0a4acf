"""Packets by connection, and their initial sequence numbers."""

from __future__ import annotations

from tests.support.listed import packets_of
from wireproof.capture.listing.connections import absolute, make_connections

SYN = "TCP 1 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460"
DATA = "TCP 1 > 80 [ACK] Seq=1 Ack=1 Win=8192 Len=5"
RESET = "TCP 80 > 1 [RST, ACK] Seq=1 Ack=6 Win=0 Len=0"


def test_a_new_syn_on_the_same_ports_begins_a_new_connection() -> None:
    assert [len(one.packets) for one in make_connections(packets_of(SYN, DATA, RESET, SYN, DATA))] == [3, 2]


def test_an_unanswered_syn_that_comes_again_does_not() -> None:
    assert [len(one.packets) for one in make_connections(packets_of(SYN, SYN, SYN))] == [3]


def test_made_up_initial_numbers_are_the_same_wherever_the_connection_is_listed() -> None:
    one, other = (make_connections(packets_of(SYN, DATA))[0] for _ in range(2))
    assert one.bases == other.bases != (0, 0)
    assert absolute(one, one.packets[1]) == (one.bases[0] + 1, one.bases[1] + 1)


def test_numbers_that_are_absolute_stay_as_they_are() -> None:
    (one,) = make_connections(packets_of("TCP 1 > 80 [SYN] Seq=4000000000 Win=8192 Len=0"))
    assert (one.bases, absolute(one, one.packets[0])[0]) == ((0, 0), 4000000000)
