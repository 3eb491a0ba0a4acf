"""What conversations said, as exchanges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d13_iphttps_certificate, d21_directaccess
from tests.support.compared import Run, exchanges, sight
from tests.support.verdicts import make_case, open_case
from tests.support.web import play, request, response, steps
from wireproof.processes.compare.captures import list_exchanges


def test_a_lookup_tells_its_answer_and_the_kind_of_address(tmp_path: Path) -> None:
    found = next(one for one in exchanges(tmp_path / "run", Run()) if one.action == "www.example.com A")
    assert (found.outcome, found.good, found.service.name) == ("answered", True, "name lookups")
    assert dict(found.details) == {"kind of address": "public", "address": "192.0.2.80"}


def test_a_lookup_without_answer_is_one_exchange_however_often_it_was_tried(tmp_path: Path) -> None:
    found = [one for one in exchanges(tmp_path / "run", Run(lookup=False)) if one.action == "www.example.com A"]
    assert [(one.outcome, one.good) for one in found] == [("no answer", False)]


@pytest.mark.parametrize(
    ("status", "good"), [("200 OK", True), ("304 Not Modified", True), ("401 No", None), ("503 Busy", False)]
)
def test_a_response_is_good_or_not_by_its_status(tmp_path: Path, status: str, good: bool | None) -> None:
    found = next(one for one in exchanges(tmp_path / "run", Run(status=status)) if one.action.startswith("GET"))
    assert (found.action, found.outcome, found.good) == ("GET /app/start", status, good)
    assert found.answer_row > found.row


def test_a_request_without_response_is_told_at_the_request(tmp_path: Path) -> None:
    found = next(one for one in exchanges(tmp_path / "run", Run(status="")) if one.action.startswith("GET"))
    assert (found.outcome, found.good, found.answer_row) == ("no answer", False, -1)


def test_random_parts_of_targets_are_hidden(tmp_path: Path) -> None:
    case = make_case(tmp_path, play(steps(request("/item/123456?x=1"), response())))
    assert "GET /item/#" in {one.action for one in list_exchanges(sight(case))}


def test_a_handshake_tells_version_suite_and_certificate(tmp_path: Path) -> None:
    case = open_case(d13_iphttps_certificate.build(tmp_path))
    found = next(one for one in list_exchanges(sight(case)) if one.action == "TLS handshake")
    details = dict(found.details)
    assert details["TLS version"].startswith("TLS")
    assert found.answer_row >= 0 or found.good


def test_a_certificate_is_told_with_whether_the_client_went_on_with_it(tmp_path: Path) -> None:
    found = []
    for name, build in (("one", d13_iphttps_certificate.build), ("two", d21_directaccess.build)):
        (tmp_path / name).mkdir()
        case = open_case(build(tmp_path / name))
        found += [answer for one in list_exchanges(sight(case)) for answer in one.answers]
    assert [(one.name, one.words.partition(",")[0], one.good) for one in found] == [
        ("certificate", "Default Web Site", False),
        ("certificate", "gateway1.contoso.com", True),
    ]
    assert all(one.row >= 0 for one in found)
