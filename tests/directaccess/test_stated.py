"""Addresses as written: value, or what is wrong in words."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.directaccess import stated

READERS = [
    stated.read_ipv4,
    stated.read_ipv6,
    stated.read_ipv4_prefix,
    stated.read_ipv6_prefix,
    stated.read_ipv6_interface,
]


def test_an_isatap_address_with_five_numbers_is_told_as_such() -> None:
    read = stated.read_ipv6("fd9c:30c:2da4:1:0:5efe:172.168.16.10.25")
    assert read.value is None
    assert read.problem == "its dotted part 172.168.16.10.25 has 5 numbers, an IPv4 address has 4"


def test_a_number_above_255_in_the_dotted_part_is_told() -> None:
    assert stated.read_ipv6("::5efe:10.0.0.256").problem == "its dotted part 10.0.0.256 is no IPv4 address"


def test_a_prefix_with_host_bits_keeps_its_network() -> None:
    read = stated.read_ipv6_prefix("2131:0:0:1001::/59")
    assert read.value == IPv6Network("2131:0:0:1000::/59")
    assert "host bits" in read.problem
    assert str(read) == "2131:0:0:1001::/59"


def test_an_interface_without_length_is_a_64() -> None:
    assert stated.read_ipv6_interface("2001:db8::5").value == IPv6Interface("2001:db8::5/64")


def test_a_zone_is_dropped() -> None:
    assert stated.read_ipv6("fe80::1%12").value == IPv6Address("fe80::1")


@pytest.mark.parametrize("read", READERS)
@given(text=st.text(alphabet="0123456789abcdefABCDEF:./%٣² xz", max_size=60))
def test_any_text_has_a_value_or_a_short_problem(read: object, text: str) -> None:
    assert callable(read)
    result = read(text)
    assert result.text == text
    assert (result.value is not None) or (0 < len(result.problem) <= 400)


@pytest.mark.parametrize("read", READERS)
def test_a_number_with_thousands_of_digits_is_a_problem_of_a_line(read: object) -> None:
    assert callable(read)
    assert len(read("1.1.1." + "9" * 10_000).problem) < 400
