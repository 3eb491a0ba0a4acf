"""ARP fields from bytes, and what MACs say about themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packets import ARP, pack_address, pack_mac
from wireproof.wire.arp import (
    ArpFields,
    cluster_address,
    is_group,
    is_nlb_group,
    mac_dotted,
    mac_text,
    shared_by,
    unpack_arp,
)

MESSAGE = bytes(ARP(2, "00:23:7d:13:2f:6b", "10.0.80.202", "00:1f:29:10:11:91", "10.0.80.1"))


def test_a_reply_is_read_field_by_field() -> None:
    ends = (pack_mac("00:23:7d:13:2f:6b"), pack_address("10.0.80.202"), pack_mac("00:1f:29:10:11:91"))
    assert unpack_arp(b"??" + MESSAGE, 2) == ArpFields(2, *ends, pack_address("10.0.80.1"))


@pytest.mark.parametrize("size", range(28))
def test_a_cut_message_gives_none(size: int) -> None:
    assert unpack_arp(MESSAGE[:size]) is None


@pytest.mark.parametrize(("at", "value"), [(2, 0x86), (4, 8), (5, 16)])
def test_a_message_for_other_addresses_gives_none(at: int, value: int) -> None:
    assert unpack_arp(MESSAGE[:at] + bytes((value,)) + MESSAGE[at + 1 :]) is None


@given(st.binary(max_size=64), st.integers(-2, 70))
def test_any_bytes_give_fields_or_none(data: bytes, at: int) -> None:
    found = unpack_arp(data, at)
    assert found is None or len(found.sender_mac) == 6


@pytest.mark.parametrize(
    ("mac", "name"),
    [
        ("00:00:5e:00:01:0a", "VRRP or CARP"),
        ("00:00:0c:07:ac:01", "HSRP"),
        ("00:00:0c:9f:f0:01", "HSRP version 2"),
        ("00:00:0c:9f:00:01", ""),
        ("00:07:b4:00:01:02", "GLBP"),
        ("02:bf:0a:01:01:01", "NLB"),
        ("03:bf:0a:01:01:01", "NLB"),
        ("01:00:5e:7f:01:01", "NLB"),
        ("02:01:0a:01:01:01", "NLB"),
        ("02:42:ac:11:00:02", ""),
        ("00:1f:29:10:11:91", ""),
    ],
)
def test_shared_macs_are_known_by_their_beginning(mac: str, name: str) -> None:
    assert shared_by(pack_mac(mac)) == name


def test_the_multicast_mac_of_a_cluster_tells_its_address() -> None:
    assert cluster_address(pack_mac("03:bf:0a:01:02:03")) == bytes((10, 1, 2, 3))
    assert cluster_address(pack_mac("02:bf:0a:01:02:03")) is None


def test_group_bit_and_multicast_forms() -> None:
    assert [is_group(pack_mac(mac)) for mac in ("03:bf:00:00:00:00", "02:bf:00:00:00:00", "ff:ff:ff:ff:ff:ff")] == [
        1,
        0,
        1,
    ]
    assert [is_nlb_group(pack_mac(mac)) for mac in ("03:bf:00:00:00:00", "01:00:5e:7f:00:00", "01:00:5e:01:00:00")] == [
        1,
        1,
        0,
    ]


def test_macs_are_written_as_linux_windows_and_cisco_write_them() -> None:
    mac = pack_mac("03:00:5e:11:11:11")
    assert (mac_text(mac), mac_text(mac, "-"), mac_dotted(mac)) == (
        "03:00:5e:11:11:11",
        "03-00-5e-11-11-11",
        "0300.5e11.1111",
    )
