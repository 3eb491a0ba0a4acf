"""The table of ICMP errors: which packets, about which conversation, and what they say on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    port_unreachable,
    quoting,
    too_big,
)
from tests.support.tables import spaced
from wireproof.conversations import read_capture
from wireproof.messages.icmp import IcmpErrors, address_text, build_icmp_errors

CLIENT, SERVER, ROUTER = "10.1.1.1", "10.2.2.2", "10.1.1.254"
ASK = IPv4(CLIENT, SERVER, UDP(40000, 1812, b"ask"))
SYN = IPv4(CLIENT, SERVER, TCP(40001, 445, 100, flags="S"))


@contextmanager
def errors(folder: Path, *packets: IPv4 | IPv6) -> Iterator[IcmpErrors]:
    frames = spaced(bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)) for packet in packets)
    tables = read_capture(write_pcap(folder / "icmp.pcap", frames))
    with tables.capture:
        yield build_icmp_errors(tables)


def test_errors_belong_to_the_conversation_that_they_quote(tmp_path: Path) -> None:
    prohibited = ICMP(3, 13, payload=quoting(SYN))
    with errors(
        tmp_path, ASK, IPv4(SERVER, CLIENT, port_unreachable(ASK)), SYN, IPv4(ROUTER, CLIENT, prohibited)
    ) as found:
        assert (found.row.tolist(), found.conversation.tolist()) == ([1, 3], [0, 1])
        first, second = found.read([0, 1])
    assert (first.reporter, first.receiver) == (SERVER, CLIENT)
    assert first.error is not None
    assert first.error.name == "port unreachable"
    assert (second.row, second.reporter) == (3, ROUTER)


def test_echoes_are_no_errors(tmp_path: Path) -> None:
    with errors(tmp_path, IPv4(CLIENT, SERVER, echo(1, 1)), IPv4(SERVER, CLIENT, echo(1, 1, reply=True))) as found:
        assert (len(found), found.groups) == (0, [])


def test_a_quote_without_its_transport_header_leads_to_no_conversation(tmp_path: Path) -> None:
    lost = ICMP(11, 0, payload=quoting(SYN, keep=20))
    with errors(tmp_path, IPv4(ROUTER, CLIENT, lost)) as found:
        assert found.conversation.tolist() == [-1]


def test_groups_hold_errors_of_one_kind_and_conversation_in_order(tmp_path: Path) -> None:
    refused, big = IPv4(SERVER, CLIENT, port_unreachable(ASK)), IPv4(ROUTER, CLIENT, too_big(SYN, 1400))  # type: ignore[arg-type]
    with errors(tmp_path, big, refused, big, refused) as found:
        assert [group.tolist() for group in found.groups] == [[0, 2], [1, 3]]


def test_the_v6_equivalents_are_found(tmp_path: Path) -> None:
    packet = IPv6("2001:db8::1", "2001:db8::2", TCP(1, 443, 7, payload=bytes(1400)))
    solicit = ICMPv6(135, 0, payload=bytes(16))
    with errors(
        tmp_path, packet, IPv6("2001:db8::9", "2001:db8::1", too_big(packet, 1280)), IPv6("fe80::1", "fe80::2", solicit)
    ) as found:
        assert (found.row.tolist(), found.version.tolist()) == ([1], [6])
        (report,) = found.read([0])
    assert report.reporter == "2001:db8::9"
    assert report.error is not None
    assert report.error.mtu == 1280


def test_addresses_as_text() -> None:
    assert (address_text(bytes((10, 0, 0, 1))), address_text(bytes(15) + b"\1")) == ("10.0.0.1", "::1")
