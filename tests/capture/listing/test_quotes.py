"""What ICMP errors are about, as far as the records around them tell."""

from __future__ import annotations

from tests.support.listed import packets_of
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.quotes import quote_refused

SYN = "TCP 50001 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460"
PROHIBITED = "<ICMP Destination unreachable (Communication administratively filtered)"
PORT = "<ICMP Destination unreachable (Port unreachable)"
TOO_BIG = "<ICMP Destination unreachable (Fragmentation needed)"


def quoted(*lines: str, sender: str = "") -> list[int | None]:
    """The numbers of the packets that each error quotes; errors come from `sender` where that is given."""
    packets = packets_of(*lines)
    errors = [packet for packet in packets if packet.said.kind == "icmp"]
    for packet in errors:
        packet.record.source = sender or packet.record.source
    for place, packet in enumerate(packets):
        packet.time_ns, packet.payload = place * 10**9, packet.said.payload
    quote_refused(packets)
    return [number(packet.quoted) for packet in errors]


def number(packet: Packet | None) -> int | None:
    return packet.record.number if packet else None


def test_a_router_speaks_of_the_packet_that_still_waits() -> None:
    assert quoted(SYN, PROHIBITED, sender="10.9.9.9") == [1]


def test_what_was_answered_is_not_meant() -> None:
    answer = "TCP 80 > 50001 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1460"
    assert quoted(SYN, answer, PROHIBITED, sender="10.9.9.9") == [None]


def test_of_two_hosts_that_wait_nothing_is_said() -> None:
    packets = packets_of(SYN, SYN.replace("50001", "50002"), PROHIBITED)
    packets[1].record.target, packets[2].record.source = "10.0.0.3", "10.9.9.9"
    quote_refused(packets)
    assert packets[2].quoted is None


def test_an_old_packet_is_not_meant() -> None:
    packets = packets_of(SYN, PROHIBITED)
    packets[1].time_ns, packets[1].record.source = 6 * 10**9, "10.9.9.9"
    quote_refused(packets)
    assert packets[1].quoted is None


def test_a_closed_port_speaks_of_the_last_datagram_to_it() -> None:
    assert quoted("UDP 50001 > 9000 Len=20", "UDP 50002 > 9001 Len=20", PORT) == [2]


def test_what_is_too_big_has_data() -> None:
    data = "TCP 50001 > 80 [ACK] Seq=1 Ack=1 Win=8192 Len=1460"
    ack = "TCP 80 > 50001 [ACK] Seq=1 Ack=1 Win=8192 Len=0"
    assert quoted(SYN, data, ack, TOO_BIG, sender="10.9.9.9") == [2]
