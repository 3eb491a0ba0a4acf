"""Two captures side by side: what matters comes first, what always differs never comes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.compared import Run, compare_runs
from wireproof.processes.compare.difference import Comparison, Difference, Kind
from wireproof.processes.compare.differences import compare_tallies
from wireproof.processes.compare.exchange import Answer, Exchange, Service
from wireproof.processes.compare.tally import count_exchanges

GOOD = Run()
OTHER = Run(client="10.7.7.7", port=51234, start_s=100.0)
"""Another machine on another day, on which all is well."""


def first(comparison: Comparison) -> Difference:
    assert comparison.first is not None
    return comparison.first


def test_another_machine_port_and_day_are_no_difference(tmp_path: Path) -> None:
    comparison = compare_runs(tmp_path, GOOD, OTHER)
    assert comparison.differences == []
    assert (comparison.alike, comparison.first) == (5, None)


@pytest.mark.parametrize(
    ("bad", "kind", "action", "said"),
    [
        (replace(OTHER, lookup=False, begins=False), Kind.FAILS, "www.example.com A", "no answer"),
        (replace(OTHER, begins=False), Kind.STOPS, "TCP connection", ""),
        (replace(OTHER, connects=False), Kind.FAILS, "TCP connection", "no answer"),
        (replace(OTHER, status="503 Busy"), Kind.FAILS, "GET /app/start", "503 Busy"),
        (replace(OTHER, status=""), Kind.FAILS, "GET /app/start", "no answer"),
        (replace(OTHER, wait_ms=900), Kind.SLOWER, "GET /app/start", "200 OK, 910 ms"),
    ],
)
def test_the_first_step_that_goes_wrong_leads(tmp_path: Path, bad: Run, kind: Kind, action: str, said: str) -> None:
    difference = first(compare_runs(tmp_path, GOOD, bad))
    assert (difference.kind, difference.action) == (kind, action)
    assert difference.bad.startswith(said.partition(",")[0])


def test_steps_behind_a_failure_follow_from_it(tmp_path: Path) -> None:
    comparison = compare_runs(tmp_path, GOOD, replace(OTHER, connects=False))
    assert first(comparison).follows == ("GET /app/start",)
    assert [one.kind for one in comparison.differences] == [Kind.FAILS]


def test_a_little_slower_is_no_difference(tmp_path: Path) -> None:
    assert compare_runs(tmp_path, replace(GOOD, wait_ms=100), replace(OTHER, wait_ms=180)).differences == []


def test_one_slow_answer_has_to_be_slower_by_more_than_many(tmp_path: Path) -> None:
    assert compare_runs(tmp_path / "once", GOOD, replace(OTHER, wait_ms=300)).differences == []
    many = compare_runs(tmp_path / "often", replace(GOOD, turns=4), replace(OTHER, wait_ms=300, turns=4))
    assert first(many).kind is Kind.SLOWER


def test_what_was_agreed_on_otherwise_is_a_detail_and_does_not_matter(tmp_path: Path) -> None:
    comparison = compare_runs(tmp_path, GOOD, replace(OTHER, mss=1380))
    (difference,) = comparison.differences
    assert (difference.kind, difference.action, difference.good, difference.bad) == (
        Kind.DETAIL,
        "MSS of the server",
        "1460",
        "1380",
    )
    assert comparison.first is None


def test_a_name_that_leads_inside_instead_of_outside_is_told(tmp_path: Path) -> None:
    comparison = compare_runs(tmp_path, GOOD, replace(OTHER, address="10.9.9.9"))
    assert [(one.action, one.good, one.bad) for one in comparison.differences] == [
        ("kind of address of www.example.com A", "public", "private")
    ]


def test_another_public_address_is_no_difference(tmp_path: Path) -> None:
    assert compare_runs(tmp_path, GOOD, replace(OTHER, address="198.51.100.7")).differences == []


def test_what_works_in_the_bad_capture_only_does_not_matter(tmp_path: Path) -> None:
    comparison = compare_runs(tmp_path, replace(GOOD, status="503 Busy"), OTHER)
    assert [one.kind for one in comparison.differences] == [Kind.WORKS]
    assert comparison.first is None


def test_captures_with_nothing_in_common_only_list_what_each_has(tmp_path: Path) -> None:
    web, files = Service("tcp", "a", 80, "http", True), Service("udp", "b", 123, "", True)
    good = count_exchanges([Exchange(web, "GET /", "200 OK", True, 1)])
    bad = count_exchanges([Exchange(files, "datagrams", "answered", True, 1)])
    assert [one.kind for one in compare_tallies(good, bad).differences] == [Kind.MISSING, Kind.EXTRA]
    assert compare_tallies(good, {}).first is None
    assert compare_tallies({}, {}).differences == []


WEB = Service("tcp", "www", 80, "http", True)


def tries(good: int, bad: int, service: Service = WEB, action: str = "GET /") -> list[Exchange]:
    """So many tries that worked and that failed."""
    return [Exchange(service, action, "200 OK" if row < good else "503", row < good, row) for row in range(good + bad)]


@pytest.mark.parametrize(
    ("good", "bad", "kind"),
    [
        ((20, 0), (4, 16), Kind.FAILS),
        ((20, 1), (18, 2), None),
        ((2, 10), (12, 0), Kind.WORKS),
        ((1, 0), (0, 1), Kind.FAILS),
    ],
)
def test_what_works_far_less_often_fails(good: tuple[int, int], bad: tuple[int, int], kind: Kind | None) -> None:
    found = compare_tallies(count_exchanges(tries(*good)), count_exchanges(tries(*bad))).differences
    assert [one.kind for one in found] == ([kind] if kind else [])


def test_a_stage_leads_and_hides_what_it_consists_of() -> None:
    process = Service("process", "DirectAccess connection", named=True)
    good = [Exchange(process, "TLS", "done", True, 9, 4), Exchange(WEB, "TLS handshake", "done", True, 9, 4)]
    bad = [Exchange(process, "TLS", "failed", False, 9, 4), Exchange(WEB, "TLS handshake", "alert", False, 8, 4)]
    found = compare_tallies(count_exchanges(good), count_exchanges(bad)).differences
    assert [(one.service, one.kind) for one in found] == [(process, Kind.FAILS)]


def test_a_detail_that_differs_alike_with_many_services_is_told_once() -> None:
    def all_with(mss: str) -> list[Exchange]:
        services = [Service("tcp", f"host-{letter}", 80, "", True) for letter in "abc"]
        return [
            Exchange(service, "TCP connection", "answered", True, 1, details=(("MSS", mss),)) for service in services
        ]

    (difference,) = compare_tallies(count_exchanges(all_with("1460")), count_exchanges(all_with("1380"))).differences
    assert len(difference.elsewhere) == 2


def test_only_what_the_bad_capture_tries_in_vain_matters() -> None:
    good = tries(1, 0)
    bad = [*tries(1, 0), *tries(0, 2, action="POST /x"), *tries(1, 0, action="GET /new")]
    found = compare_tallies(count_exchanges(good), count_exchanges(bad))
    assert [(one.kind, one.action) for one in found.differences] == [
        (Kind.NEW_FAILURE, "POST /x"),
        (Kind.EXTRA, "GET /new"),
    ]
    assert first(found).action == "POST /x"


def test_what_ends_well_in_the_bad_capture_only_does_not_matter() -> None:
    good = [Exchange(WEB, "TLS handshake", "not finished before the capture ends", None, 1)]
    bad = [Exchange(WEB, "TLS handshake", "done", True, 1)]
    assert [one.kind for one in compare_tallies(count_exchanges(good), count_exchanges(bad)).differences] == [
        Kind.WORKS
    ]
    assert [one.kind for one in compare_tallies(count_exchanges(bad), count_exchanges(good)).differences] == [
        Kind.OUTCOME
    ]


def test_a_process_that_the_bad_capture_does_not_show_was_never_begun() -> None:
    process = Service("process", "DirectAccess connection", named=True)
    good = [Exchange(process, "network", "done", True, 1), Exchange(process, "TLS", "done", True, 2)]
    (difference,) = compare_tallies(count_exchanges(good), {}).differences
    assert (difference.kind, difference.action, difference.follows) == (Kind.STOPS, "", ("network", "TLS"))


def test_stages_keep_their_order_whatever_their_kind() -> None:
    process = Service("process", "DirectAccess connection", named=True)
    good = [
        Exchange(process, name, outcome, True, row)
        for row, (name, outcome) in enumerate((("where", "outside"), ("tunnel", "done")))
    ]
    bad = [Exchange(process, "where", "inside", True, 99)]
    found = compare_tallies(count_exchanges(good), count_exchanges(bad))
    assert [(one.kind, one.action) for one in found.differences] == [(Kind.OUTCOME, "where"), (Kind.STOPS, "tunnel")]
    assert first(found).bad == "inside"


def test_silence_is_the_same_whether_or_not_the_capture_ends_soon_behind_it() -> None:
    good = [Exchange(WEB, "datagrams", "no answer", False, 1)]
    bad = [Exchange(WEB, "datagrams", "no answer before the capture ends", None, 1)]
    assert compare_tallies(count_exchanges(good), count_exchanges(bad)).alike == 1


WEB = Service("tcp", "www", 443, "tls", named=True)


def learned(value: str, good: bool | None, row: int = 5) -> Exchange:
    answers = (Answer("certificate", value, f"{value} served", good, row + 2),)
    return Exchange(WEB, "TLS handshake", "done", True, row, answers=answers)


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        (learned("a", True), learned("b", False), [Kind.ANSWER]),
        (learned("a", True), learned("b", None), [Kind.DETAIL]),
        (learned("a", True), learned("b", True), [Kind.DETAIL]),
        (learned("a", None), learned("b", False), [Kind.DETAIL]),
        (learned("a", True), learned("a", False), []),
    ],
)
def test_another_answer_matters_where_only_the_good_client_went_on_with_it(
    good: Exchange, bad: Exchange, expected: list[Kind]
) -> None:
    made = compare_tallies(count_exchanges([good]), count_exchanges([bad]))
    assert [one.kind for one in made.differences] == expected
    assert (made.first is not None) is (expected == [Kind.ANSWER])


def test_another_answer_leads_before_what_fails_for_it_and_is_shown_at_its_packet() -> None:
    bad = replace(learned("b", False), outcome="closed by the client", good=False)
    made = compare_tallies(count_exchanges([learned("a", True)]), count_exchanges([bad]))
    assert [one.kind for one in made.differences] == [Kind.ANSWER, Kind.FAILS]
    lead = first(made)
    assert (lead.good, lead.bad) == ("a served", "b served")
    assert lead.good_exchange is not None
    assert lead.good_exchange.telling_row == 7


def test_one_answer_in_common_is_no_difference() -> None:
    both = count_exchanges([learned("b", False), learned("a", False, 9)])
    assert compare_tallies(count_exchanges([learned("a", True)]), both).differences == []
