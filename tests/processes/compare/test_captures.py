"""Two captures compared as wholes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cases import d21_directaccess
from tests.support.compared import Run, run_case, sight
from tests.support.verdicts import open_case
from wireproof.processes.compare.captures import comparable, compare_sights, list_exchanges
from wireproof.processes.compare.difference import Kind
from wireproof.processes.compare.said import SPEAKERS
from wireproof.processes.sight import Sight
from wireproof.processes.timeline import Timeline


def sides_of(folder: Path, good: dict[str, Any], bad: dict[str, Any]) -> list[tuple[Sight, Timeline | None]]:
    """Two variants of a DirectAccess connection."""
    sides = []
    for name, fields in (("good", good), ("bad", bad)):
        (folder / name).mkdir()
        case = open_case(d21_directaccess.variant(folder / name, **fields))
        sides.append((sight(case), case.points[0].directaccess))
    return sides


def test_every_conversation_and_message_is_an_exchange(tmp_path: Path) -> None:
    found = list_exchanges(sight(run_case(tmp_path / "run", Run())))
    assert {one.action for one in found} == {
        "TCP connection", "end of the connection", "GET /app/start", "www.example.com A", "datagrams",
    }  # fmt: skip


def test_a_connection_process_is_compared_stage_by_stage(tmp_path: Path) -> None:
    comparison = compare_sights(*sides_of(tmp_path, {}, {"stop": "endpoint-resolved"}))
    assert comparison.first is not None
    assert (comparison.first.kind, comparison.first.service.name) == (Kind.FAILS, "DirectAccess connection")
    assert "server" in comparison.first.action
    assert any("handshake" in title or "TLS" in title for title in comparison.first.follows)


def test_a_capture_compared_with_itself_differs_in_nothing(tmp_path: Path) -> None:
    case = open_case(d21_directaccess.build(tmp_path))
    side = (sight(case), case.points[0].directaccess)
    assert compare_sights(side, side).differences == []


def test_a_defect_in_one_protocol_costs_that_one_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    side = (sight(run_case(tmp_path / "run", Run())), None)
    monkeypatch.setitem(SPEAKERS, "sip", lambda sight, services: 1 / 0)
    comparison = compare_sights(side, side)
    assert comparison.alike == 5
    assert [note.partition(" stopped")[0] for note in comparison.notes] == ["comparing sip"]


def test_hints_that_only_one_capture_shows_are_not_compared_as_stages(tmp_path: Path) -> None:
    case = open_case(d21_directaccess.build(tmp_path))
    timeline = case.points[0].directaccess
    assert timeline is not None
    hints = replace(timeline, certain=False)
    assert comparable(None, hints) == comparable(hints, None) == (None, None)
    assert comparable(None, timeline) == (None, timeline)
    assert comparable(hints, timeline) == (hints, timeline)
    seen = sight(case)
    assert compare_sights((seen, None), (seen, hints)).differences == []
    assert [one.kind for one in compare_sights((seen, timeline), (seen, None)).differences] == [Kind.STOPS]


@pytest.mark.parametrize("good", [{}, {"no_such_name": True}])
@pytest.mark.parametrize("bad", [{"location": "nls.fabrikam.example"}, {"no_such_name": True}])
def test_a_location_server_that_is_not_found_outside_is_no_failure(
    tmp_path: Path, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    comparison = compare_sights(*sides_of(tmp_path, good, bad))
    assert comparison.first is None
    assert Kind.NEW_FAILURE not in {one.kind for one in comparison.differences}


def test_another_generation_of_windows_is_told(tmp_path: Path) -> None:
    comparison = compare_sights(*sides_of(tmp_path, {"shown": "outer"}, {"shown": "outer", "system": 7}))
    (told,) = [one for one in comparison.differences if one.action == "system of the client"]
    assert told.kind is Kind.DETAIL
    assert told.good.startswith("Windows 8")
    assert "7" in told.bad or "2008 R2" in told.bad
    assert comparison.first is None
