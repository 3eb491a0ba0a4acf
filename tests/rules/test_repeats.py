"""Repeats: what was sent again, what the capture only shows again, and what lost segments have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import sack
from tests.support.scripted import CLIENT_ISN, SERVER_ISN, Row, frames, handshake
from tests.support.verdicts import make_case
from wireproof.rules.repeats import Repeats, events, tells_duplicate
from wireproof.rules.subjects import Subject


def repeats(folder: Path, rows: list[Row], side: int = 0) -> Repeats:
    return Repeats(Subject(make_case(folder, {"point": frames(rows)}).points[0], 0, side))


def numbers(found: Repeats, places: object) -> list[int]:
    """Frame numbers of places."""
    return [int(found.segments.row[place]) + 1 for place in places]  # type: ignore[attr-defined]


LOST_ONCE = [*handshake(), Row(1, "c", "PA", 1, 1, 100), Row(1.3, "c", "PA", 1, 1, 100), Row(1.31, "s", "A", 1, 101)]


def test_a_repeat_is_tied_to_the_copy_before(tmp_path: Path) -> None:
    found = repeats(tmp_path, LOST_ONCE)
    assert numbers(found, found.real) == [5]
    assert found.waited_s.tolist() == pytest.approx([0.3])
    assert (found.timeouts, found.fast, found.telling) == (1, 0, 1)
    assert found.stalled_s == pytest.approx(0.3)
    assert [(len(stuck.copies), stuck.length, stuck.acknowledged) for stuck in found.stuck] == [(2, 100, True)]


def test_what_nobody_acknowledges_is_stuck(tmp_path: Path) -> None:
    assert [stuck.acknowledged for stuck in repeats(tmp_path, LOST_ONCE[:-1]).stuck] == [False]


def test_without_the_other_side_later_data_shows_that_it_got_through(tmp_path: Path) -> None:
    rows = [*LOST_ONCE[3:-1], Row(2, "c", "PA", 101, 1, 100)]
    assert [stuck.acknowledged for stuck in repeats(tmp_path, rows).stuck] == [True]


def test_a_packet_shown_twice_is_no_repeat(tmp_path: Path) -> None:
    rows = [row._replace(ident=77) if row.size else row for row in LOST_ONCE]
    rows[4] = rows[4]._replace(at_s=1.0002)
    found = repeats(tmp_path, rows)
    assert found.real.tolist() == []
    assert int(found.shown_twice.sum()) == 1


def test_a_repeat_of_acknowledged_data_is_spurious(tmp_path: Path) -> None:
    found = repeats(tmp_path, [*LOST_ONCE, Row(2, "c", "PA", 1, 1, 100)])
    assert (numbers(found, found.spurious), numbers(found, found.real)) == ([7], [5])


def test_a_repeat_whose_answer_tells_of_a_duplicate_was_not_needed(tmp_path: Path) -> None:
    block = sack((CLIENT_ISN + 1, CLIENT_ISN + 101))
    found = repeats(tmp_path, [*LOST_ONCE[:-1], LOST_ONCE[-1]._replace(options=block)])
    assert (numbers(found, found.arrived_twice), numbers(found, found.real)) == ([5], [])


@pytest.mark.parametrize(
    ("edges", "duplicate"), [((1, 101), True), ((201, 301), False)], ids=["below the ACK", "beyond a gap"]
)
def test_a_sack_block_below_the_acknowledgment_tells_of_a_duplicate(edges: tuple[int, int], duplicate: bool) -> None:
    block = sack((SERVER_ISN + edges[0], SERVER_ISN + edges[1]))
    frame = frames([Row(0, "c", "A", 1, 101, options=block)])[0].data
    assert tells_duplicate(frame[34:]) is duplicate
    assert not tells_duplicate(frame[34:60])
    assert not tells_duplicate(b"")


def stream(lengths: list[int], lost: set[int], gap_s: float = 1.0) -> list[Row]:
    """Segments of these lengths, the lost ones repeated after 300 ms, each acknowledged."""
    rows, seq = handshake(), 1
    for turn, length in enumerate(lengths):
        at = 1.0 + turn * gap_s
        rows += [Row(at, "c", "PA", seq, 1, length)]
        rows += [Row(at + 0.3, "c", "PA", seq, 1, length)] if turn in lost else []
        rows += [Row(at + 0.35, "s", "A", 1, seq + length)]
        seq += length
    return rows


def test_only_large_segments_lost_is_a_pattern(tmp_path: Path) -> None:
    found = repeats(tmp_path, stream([200, 1400, 300, 1400, 500], {1, 3})).patterns
    assert (
        "only large segments: every repeated one has 1,400 bytes or more, those of up to 500 bytes were sent once"
        in found
    )


def test_a_large_segment_that_passed_breaks_the_pattern(tmp_path: Path) -> None:
    assert repeats(tmp_path, stream([200, 1400, 1400, 300], {1})).patterns == []


def test_losses_after_idle_times_and_periodic_ones_are_patterns(tmp_path: Path) -> None:
    found = repeats(tmp_path, stream([100] * 7, {1, 2, 3, 4, 5}, gap_s=30)).patterns
    assert found == ["only after idle times of ten seconds or more", "periodic: about every 30 s"]


def test_losses_close_to_each_other_are_one_event(tmp_path: Path) -> None:
    rows = [*handshake(), *(Row(1 + turn / 1000, "c", "A", 1 + 500 * turn, 1, 500) for turn in range(12))]
    rows += [Row(2 + turn / 1000, "c", "A", 1 + 500 * turn, 1, 500) for turn in range(12)]
    found = repeats(tmp_path, rows)
    assert [len(event) for event in events(found)] == [12]
    assert found.patterns == ["in bursts: 12 repeats in 1 moment"]


def test_a_conversation_without_data_has_no_repeats(tmp_path: Path) -> None:
    found = repeats(tmp_path, handshake())
    assert (found.real.tolist(), found.stuck, found.patterns, found.stalled_s) == ([], [], [], 0.0)
