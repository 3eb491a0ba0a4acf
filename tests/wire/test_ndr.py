"""NdrReader: values in turn with their alignment, in both byte orders and widths."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.ndr import NdrError, NdrReader, uuid_text


def test_values_are_aligned_from_the_start_of_the_stub() -> None:
    reader = NdrReader(b"xx" + struct.pack("<HxxIQ", 7, 8, 9), "<", start=2)
    assert (reader.short(), reader.long(), reader.hyper()) == (7, 8, 9)


def test_integers_follow_the_order_of_the_pdu() -> None:
    assert NdrReader(b"\0\0\1\2", ">").long() == 0x102


def test_ndr64_takes_eight_bytes_for_pointers_and_counts() -> None:
    reader = NdrReader(struct.pack("<IxxxxQQ", 1, 2, 3), wide=True)
    assert (reader.long(), reader.pointer(), reader.count(5)) == (1, True, 3)


def test_a_uuid_is_the_same_text_in_both_orders() -> None:
    text = "a4f1db00-ca47-1067-b31f-00dd010662da"
    little = bytes.fromhex("00dbf1a447ca6710b31f00dd010662da")
    assert uuid_text(little, "<") == uuid_text(bytes.fromhex(text.replace("-", "")), ">") == text


def test_an_impossible_count_is_an_error() -> None:
    with pytest.raises(NdrError, match="500 is the most"):
        NdrReader(b"\xff\xff\xff\xff").count(500)


@given(st.binary(max_size=40), st.lists(st.sampled_from(["short", "long", "hyper", "pointer", "uuid"]), max_size=12))
def test_missing_bytes_are_an_error_and_never_another_one(data: bytes, calls: list[str]) -> None:
    reader = NdrReader(data)
    with suppress(NdrError):
        for call in calls:
            getattr(reader, call)()
    assert reader.at <= len(data) + 8
