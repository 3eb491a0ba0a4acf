"""DHCP and DHCPv6 messages: the fields that tell a client's new network, and bytes that are none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packets import pack_address
from wireproof.wire.dhcp import DhcpFields, unpack_dhcp, unpack_dhcpv6

MAC = bytes.fromhex("00155d100c3f")
DUID = bytes.fromhex("000100011c39cf88") + MAC


def option(code: int, value: bytes) -> bytes:
    return bytes((code, len(value))) + value


def dhcp(options: bytes, yours: str = "0.0.0.0", answer: bool = False, file: bytes = b"") -> bytes:
    """A message from RFC 2131's figure 1."""
    fixed = struct.pack("!BBBBIHH", 2 if answer else 1, 1, 6, 0, 0x11223344, 0, 0)
    addresses = bytes(4) + pack_address(yours) + bytes(8)
    return (
        fixed
        + addresses
        + MAC.ljust(16, b"\0")
        + bytes(64)
        + file.ljust(128, b"\0")
        + b"\x63\x82\x53\x63"
        + options
        + b"\xff"
    )


def option6(code: int, value: bytes) -> bytes:
    return struct.pack("!HH", code, len(value)) + value


def test_an_ack_tells_the_lease() -> None:
    options = option(53, b"\x05") + option(54, pack_address("192.168.1.1")) + option(51, struct.pack("!I", 86400))
    options += option(1, pack_address("255.255.255.0")) + option(3, pack_address("192.168.1.1"))
    options += option(6, pack_address("192.168.1.1") + pack_address("9.9.9.9")) + option(15, b"home.lan\0")
    fields = unpack_dhcp(dhcp(options, "192.168.1.57", answer=True))
    assert fields is not None
    assert (fields.kind, fields.address, fields.server, fields.lease_s) == ("ACK", "192.168.1.57", "192.168.1.1", 86400)
    assert (fields.mask, fields.routers, fields.domain) == ("255.255.255.0", ("192.168.1.1",), "home.lan")
    assert fields.dns_servers == ("192.168.1.1", "9.9.9.9")
    assert (fields.client, fields.transaction) == ("00:15:5d:10:0c:3f", 0x11223344)


def test_a_request_tells_what_the_client_wants_and_is() -> None:
    wanted = (
        option(53, b"\x03")
        + b"\0\0"
        + option(50, pack_address("10.1.1.9"))
        + option(12, b"WIN8")
        + option(60, b"MSFT 5.0")
    )
    fields = unpack_dhcp(dhcp(wanted))
    assert fields is not None
    assert (fields.kind, fields.requested, fields.host_name, fields.vendor_class) == (
        "REQUEST",
        "10.1.1.9",
        "WIN8",
        "MSFT 5.0",
    )


def test_options_go_on_in_the_file_field_when_they_say_so() -> None:
    fields = unpack_dhcp(
        dhcp(option(53, b"\x02") + option(52, b"\x01"), file=option(15, b"corp.contoso.com") + b"\xff")
    )
    assert fields is not None
    assert fields.domain == "corp.contoso.com"


def test_bootp_without_options_is_bootp() -> None:
    fields = unpack_dhcp(dhcp(b"")[:236])
    assert fields is not None
    assert fields.kind == "BOOTP"


def test_a_reply_of_dhcpv6_tells_the_address_inside_its_association() -> None:
    address = option6(5, pack_address("2001:db8::9") + struct.pack("!II", 3600, 7200))
    body = (
        option6(1, DUID)
        + option6(2, DUID)
        + option6(3, bytes(12) + address)
        + option6(23, pack_address("2001:db8::53"))
    )
    fields = unpack_dhcpv6(b"\x07\x00\x12\x34" + body + option6(24, b"\x04corp\x07contoso\x03com\0"))
    assert fields is not None
    assert (fields.version, fields.kind, fields.transaction, fields.address) == (6, "REPLY", 0x1234, "2001:db8::9")
    assert (fields.lease_s, fields.dns_servers, fields.search) == (7200, ("2001:db8::53",), ("corp.contoso.com",))
    assert fields.client == DUID.hex(":")


def test_a_status_inside_an_association_is_told() -> None:
    refused = option6(3, bytes(12) + option6(13, struct.pack("!H", 2) + b"No addresses left"))
    fields = unpack_dhcpv6(b"\x02\x00\x00\x01" + refused)
    assert fields is not None
    assert (fields.status, fields.text) == (2, "No addresses left")


def test_a_relayed_message_is_the_message_inside() -> None:
    inner = b"\x01\x00\x00\x07" + option6(1, DUID)
    relayed = b"\x0c\x00" + pack_address("2001:db8:1::1") + pack_address("fe80::1") + option6(9, inner)
    fields = unpack_dhcpv6(relayed)
    assert fields is not None
    assert (fields.kind, fields.transaction, fields.relay) == ("SOLICIT", 7, "2001:db8:1::1")


def test_relays_without_end_are_given_up() -> None:
    message = b"\x01\x00\x00\x07"
    for _ in range(40):
        message = b"\x0c\x00" + bytes(32) + option6(9, message)
    assert unpack_dhcpv6(message) is None


@pytest.mark.parametrize("unpack", [unpack_dhcp, unpack_dhcpv6])
def test_other_bytes_are_no_message(unpack: object) -> None:
    assert callable(unpack)
    assert unpack(b"") is None
    assert unpack(b"\xee" * 300) is None


@given(st.binary(max_size=200), st.integers(0, 3))
def test_no_options_raise(options: bytes, overload: int) -> None:
    found = [unpack_dhcp(dhcp(option(52, bytes((overload,))) + options)), unpack_dhcpv6(b"\x07\x00\x00\x01" + options)]
    assert all(isinstance(fields, DhcpFields) and len(fields.options) <= 3 * 128 + 400 for fields in found)


@given(st.binary(max_size=80))
def test_no_search_list_raises_or_turns_in_circles(names: bytes) -> None:
    fields = unpack_dhcpv6(b"\x07\x00\x00\x01" + option6(24, names))
    assert fields is not None
    assert len(fields.search) <= 32
