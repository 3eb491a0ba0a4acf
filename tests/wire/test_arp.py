"""What MACs say about themselves."""

from __future__ import annotations

import pytest

from tests.support.packets import pack_mac
from wireproof.wire.arp import (
    cluster_address,
    is_group,
    is_nlb_group,
    mac_dotted,
    mac_text,
    shared_by,
)


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
