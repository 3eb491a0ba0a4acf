"""What a comparison says, as values."""

from __future__ import annotations

from wireproof.processes.compare.difference import MATTERS, Comparison, Difference, Kind
from wireproof.processes.compare.exchange import Service

WEB = Service("tcp", "www", 80, "http")


def test_the_first_difference_is_the_first_of_a_kind_that_matters() -> None:
    rows = [Difference(kind, WEB, kind.value, "", "") for kind in (Kind.DETAIL, Kind.SLOWER, Kind.FAILS)]
    comparison = Comparison(rows)
    assert comparison.first is rows[1]
    assert comparison.of(Kind.FAILS, Kind.DETAIL) == [rows[0], rows[2]]
    assert Comparison(rows[:1]).first is None


def test_what_only_the_bad_capture_tried_matters_where_the_captures_have_something_in_common() -> None:
    rows = [Difference(Kind.NEW_FAILURE, WEB, "GET /", "", "503")]
    assert Comparison(rows).first is None
    assert Comparison(rows, alike=3).first is rows[0]


def test_kinds_that_matter_stand_before_those_that_do_not() -> None:
    kinds = list(Kind)
    assert tuple(kinds[: len(MATTERS)]) == MATTERS
