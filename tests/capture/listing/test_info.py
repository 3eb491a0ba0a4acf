"""The words of Wireshark's Info column."""

from __future__ import annotations

import pytest

from wireproof.capture.listing.info import ABOVE, ARP, ICMP, TCP, UDP, read_info


def test_a_segment_is_read_with_its_options() -> None:
    info = "1433 > 46739 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1380 WS=8 SACK_PERM=1 TSV=359429749 TSER=11322755"
    said = read_info("TCP", info)
    assert said is not None
    assert (said.kind, said.source_port, said.target_port, said.flags) == (TCP, 1433, 46739, 0x12)
    assert (said.seq, said.ack, said.window, said.payload) == (0, 1, 8192, 0)
    assert (said.mss, said.scale, said.sack_permitted, said.stamps) == (1380, 8, True, (359429749, 11322755))


def test_remarks_do_not_hide_the_segment() -> None:
    said = read_info(
        "TCP",
        "[TCP Dup ACK 12#1] 28474 → 25 [ACK] Seq=649 Ack=269 Win=65124 [TCP CHECKSUM INCORRECT] Len=0 SLE=5 SRE=9",
    )
    assert said is not None
    assert (said.seq, said.payload, said.sacked) == (649, 0, [(5, 9)])
    assert said.has("Dup ACK")


def test_a_message_says_only_what_it_is() -> None:
    said = read_info("HTTP", "[TCP Retransmission] Continuation or non-HTTP traffic")
    assert said is not None
    assert (said.kind, said.seq, said.flags, said.words) == (ABOVE, None, None, "Continuation or non-HTTP traffic")


@pytest.mark.parametrize(
    ("protocol", "info", "kind", "code"),
    [
        ("ICMP", "Echo (ping) request  id=0x0200, seq=18718/7753, ttl=118", ICMP, (8, 0)),
        ("ICMP", "Echo (ping) reply    id=0x0200, seq=099/7753", ICMP, (0, 0)),
        ("ICMP", "Destination unreachable (Port unreachable)", ICMP, (3, 3)),
        ("ICMP", "Destination unreachable (Fragmentation needed)", ICMP, (3, 4)),
        ("ICMP", "Time-to-live exceeded (Time to live exceeded in transit)", ICMP, (11, 0)),
        ("ARP", "Who has 10.1.1.1? Tell 10.1.1.2", ARP, (1, 0)),
        ("ARP", "10.0.80.202 is at 00:23:7d:13:2f:6b", ARP, (2, 0)),
        ("UDP", "Source port: 1234  Destination port: domain", UDP, (0, 0)),
    ],
)
def test_other_protocols_are_read(protocol: str, info: str, kind: str, code: tuple[int, int]) -> None:
    said = read_info(protocol, info)
    assert said is not None
    assert (said.kind, said.code) == (kind, code)


@pytest.mark.parametrize("protocol", ["STP", "HSRP", "LLDP", "IGMPv2"])
def test_nothing_is_made_of_protocols_that_are_no_packets_of_these(protocol: str) -> None:
    assert read_info(protocol, "Conf. Root = 32768/1/00:11:22:33:44:55") is None
