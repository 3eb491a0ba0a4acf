"""ICMP errors brought together with the packets that they quote."""

from __future__ import annotations

from pathlib import Path

from tests.support.packets import ICMP, TCP, Ethernet, ICMPv6, IPv4, IPv6, echo, quoting
from tests.support.tables import spaced
from tests.support.verdicts import make_case
from wireproof.rules.icmp._complaints import Complaint, end_text, find_complaints, wide

CLIENT, SERVER, ROUTER = "10.1.1.9", "10.2.2.8", "10.1.1.1"


def complaints(folder: Path, *packets: IPv4 | IPv6) -> list[Complaint]:
    frames = spaced(bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)) for packet in packets)
    return list(find_complaints(make_case(folder, {"tap": frames}).points[0]))


def test_errors_about_one_conversation_are_one_complaint_with_the_packet_quoted(tmp_path: Path) -> None:
    syn = IPv4(CLIENT, SERVER, TCP(50000, 445, 100, flags="S"), ttl=61)
    told = IPv4(ROUTER, CLIENT, ICMP(3, 1, payload=quoting(syn)))
    (found,) = complaints(tmp_path, syn, told, syn, told)
    assert (found.count, found.rows, found.original_row()) == (2, (1, 3), 0)
    assert (found.source, found.destination, found.protocol) == (f"{CLIENT}:50000", f"{SERVER}:445", "tcp")
    assert (found.report.reporter, found.ttl_max, found.is_to_client, found.is_original_here) == (
        ROUTER,
        61,
        False,
        True,
    )


def test_the_ttl_of_a_quoted_ping_is_found(tmp_path: Path) -> None:
    ping = IPv4(CLIENT, SERVER, echo(9, 1), ttl=2)
    (found,) = complaints(tmp_path, ping, IPv4(ROUTER, CLIENT, ICMP(11, 0, payload=quoting(ping))))
    assert (found.ttl_max, found.destination) == (2, SERVER)


def test_a_quote_without_transport_header_is_read_by_its_addresses(tmp_path: Path) -> None:
    syn = IPv6("2001:db8::9", "2001:db8::8", TCP(50000, 445, 100, flags="S"))
    (found,) = complaints(tmp_path, IPv6("2001:db8::1", "2001:db8::9", ICMPv6(3, 0, payload=quoting(syn, 40))))
    assert (found.conversation, found.destination, found.is_original_here, found.original_row()) == (
        -1,
        "2001:db8::8",
        False,
        -1,
    )


def test_an_error_without_a_quote_has_unknown_ends() -> None:
    assert end_text(None, of_source=True) == "an unknown address"


def test_addresses_in_sixteen_bytes() -> None:
    assert wide(bytes((10, 0, 0, 1))) == bytes(10) + b"\xff\xff\x0a\0\0\1"
    assert wide(bytes(16)) == bytes(16)
