"""The Info column of UDP, ICMP, ICMPv6 and fragments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.files import write_pcap
from tests.support.packets import (
    ICMP,
    TCP,
    UDP,
    Ethernet,
    ICMPv6,
    IPv4,
    IPv6,
    echo,
    echo_v6,
    fragment_v4,
    fragment_v6,
    pack_address,
    port_unreachable,
    too_big,
)
from tests.support.tables import spaced
from wireproof.conversations import read_capture
from wireproof.conversations.lines import describe

A4, B4, A6, B6 = "10.0.0.1", "10.0.0.2", "fe80::1", "fe80::2"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
DATAGRAM = IPv4(A4, B4, UDP(5000, 6000, b"abc"))


def told(folder: Path, packet: IPv4 | IPv6) -> tuple[str, str]:
    """Protocol and Info of one packet."""
    path = write_pcap(folder / "made.pcap", spaced([bytes(Ethernet(*MACS, packet))]))
    with (tables := read_capture(path)).capture:
        line = describe(tables, 0)
    return line.protocol, line.info


NEIGHBOUR = b"\0\0\0\0" + pack_address(B6)


@pytest.mark.parametrize(
    ("packet", "protocol", "info"),
    [
        (DATAGRAM, "UDP", "5000 → 6000 Len=3"),
        (IPv4(A4, B4, echo(1, 2), ttl=64), "ICMP", "Echo (ping) request id=0x0001, seq=2/512, ttl=64"),
        (IPv4(A4, B4, echo(1, 2, reply=True)), "ICMP", "Echo (ping) reply id=0x0001, seq=2/512, ttl=64"),
        (IPv4(B4, A4, port_unreachable(DATAGRAM)), "ICMP", "Destination unreachable (Port unreachable)"),
        (IPv4(B4, A4, too_big(DATAGRAM, 1400)), "ICMP", "Destination unreachable (Fragmentation needed) MTU=1400"),
        (IPv4(B4, A4, ICMP(11, 0)), "ICMP", "Time-to-live exceeded (Time to live exceeded)"),
        (IPv4(B4, A4, ICMP(3, 42)), "ICMP", "Destination unreachable (code 42)"),
        (IPv4(B4, A4, ICMP(5, 1)), "ICMP", "Redirect"),
        (IPv4(B4, A4, ICMP(77, 3)), "ICMP", "Type 77 code 3"),
        (IPv6(A6, B6, echo_v6(1, 2)), "ICMPv6", "Echo (ping) request id=0x0001, seq=2/512, ttl=64"),
        (IPv6(A6, B6, ICMPv6(135, 0, NEIGHBOUR)), "ICMPv6", f"Neighbor Solicitation for {B6}"),
        (
            IPv6(A6, B6, ICMPv6(136, 0, b"\x60" + NEIGHBOUR[1:] + b"\x02\x01" + bytes.fromhex("020000000002"))),
            "ICMPv6",
            f"Neighbor Advertisement {B6} (sol, ovr) is at 02:00:00:00:00:02",
        ),
        (IPv6(A6, B6, ICMPv6(134, 0, bytes(12))), "ICMPv6", "Router Advertisement"),
    ],
)
def test_what_a_packet_says(tmp_path: Path, packet: IPv4 | IPv6, protocol: str, info: str) -> None:
    assert told(tmp_path, packet) == (protocol, info)


def test_a_router_of_ipv6_names_its_mtu(tmp_path: Path) -> None:
    large = IPv6(A6, B6, TCP(1, 2, payload=bytes(1400)))
    assert told(tmp_path, IPv6(B6, A6, too_big(large, 1280))) == ("ICMPv6", "Packet Too Big MTU=1280")


def test_fragments_tell_where_they_belong(tmp_path: Path) -> None:
    parts = fragment_v4(IPv4(A4, B4, UDP(1, 2, bytes(3000)), ident=0x1234, dont_fragment=False), 1480)
    assert told(tmp_path, parts[1]) == ("IPv4", "Fragmented IP protocol (proto=UDP 17, off=1480, ID=1234)")
    assert told(tmp_path, parts[-1])[1].endswith("off=2960, ID=1234, last)")
    six = fragment_v6(IPv6(A6, B6, UDP(1, 2, bytes(3000))), 1400, 0xABCD)
    assert told(tmp_path, six[1]) == ("IPv6", "Fragmented IP protocol (proto=UDP 17, off=1400, ID=0000abcd)")


def test_a_port_of_dns_with_other_bytes_stays_udp(tmp_path: Path) -> None:
    assert told(tmp_path, IPv4(A4, B4, UDP(53, 1025, b"abc"))) == ("UDP", "53 → 1025 Len=3")
