"""Heads and texts in buffers: never beyond them, whatever they are given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.export._frames import HeadPacker, name_frames
from wireproof.export.events import EVENT

LONGEST = 2**63 - 1
numbers = st.one_of(st.integers(0, 30), st.integers(0, LONGEST))


def packer(template: int = 54, protocol: int = 6) -> HeadPacker:
    """Of one stream, with IPv4."""
    options = b"\x02\x04\x05\xb4", np.array([4])
    templates = bytes(template), np.array([template])
    return HeadPacker(templates, options, np.array([4], np.uint8), np.array([0], np.uint16), protocol)


def pack(one: HeadPacker, start: int = 0, size: int = 1, room: int = 100, flags: int = 2) -> int:
    """Pack one head, give where it ends."""
    events, ends, hop = np.zeros(1, EVENT), np.zeros(1, np.int64), np.zeros(1, np.uint8)
    events["flags"] = flags
    one.pack(events, (hop, hop), (b"payload", np.array([start]), np.array([size])), bytearray(room), ends)
    return int(ends[0])


def test_a_head_is_a_template_and_the_options_of_a_syn() -> None:
    assert pack(packer()) == 58
    assert pack(packer(), flags=16) == 54
    assert pack(packer(protocol=17)) == 54


@pytest.mark.parametrize(
    "where", [{"start": 7}, {"start": -1}, {"size": 8}, {"size": -1}, {"start": LONGEST}, {"room": 57}, {"room": 0}]
)
def test_what_lies_outside_a_buffer_is_refused(where: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="outside its buffer"):
        pack(packer(), **where)


def test_a_template_without_room_for_its_headers_is_refused() -> None:
    with pytest.raises(ValueError, match="outside its buffer"):
        pack(packer(39))
    assert pack(packer(40), flags=0) == 40


def test_an_unknown_stream_is_refused() -> None:
    events, ends, hop = np.zeros(1, EVENT), np.zeros(1, np.int64), np.zeros(1, np.uint8)
    events["stream"] = 1
    with pytest.raises(IndexError):
        packer().pack(events, (hop, hop), (b"", ends, ends), bytearray(100), np.zeros(1, np.int64))


@given(st.lists(st.tuples(numbers, numbers, st.booleans()), max_size=10), st.text(max_size=9))
def test_frames_are_named_by_their_numbers(frames: list[tuple[int, int, bool]], name: str) -> None:
    first, last, inside = (
        np.array([one[place] for one in frames], kind) for place, kind in enumerate((np.int64, np.int64, np.uint8))
    )
    out, ends = bytearray(len(frames) * (len(name.encode()) + 64)), np.zeros(len(frames), np.int64)
    name_frames(first, last, inside, name.encode(), out, ends)
    told = [bytes(out[at:end]).decode() for at, end in zip([0, *ends.tolist()], ends.tolist(), strict=False)]
    assert told == [
        f"inside frame {a} of {name}" if within else f"frame {a} of {name}" if a == b else f"frames {a}-{b} of {name}"
        for a, b, within in frames
    ]


def test_texts_without_room_and_negative_numbers_are_refused() -> None:
    one, no = np.array([1]), np.array([0], np.uint8)
    with pytest.raises(ValueError, match="outside its buffer"):
        name_frames(one, one, no, b"name", bytearray(20), one.copy())
    with pytest.raises(ValueError, match="negative"):
        name_frames(-one, one, no, b"name", bytearray(99), one.copy())
