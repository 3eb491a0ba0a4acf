"""Records without a column for the protocol."""

from __future__ import annotations

import pytest

from wireproof.capture.listing.records import Record, find_records
from wireproof.capture.listing.unnamed import name_protocols

SEGMENT = "1 0.000000 10.0.0.1 10.0.0.2 rmiactivation > http [SYN] Seq=0 Win=65535 Len=0 MSS=1460\n"


def read(*lines: str) -> list[Record]:
    records = list(find_records(SEGMENT + "\n".join(lines)))
    name_protocols(records)
    return records


@pytest.mark.parametrize(
    ("words", "protocol"),
    [
        ("80 > 1099 [SYN, ACK] Seq=0 Ack=1 Win=16384 Len=0", "TCP"),
        ("[TCP Retransmission] 80 > 1099 [ACK] Seq=0 Ack=1 Win=16384 Len=0", "TCP"),
        ("CCM_POST /ccm_system/request HTTP/1.1", "HTTP"),
        ("Continuation or non-HTTP traffic", "HTTP"),
        ("Standard query 0x1a2b A www.example.org", "DNS"),
        ("Client Hello", "TLSv1"),
        ("Who has 10.0.0.2? Tell 10.0.0.1", "ARP"),
        ("Echo (ping) request id=0x0001, seq=1/256, ttl=128", "ICMP"),
        ("Remote Procedure Call Packet", "?"),
    ],
)
def test_words_tell_the_protocol(words: str, protocol: str) -> None:
    first, record = read(f"2 0.100000 10.0.0.2 10.0.0.1 {words}")
    assert (first.protocol, first.info.split()[0]) == ("TCP", "rmiactivation")
    assert (record.protocol, record.info) == (protocol, words)


def test_questions_to_a_group_are_no_dns() -> None:
    _, record = read("2 0.100000 10.0.0.1 224.0.0.251 Standard query 0x0000 ANY m1.local")
    assert record.protocol == "MDNS"


def test_protocols_that_are_printed_stay() -> None:
    _, record = read("2 0.100000 10.0.0.2 10.0.0.1 HTTP Continuation or non-HTTP traffic")
    assert (record.protocol, record.info) == ("HTTP", "Continuation or non-HTTP traffic")


def test_a_listing_with_the_column_is_left_alone() -> None:
    records = list(find_records("1 0.0 10.0.0.1 10.0.0.2 XYZ something else\n"))
    name_protocols(records)
    assert [record.protocol for record in records] == ["XYZ"]


@pytest.mark.parametrize("words", ["Who has 10.0.0.2? Tell 10.0.0.1", "Standard query 0x0001 A www.example.org"])
def test_a_listing_of_one_protocol_is_known_by_how_its_records_begin(words: str) -> None:
    (record,) = records = list(find_records(f"1 0.0 10.0.0.1 10.0.0.2 {words}\n"))
    name_protocols(records)
    assert (record.protocol in {"ARP", "DNS"}, record.info) == (True, words)
