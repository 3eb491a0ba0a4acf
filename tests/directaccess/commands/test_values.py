from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

import pytest

from wireproof.directaccess.commands import values
from wireproof.directaccess.plan.model import AdapterName


def test_a_prefix_with_host_bits_is_taken_and_told() -> None:
    network, problem = values.prefix_value("2131:0:0:1001::/59")
    assert network == IPv6Network("2131:0:0:1000::/59")
    assert "host bits" in problem


def test_addresses_are_read() -> None:
    assert values.address_value("2001:db8::1") == IPv6Address("2001:db8::1")
    assert values.ipv4_value("10.0.0.4") == IPv4Address("10.0.0.4")
    assert values.interface_value("2001:db8::1") == IPv6Interface("2001:db8::1/64")


@pytest.mark.parametrize("read", [values.prefix_value, values.address_value, values.ipv4_value, values.interface_value])
def test_what_means_nothing_is_told_in_words(read: object) -> None:
    with pytest.raises(values.BadValue, match="means nothing"):
        read("fd9c:30c:2da4:1:0:5efe:172.168.16.10.25")  # type: ignore[operator]


def test_numbers_are_decimal_or_hexadecimal_and_bounded() -> None:
    assert values.number_value("0x10", "metric") == values.number_value("16", "metric") == 16
    for text in ("-1", "65536", "ten", ""):
        with pytest.raises(values.BadValue, match="expected a number"):
            values.number_value(text, "metric")


def test_switches_are_read_by_their_beginning() -> None:
    assert values.switch_value("enable", "forwarding") is True
    assert values.switch_value("Disabled", "forwarding") is False
    for text in ("", "yes", "enabledd"):
        with pytest.raises(values.BadValue, match="enabled or disabled"):
            values.switch_value(text, "forwarding")


def test_an_adapter_is_an_index_a_placeholder_or_an_alias() -> None:
    assert values.adapter_value("12") == AdapterName(index=12)
    assert values.adapter_value("<ISATAP adapter>") == AdapterName(ask="ISATAP adapter")
    assert values.adapter_value("Corp 12") == AdapterName(alias="Corp 12")
