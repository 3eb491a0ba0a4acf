"""Checksums of a bounded sample of frames, by sender."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.rules.capture.talking import CLIENT, SERVER, session
from tests.support.files import Frame
from tests.support.packets import OFFLOADED
from tests.support.verdicts import make_case
from wireproof.case import Point
from wireproof.rules.capture._checksums import SAMPLE, look, originals, sample_rows, thin
from wireproof.wire.checksum import ChecksumState


def point(folder: Path, frames: list[Frame]) -> Point:
    return make_case(folder, {"tap": frames}).points[0]


def test_senders_are_told_apart_with_the_state_of_their_checksums(tmp_path: Path) -> None:
    found = look(point(tmp_path, session(10, up=lambda _turn: OFFLOADED)))
    assert found[CLIENT].count(ChecksumState.PARTIAL) == found[CLIENT].total == 12
    assert found[SERVER].count(ChecksumState.RIGHT) == found[SERVER].total == 11
    assert (found[CLIENT].here, found[SERVER].elsewhere) == (12, 11)


def test_the_sample_is_bounded(tmp_path: Path) -> None:
    made = point(tmp_path, session(1500))
    assert len(sample_rows(made)) <= 2 * SAMPLE
    assert len(thin(10_000_000)) <= 17 * SAMPLE


def test_first_copies_of_repeats_are_looked_at(tmp_path: Path) -> None:
    frames = session(12)
    again = Frame(frames[8].time_ns + 3_000_000, frames[8].data)
    made = point(tmp_path, [*frames[:9], again, *frames[9:]])
    assert originals(made, np.array([9])).tolist() == [8]
