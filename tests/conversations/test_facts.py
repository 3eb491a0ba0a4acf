"""The NumPy record is laid out as the C structures are: same sizes, same fields in the same places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wireproof.conversations._track import FACTS_SIZE, SIDE_SIZE
from wireproof.conversations.facts import FACTS_DTYPE, SIDE_DTYPE, SIDE_FIELDS, TALK_FIELDS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "wireproof" / "conversations" / "_state.pxd"
KINDS = {"int64_t": "<i8", "uint64_t": "<u8", "uint32_t": "<u4", "uint16_t": "<u2", "uint8_t": "u1", "int8_t": "i1"}


def declared(structure: str) -> list[tuple[str, str]]:
    """Field names and NumPy types of a `cdef struct`, in order."""
    body = SOURCE.read_text(encoding="utf-8").partition(f"cdef struct {structure}:")[2].partition("\ncdef ")[0]
    found = re.findall(r"^    (\w+) (\w+)(?:\[(\d+)\])?", body, re.MULTILINE)
    return [(name, f"V{size}" if size else KINDS[kind]) for kind, name, size in found if kind in KINDS]


def test_sizes_are_those_of_the_compiled_structures() -> None:
    assert SIDE_DTYPE.itemsize == SIDE_SIZE
    assert FACTS_DTYPE.itemsize == FACTS_SIZE


@pytest.mark.parametrize(("structure", "fields"), [("SideFacts", SIDE_FIELDS), ("Facts", TALK_FIELDS)])
def test_fields_are_those_of_the_compiled_structures(structure: str, fields: tuple[tuple[str, str, str], ...]) -> None:
    assert declared(structure) == [(name, kind) for name, kind, _ in fields]


def test_every_field_is_documented_and_named_once() -> None:
    names = [name for name, _, meaning in (*SIDE_FIELDS, *TALK_FIELDS) if meaning or name == "padding"]
    assert len(names) == len(set(names)) == len(SIDE_FIELDS) + len(TALK_FIELDS)
