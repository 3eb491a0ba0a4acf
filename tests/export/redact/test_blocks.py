"""Blocks of fields that say nothing have any size, and decode."""

from __future__ import annotations

import pytest

from wireproof.export.redact.blocks import first_fields, make_block


def decode(block: bytes) -> list[tuple[bytes | int, bytes]]:
    """(name or its index, value) of each field; of an indexed one the value is empty. No value is longer than 126 bytes."""
    fields: list[tuple[bytes | int, bytes]] = []
    at = 0
    while at < len(block):
        first, at = block[at], at + 1
        if first & 0x80:
            fields.append((first & 0x7F, b""))
            continue
        name: bytes | int = first & (0x3F if first & 0x40 else 0x0F)
        if not name:
            name, at = block[at + 1 : at + 1 + block[at]], at + 1 + block[at]
        count = block[at] & 0x7F
        assert at + 1 + count <= len(block)
        fields.append((name, block[at + 1 : at + 1 + count]))
        at += 1 + count
    return fields


@pytest.mark.parametrize("first", [first_fields(b"\x82\x41abc", True), first_fields(b"\xbe", False), b""])
def test_blocks_of_every_size_decode(first: bytes) -> None:
    for size in (*range(1, 300), 5000):
        block = make_block(size, first)
        assert len(block) == size
        assert decode(block)


@pytest.mark.parametrize(
    ("block", "asking", "expected"),
    [
        (b"\x83\x41abc", True, [(3, b""), (7, b""), (4, b"*")]),
        (b"\xbe\xbf", True, [(2, b"*"), (7, b""), (4, b"*")]),
        (b"\x8d\xbf", False, [(13, b"")]),
        (b"\x48\x03503\xbf", False, [(8, b"503")]),
        (b"\xbf\xbe", False, [(8, b"***")]),
        (b"ZZZZ", False, [(8, b"***")]),
    ],
)
def test_method_and_status_stay_where_they_stand_in_the_block(
    block: bytes, asking: bool, expected: list[object]
) -> None:
    assert decode(first_fields(block, asking)) == expected


def test_changes_of_the_size_of_the_table_stay_in_front() -> None:
    assert first_fields(b"\x3f\xe1\x1f\x20\x88\x61", False) == b"\x3f\xe1\x1f\x20\x88"
