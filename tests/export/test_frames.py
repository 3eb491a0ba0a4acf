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


def told(frames: list[list[int]], inside: list[bool], name: str) -> list[str]:
    """The texts that name these frames."""
    flat = np.array([number for numbers_ in frames for number in numbers_], np.int64)
    bounds = np.cumsum([len(numbers_) for numbers_ in frames]).astype(np.int64)
    room = bytearray(len(frames) * (len(name.encode()) + 64) + 22 * len(flat))
    ends = np.zeros(len(frames), np.int64)
    name_frames(flat, bounds, np.array(inside, np.uint8), name.encode(), room, ends)
    return [bytes(room[at:end]).decode() for at, end in zip([0, *ends.tolist()], ends.tolist(), strict=False)]


def runs_of(frames: list[int]) -> list[str]:
    """Numbers with runs by their first and last one."""
    found: list[list[int]] = []
    for number in frames:
        if found and number <= found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


@given(st.lists(st.tuples(st.lists(numbers, min_size=1, max_size=15), st.booleans()), max_size=10), st.text(max_size=9))
def test_frames_are_named_by_their_numbers(frames: list[tuple[list[int], bool]], name: str) -> None:
    lists, inside = [sorted(one) for one, _ in frames], [within for _, within in frames]
    assert told(lists, inside, name) == [
        f"{'inside ' if within else ''}frame{'s' if own[-1] > own[0] else ''} {', '.join(runs_of(own))} of {name}"
        for own, within in zip(lists, inside, strict=True)
    ]


def test_of_many_runs_the_last_ones_are_counted() -> None:
    assert told([list(range(1, 60, 2))], [False], "x") == [
        "frames 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31 and 14 more of x"
    ]
    assert told([list(range(7, 90_000))], [False], "x") == ["frames 7-89999 of x"]


@pytest.mark.parametrize(
    ("frames", "bound", "why"),
    [([-1], 1, "negative"), ([2, 1], 2, "not in order"), ([1], 0, "no frame"), ([1], 2, "no frame")],
)
def test_numbers_that_name_no_frames_are_refused(frames: list[int], bound: int, why: str) -> None:
    one, no = np.array([bound]), np.array([0], np.uint8)
    with pytest.raises(ValueError, match=why):
        name_frames(np.array(frames), one, no, b"name", bytearray(200), one.copy())


def test_texts_without_room_are_refused() -> None:
    one, no = np.array([1]), np.array([0], np.uint8)
    with pytest.raises(ValueError, match="outside its buffer"):
        name_frames(one, one, no, b"name", bytearray(20), one.copy())
