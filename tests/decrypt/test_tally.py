"""Figures of one side: the first reason counts, and other records are kept within bounds."""

from __future__ import annotations

from wireproof.decrypt.clear import OpenedRecord
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.tally import OPENED_BYTES, OPENED_MOST, Tally


def test_the_first_reason_is_told() -> None:
    tally = Tally()
    tally.miss(Reason.MISSING_BYTES, 5)
    tally.miss(Reason.TAMPERED, 9)
    assert (tally.reason, tally.at) == (Reason.MISSING_BYTES, 5)


def test_records_are_kept_by_their_place_within_bounds() -> None:
    tally = Tally()
    for start in range(OPENED_MOST + 10):
        tally.keep(OpenedRecord(start, start + 10, 22, b"x"))
    assert len(tally.opened) == OPENED_MOST
    large = Tally()
    for start in range(9):
        large.keep(OpenedRecord(start, start + 10, 22, bytes(OPENED_BYTES // 4)))
    assert len(large.opened) == 4
