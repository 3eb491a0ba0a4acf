"""Parts of pcapng blocks: values come out for good bytes, and what does not fit is left out for any others."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.files import Interface as Written
from tests.support.files import option
from wireproof.capture.frames import Interface
from wireproof.capture.pcapng_blocks import (
    MAX_OPTIONS,
    clock_row,
    unpack_interface,
    unpack_names,
    unpack_options,
    unpack_statistics,
    unpack_text,
)

ORDER = st.sampled_from(["little", "big"])


def test_options_end_at_the_mark_and_at_what_does_not_fit() -> None:
    whole = option(1, b"abc") + option(2988, b"\0\0\0\1data") + option(0, b"") + option(5, b"behind")
    expected = [(1, b"abc"), (2988, b"\0\0\0\1data")]
    assert unpack_options(whole, 0, len(whole), "little") == expected
    cut = option(1, b"abc") + option(2988, b"\0\0\0\1data") + b"\5\0\xff\0x"
    assert unpack_options(cut, 0, len(cut), "little") == expected
    assert len(unpack_options(option(1, b"") * (MAX_OPTIONS + 5), 0, 10**6, "little")) == MAX_OPTIONS


@pytest.mark.parametrize("order", ["little", "big"])
def test_an_interface_states_its_name_clock_and_check_sequence(order: Literal["little", "big"]) -> None:
    mark = "<" if order == "little" else ">"
    written = Written(113, 96, "any", 0x80 | 20, -7).pack(mark)
    made = unpack_interface(written[8:-4], order, 2)
    assert (made.link_type, made.snap_length, made.name, made.section) == (113, 96, "any", 2)
    assert (made.ticks_per_second, made.offset_s) == (2**20, -7)
    assert [code for code, _ in made.options] == [2, 9, 14]


def test_an_interface_without_options_counts_microseconds() -> None:
    made = unpack_interface(b"\1\0\0\0\0\0\4\0", "little", 0)
    assert (made.ticks_per_second, made.offset_s, made.snap_length) == (1_000_000, 0, 262_144)


@pytest.mark.parametrize(
    ("ticks", "row"),
    [
        (1, (10**9, 0, 0, 0)),
        (1000, (10**6, 0, 0, 0)),
        (10**9, (1, 0, 0, 0)),
        (10**12, (0, 1000, 0, 0)),
        (10**28, (0, 0, 0, 0)),
        (2**10, (0, 0, 10, 0)),
        (2**127, (0, 0, 127, 0)),
    ],
)
def test_clocks_become_one_of_three_operations(ticks: int, row: tuple[int, int, int, int]) -> None:
    assert clock_row(Interface(1, ticks_per_second=ticks)) == row


def test_offsets_stay_in_64_bits() -> None:
    assert clock_row(Interface(1, offset_s=100))[3] == 100 * 10**9
    assert -(2**63) <= clock_row(Interface(1, offset_s=2**63 - 1))[3] < 2**63


def test_a_name_record_may_hold_several_names() -> None:
    record = b"\1\0\x0c\0" + bytes([10, 0, 0, 1]) + b"one\0two\0" + b"\0\0\0\0"
    assert unpack_names(record, "little") == [("10.0.0.1", "one"), ("10.0.0.1", "two")]


def test_statistics_are_totals_and_missing_ones_stay_unknown() -> None:
    interface = Interface(1)
    unpack_statistics(interface, bytes(12) + option(4, (9).to_bytes(8, "little")), "little")
    assert (interface.received, interface.dropped) == (9, None)
    two = option(5, (3).to_bytes(8, "little")) + option(7, (4).to_bytes(8, "little"))
    unpack_statistics(interface, bytes(12) + two, "little")
    assert (interface.received, interface.dropped) == (9, 7)


def test_texts_lose_nul_bytes_and_survive_bad_utf8() -> None:
    assert unpack_text(b"caf\xc3\xa9\0\0") == "café"
    assert unpack_text(b"\xff!") == "\ufffd!"


@given(st.binary(max_size=80), ORDER)
def test_any_bytes_give_values(data: bytes, order: Literal["little", "big"]) -> None:
    for code, value in unpack_options(data, 0, len(data), order):
        assert 0 < code < 65536
        assert value in data
    unpack_names(data, order)
    interface = unpack_interface(data, order, 0)
    assert all(-(2**63) <= number < 2**63 for number in clock_row(interface))
    unpack_statistics(interface, data, order)
