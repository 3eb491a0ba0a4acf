"""Two captures compared as wholes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d21_directaccess
from tests.support.compared import Run, run_case, sight
from tests.support.verdicts import open_case
from wireproof.processes.compare import compare_sights, list_exchanges
from wireproof.processes.difference import Kind
from wireproof.processes.said_exchanges import SPEAKERS


def test_every_conversation_and_message_is_an_exchange(tmp_path: Path) -> None:
    found = list_exchanges(sight(run_case(tmp_path / "run", Run())))
    assert {one.action for one in found} == {
        "TCP connection", "end of the connection", "GET /app/start", "www.example.com A", "datagrams",
    }  # fmt: skip


def test_a_connection_process_is_compared_stage_by_stage(tmp_path: Path) -> None:
    sides = []
    for name, fields in (("good", {}), ("bad", {"stop": "endpoint-resolved"})):
        (tmp_path / name).mkdir()
        case = open_case(d21_directaccess.variant(tmp_path / name, **fields))
        sides.append((sight(case), case.points[0].directaccess))
    comparison = compare_sights(*sides)
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
