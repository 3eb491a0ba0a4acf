"""Frames laid as blocks and records: never beyond a buffer, whatever rows claim."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from wireproof.capture._lay import lay_blocks, lay_records
from wireproof.capture.write import ROW, Parts

PARTS = Parts(b"HEAD", b"body of it", b"text")


def row(**fields: int) -> NDArray[Any]:
    """One row."""
    made = np.zeros(1, ROW)
    for name, value in fields.items():
        made[name] = value
    return made


def test_a_block_has_its_parts_one_behind_the_other() -> None:
    out = bytearray(200)
    one = row(time_ns=(5 << 32) + 6, head_at=1, head_size=2, body_at=8, body_size=2, text_size=4, original=77)
    used = lay_blocks(one, PARTS, {0: b"\1\0\1\0x\0\0\0"}, 3, out)
    fixed = struct.pack("<7I", 6, 56, 3, 5, 6, 4, 77)
    options = b"\1\0\4\0text" + b"\1\0\1\0x\0\0\0" + bytes(4)
    assert out[:used] == fixed + b"EAit" + options + struct.pack("<I", 56)
    used = lay_blocks(row(body_size=1), PARTS, {}, 0, out)
    assert out[:used] == struct.pack("<7I", 6, 36, 0, 0, 0, 1, 0) + b"b\0\0\0" + struct.pack("<I", 36)


def test_a_record_has_its_parts_one_behind_the_other() -> None:
    out = bytearray(100)
    used = lay_records(row(time_ns=3_000_000_004, head_size=4, body_size=4, original=9), PARTS, out)
    assert out[:used] == struct.pack("<4I", 3, 4, 8, 9) + b"HEADbody"


fields = st.one_of(st.integers(-2, 12), st.integers(-(2**63), 2**63 - 1))
sizes = st.one_of(st.integers(0, 12), st.integers(0, 2**32 - 1))


@given(st.lists(st.tuples(fields, fields, fields, sizes, sizes, sizes), max_size=4), st.integers(0, 200))
def test_whatever_rows_claim_nothing_outside_the_buffers_is_touched(rows: list[tuple[int, ...]], room: int) -> None:
    made = np.zeros(len(rows), ROW)
    for place, name in enumerate(("head_at", "body_at", "text_at", "head_size", "body_size", "text_size")):
        made[name] = [one[place] for one in rows]
    fits = all(
        one[3 + place] == 0 or 0 <= one[place] <= len(PARTS[place]) - one[3 + place]
        for one in rows
        for place in range(3)
    )
    for is_block in (True, False):
        out = bytearray(room)
        try:
            used = lay_blocks(made, PARTS, {}, 0, out) if is_block else lay_records(made, PARTS, out)
        except ValueError:
            assert not fits or room < 200
        else:
            assert used <= room


def test_a_buffer_of_the_stated_size_holds_any_rows() -> None:
    rows = np.concatenate([row(head_size=size, text_size=size) for size in range(5)])
    need = sum(49 + 2 * size for size in range(5))
    assert lay_blocks(rows, PARTS, {}, 0, bytearray(need)) <= need
    with pytest.raises(ValueError, match="too small"):
        lay_blocks(rows, PARTS, {}, 0, bytearray(100))
    with pytest.raises(ValueError, match="longer than an option"):
        lay_blocks(row(text_size=65_536), PARTS._replace(texts=bytes(65_536)), {}, 0, bytearray(100_000))
