"""Sequence numbers are compared modulo 2**32 (RFC 9293 section 3.4), wherever a conversation's numbers start."""

from __future__ import annotations

import pytest

from tests.support.packets import LINK_TYPES, TCP, IPv4
from tests.support.tables import decode, marks_of

LATER = pytest.mark.parametrize("ahead", [1, 1460, 2**31 - 201])
START = pytest.mark.parametrize("start", [0, 1, 2**31 - 100, 2**31, 2**32 - 100, 2**32 - 1])


def after(start: int, ahead: int) -> set[str]:
    """Marks of a segment that lies `ahead` bytes behind the end of one of 100 bytes at `start`, half a second later."""
    frames = [
        bytes(IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, seq % 2**32, 1, payload=bytes(100))))
        for seq in (start, start + 100 + ahead)
    ]
    return marks_of(decode(frames, LINK_TYPES["raw"])[0], 1)


@START
@LATER
def test_a_segment_ahead_is_ahead_across_the_wrap(start: int, ahead: int) -> None:
    assert after(start, ahead) == {"lost_segment"}


@START
@LATER
def test_a_segment_behind_is_behind_across_the_wrap(start: int, ahead: int) -> None:
    assert after(start, -ahead - 1) & {"retransmission", "out_of_order"}


@START
def test_the_next_segment_is_the_next_across_the_wrap(start: int) -> None:
    assert after(start, 0) == set()
