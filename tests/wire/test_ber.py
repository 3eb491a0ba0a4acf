"""BER elements are found where they are, and bytes that are none give None."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.asn1 import context, integer, octets, oid, sequence, tlv, when
from wireproof.wire.ber import (
    Element,
    content,
    find_below,
    find_child,
    find_elements,
    unpack_element,
    unpack_integer,
    unpack_oid,
    unpack_text,
    unpack_time_ns,
)


def only(data: bytes) -> Element:
    element = unpack_element(data, 0, len(data))
    assert element is not None
    return element


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 70_000])
def test_lengths_of_any_form_are_read(size: int) -> None:
    data = octets(b"x" * size)
    assert content(data, only(data)) == b"x" * size
    assert only(data).end == len(data)


def test_a_tag_in_the_long_form_is_one_number() -> None:
    element = only(b"\x7f\x81\x05\x01z")
    assert (element.tag, element.start, element.end) == (0x7F8105, 4, 5)


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x80\0\0", b"\x30\x85\0\0\0\0\1", b"\x30\x82\x01", b"\x1f\xff\xff\xff\xff\xff\x01"]
)
def test_what_is_no_element_gives_none(data: bytes) -> None:
    assert unpack_element(data, 0, len(data)) is None


def test_an_element_that_reaches_behind_the_data_tells_where_it_ends() -> None:
    assert only(b"\x04\x64abc").end == 102
    assert content(b"\x04\x64abc", only(b"\x04\x64abc")) == b"abc"


def test_elements_follow_each_other_until_one_does_not_fit() -> None:
    data = sequence(integer(1), octets("a"), b"\x04\x7f")
    assert [element.tag for element in find_elements(data, 2, len(data))] == [2, 4]


def test_a_value_is_reached_through_its_tags() -> None:
    data = sequence(context(0, integer(5)), context(1, sequence(octets("one"), integer(7))))
    outer = only(data)
    assert unpack_integer(data, find_below(data, outer, 0xA1, 0x30, 0x02)) == 7
    assert unpack_text(data, find_below(data, outer, 0xA1, 0x30, 0x04)) == "one"
    assert find_below(data, outer, 0xA1, 0x31, 0x04) is None
    assert find_child(data, outer, 0xA2) is None


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 65_535, 2**31, -1, -128, -129, -(2**40)])
def test_integers_keep_their_sign(value: int) -> None:
    data = integer(value)
    assert unpack_integer(data, only(data)) == value


def test_integers_without_octets_or_with_too_many_are_none() -> None:
    assert unpack_integer(b"\x02\x00", only(b"\x02\x00")) is None
    assert unpack_integer(tlv(2, bytes(9)), only(tlv(2, bytes(9)))) is None
    assert unpack_integer(b"", None) is None


@pytest.mark.parametrize("dotted", ["1.2.840.113554.1.2.2", "2.16.840.1.113730.3.4.2", "1.3.6.1.4.1.311.2.2.10", "0.9"])
def test_object_identifiers_are_dotted_numbers(dotted: str) -> None:
    assert unpack_oid(oid(dotted), only(oid(dotted))) == dotted


def test_an_identifier_that_does_not_end_is_empty() -> None:
    assert unpack_oid(b"\x06\x02\x2a\x86", only(b"\x06\x02\x2a\x86")) == ""


def test_times_are_nanoseconds_since_1970() -> None:
    assert unpack_time_ns(when("20260301120000Z"), only(when("20260301120000Z"))) == 1_772_366_400 * 10**9


@pytest.mark.parametrize(
    "text", ["20261301120000Z", "20260230000000Z", "2026030112000Z", "20260301120000+", "99999999999999Z"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert unpack_time_ns(when(text), only(when(text))) is None


@given(st.binary(max_size=200))
def test_any_bytes_give_elements_within_them(data: bytes) -> None:
    at = 0
    for element in find_elements(data, 0, len(data)):
        assert at == element.at < element.start <= element.end <= len(data)
        at = element.end
        unpack_integer(data, element)
        unpack_oid(data, element)
        unpack_time_ns(data, element)
