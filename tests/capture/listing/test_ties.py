"""Which connection a message belongs to."""

from __future__ import annotations

from tests.support.listed import packets_of
from wireproof.capture.listing.info import DNS
from wireproof.capture.listing.lengths import take_lengths
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.ties import is_lost, tie_messages


def test_a_message_between_two_hosts_with_one_connection_is_of_that() -> None:
    packets = packets_of("TCP 1099 > 80 [SYN] Seq=0 Win=8192 Len=0", "HTTP GET / HTTP/1.1")
    assert tie_messages(packets) == 0
    assert packets[1].ends == (("10.0.0.1", 1099), ("10.0.0.2", 80))


def test_of_two_connections_it_is_the_one_that_lacks_its_bytes() -> None:
    packets = packets_of(
        "TCP 54 1 > 80 [ACK] Seq=1 Ack=1 Win=8192 Len=0",
        "TCP 54 2 > 80 [ACK] Seq=1 Ack=1 Win=8192 Len=0",
        "HTTP 154 GET / HTTP/1.1",
        "TCP 54 2 > 80 [ACK] Seq=1 Ack=9 Win=8192 Len=0",
        "TCP 54 1 > 80 [ACK] Seq=101 Ack=1 Win=8192 Len=0",
    )
    take_lengths(packets)
    tie_messages(packets)
    assert packets[2].said.source_port == 1


def test_without_any_line_on_tcp_the_service_has_its_port_and_the_rest_is_told() -> None:
    packets = packets_of("HTTP GET / HTTP/1.1", "ECHO Request")
    assert tie_messages(packets) == 1
    assert packets[0].said.target_port == 80
    assert [is_lost(packet) for packet in packets] == [False, False]


def test_a_protocol_that_may_be_udp_stays_without_a_connection() -> None:
    packets = packets_of("ECHO Request")
    tie_messages(packets)
    assert is_lost(packets[0])


def parallel(*messages: str) -> list[Packet]:
    opened = [f"TCP {port} > 80 [SYN] Seq=0 Win=8192 Len=0" for port in (1, 2)]
    packets = packets_of(*opened, *messages)
    tie_messages(packets)
    return packets


def test_a_message_that_two_connections_may_have_carried_names_both() -> None:
    *_, message = parallel("HTTP GET / HTTP/1.1")
    assert sorted(message.maybe_of) == [0, 1]
    assert message.said.target_port == 80


def test_a_sender_that_has_closed_one_of_two_means_the_other() -> None:
    *_, message = parallel("TCP 2 > 80 [FIN, ACK] Seq=1 Ack=1 Win=8192 Len=0", "HTTP GET / HTTP/1.1")
    assert (message.maybe_of, message.said.source_port) == ([], 1)


def test_a_query_between_hosts_with_a_connection_to_port_53_came_over_it() -> None:
    packets = packets_of("TCP 1 > 53 [SYN] Seq=0 Win=8192 Len=0", "DNS Standard query 0x0001 A www.example.org")
    tie_messages(packets)
    assert packets[1].ends == (("10.0.0.1", 1), ("10.0.0.2", 53))


def test_a_query_beside_another_connection_did_not() -> None:
    packets = packets_of("TCP 1 > 80 [SYN] Seq=0 Win=8192 Len=0", "DNS Standard query 0x0001 A www.example.org")
    tie_messages(packets)
    assert packets[1].said.kind == DNS
