"""ICMP errors and the packets they quote, from bytes."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.support.packets import ICMP, TCP, UDP, ICMPv6, IPv4, IPv6, pack_address, port_unreachable, quoting, too_big
from wireproof.wire.icmp import error_name, unpack_error, unpack_quoted

SEGMENT = IPv4("10.0.0.42", "10.0.0.5", TCP(51009, 443, seq=77, payload=bytes(1400)), ttl=63)
SEGMENT6 = IPv6("2001:db8::1", "2001:db8::2", TCP(51009, 443, seq=77, payload=bytes(1400)), ttl=63)


def test_fragmentation_needed_gives_mtu_and_quoted_segment() -> None:
    error = unpack_error(too_big(SEGMENT, 1400).pack(0), 0, 4)
    assert error is not None
    assert (error.name, error.mtu) == ("fragmentation needed", 1400)
    quoted = error.quoted
    assert quoted is not None
    assert (quoted.source, quoted.destination) == (pack_address("10.0.0.42"), pack_address("10.0.0.5"))
    assert (quoted.protocol, quoted.source_port, quoted.destination_port, quoted.seq) == (6, 51009, 443, 77)
    assert (quoted.ttl, quoted.length) == (63, 1440)


def test_packet_too_big_is_its_equivalent_for_ipv6() -> None:
    error = unpack_error(b"?" + too_big(SEGMENT6, 1280).pack(0), 1, 6)
    assert error is not None
    assert (error.name, error.mtu) == ("packet too big", 1280)
    assert error.quoted is not None
    assert (error.quoted.destination_port, error.quoted.length) == (443, 1460)


def test_other_errors_have_no_mtu() -> None:
    error = unpack_error(port_unreachable(IPv4("10.0.0.1", "10.0.0.2", UDP(4000, 1812))).pack(0), 0, 4)
    assert error is not None
    assert (error.name, error.mtu) == ("port unreachable", 0)
    assert error.quoted is not None
    assert error.quoted.seq == 0


def test_a_quote_of_another_protocol_has_no_ports() -> None:
    quoted = unpack_quoted(quoting(IPv4("10.0.0.1", "10.0.0.2", ICMP(8, 0))), 0)
    assert quoted is not None
    assert (quoted.protocol, quoted.source_port, quoted.destination_port) == (1, 0, 0)


def test_a_quote_of_nothing_but_an_ip_header_has_no_ports() -> None:
    quoted = unpack_quoted(bytes(SEGMENT)[:20], 0)
    assert quoted is not None
    assert (quoted.source_port, quoted.length) == (0, 1440)


def test_cut_and_senseless_quotes_give_none() -> None:
    assert unpack_quoted(bytes(SEGMENT)[:19], 0) is None
    assert unpack_quoted(bytes(SEGMENT6)[:39], 0) is None
    assert unpack_quoted(b"\x55" * 40, 0) is None
    cut = unpack_error(struct.pack("!BBHI", 3, 1, 0, 0), 0, 4)
    assert cut is not None
    assert (cut.name, cut.quoted) == ("host unreachable", None)
    assert unpack_error(b"\x03\x01\0\0\0\0\0", 0, 4) is None


def test_each_version_has_its_own_names() -> None:
    assert error_name(4, 3, 13) == error_name(6, 1, 1) == "communication administratively prohibited"
    assert error_name(4, 11, 0) == "time to live exceeded in transit"
    assert error_name(6, 3, 0) == "hop limit exceeded in transit"
    assert error_name(4, 3, 99) == "ICMP type 3 code 99"


@given(st.binary(max_size=120), st.integers(-1, 125), st.sampled_from([4, 6]))
def test_any_bytes_give_an_error_or_none(data: bytes, at: int, version: int) -> None:
    error = unpack_error(data, at, version)
    assert error is None or isinstance(error.name, str)


def test_the_v6_error_of_a_real_builder_is_read() -> None:
    error = unpack_error(ICMPv6(1, 4, payload=quoting(SEGMENT6, 48)).pack(0), 0, 6)
    assert error is not None
    assert error.name == "port unreachable"
    assert error.quoted is not None
    assert error.quoted.source_port == 51009
