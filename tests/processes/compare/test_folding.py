"""Fewer differences that say more."""

from __future__ import annotations

from dataclasses import replace

from wireproof.processes.compare.difference import Difference, Kind
from wireproof.processes.compare.exchange import Answer, Exchange, Service
from wireproof.processes.compare.folding import drop_parts, fold_missing, join_alike, mark_stops
from wireproof.processes.compare.said import LOOKUPS
from wireproof.processes.compare.tally import count_exchanges
from wireproof.processes.compare.transport import ANSWERS, CONNECT, END
from wireproof.processes.compare.windows import PLACE

WEB = Service("tcp", "www.example.com", 80, "http", True)
PROCESS = Service("process", "DirectAccess connection", named=True)


def one(kind: Kind, action: str, service: Service = WEB, partner: Service | None = WEB) -> Difference:
    return Difference(kind, service, action, "good", "bad", bad_service=partner)


def test_what_is_missing_behind_a_failure_follows_from_it() -> None:
    found = fold_missing([one(Kind.FAILS, "TLS handshake"), one(Kind.MISSING, "GET /"), one(Kind.DETAIL, END)])
    assert [(row.action, row.follows) for row in found] == [("TLS handshake", ("GET /",))]


def test_a_stage_that_is_missing_before_the_one_that_failed_does_not_follow_from_it() -> None:
    rows = [
        one(Kind.MISSING, "network", PROCESS),
        one(Kind.FAILS, "TLS", PROCESS),
        replace(one(Kind.MISSING, "tunnel", PROCESS), is_last=True),
    ]
    assert [(row.action, row.follows) for row in fold_missing(rows)] == [("TLS", ("tunnel",))]


def test_the_more_telling_of_two_failures_stays() -> None:
    found = fold_missing([one(Kind.FAILS, ANSWERS), one(Kind.FAILS, "TLS handshake")])
    assert [row.action for row in found] == ["TLS handshake"]


def test_without_a_failure_the_first_missing_step_leads_the_others() -> None:
    found = fold_missing([one(Kind.MISSING, "GET /a"), one(Kind.MISSING, END), one(Kind.MISSING, "GET /b")])
    assert [(row.action, row.follows) for row in found] == [("GET /a", ("GET /b",))]
    assert fold_missing([one(Kind.MISSING, END)]) == []


def test_what_only_the_bad_capture_has_of_a_service_is_one_difference() -> None:
    found = fold_missing([one(Kind.EXTRA, "GET /a"), one(Kind.DETAIL, "MSS"), one(Kind.EXTRA, "GET /b")])
    assert [(row.action, row.follows) for row in found] == [("MSS", ()), ("GET /a", ("GET /b",))]


def test_lookups_do_not_follow_from_each_other() -> None:
    rows = [
        one(Kind.FAILS, "a A", LOOKUPS),
        one(Kind.MISSING, "b A", LOOKUPS),
        one(Kind.EXTRA, "c A", LOOKUPS),
        one(Kind.EXTRA, "d A", LOOKUPS),
    ]
    assert fold_missing(rows) == rows


def test_a_failed_stage_hides_what_failed_in_its_conversation() -> None:
    def failing(service: Service, conversation: int) -> Difference:
        return replace(
            one(Kind.FAILS, "x", service), bad_exchange=Exchange(service, "x", "failed", False, 1, conversation)
        )

    rows = [failing(PROCESS, 4), failing(WEB, 4), failing(WEB, 5)]
    assert drop_parts(rows) == [rows[0], rows[2]]
    assert drop_parts(rows[1:]) == rows[1:]


def test_a_service_whose_name_was_looked_up_and_that_was_never_asked_is_where_it_stopped() -> None:
    looked_up = count_exchanges([Exchange(LOOKUPS, "www.example.com A", "answered", True, 1)])
    missing = one(Kind.MISSING, CONNECT, partner=None)
    assert [row.kind for row in mark_stops([missing], looked_up, {})] == [Kind.STOPS]
    assert [row.kind for row in mark_stops([missing], {}, {})] == [Kind.MISSING]


def test_a_dynamic_port_that_the_mapper_told_and_nobody_connected_to_is_where_it_stopped() -> None:
    mapper = Service("tcp", "10.1.1.2", 135, "rpc", address="10.1.1.2")
    dynamic = Service("tcp", "10.1.1.2", 0, "rpc", address="10.1.1.2")
    asked = Exchange(mapper, "RPC EPM ept_map", "answered", True, 1)
    told = replace(asked, answers=(Answer(f"{PLACE}MAPI", "asked", "10.1.1.2", good=True),))
    missing = one(Kind.MISSING, CONNECT, dynamic, None)
    kinds = [
        mark_stops([missing], count_exchanges([tried]), services)[0].kind
        for tried, services in ((told, {mapper: mapper}), (asked, {mapper: mapper}), (told, {}))
    ]
    assert kinds == [Kind.STOPS, Kind.MISSING, Kind.MISSING]


def test_a_process_stops_behind_its_last_stage_and_not_where_one_is_left_out() -> None:
    begun = count_exchanges([Exchange(PROCESS, "first", "done", True, 1)])
    rows = [replace(one(Kind.MISSING, "stage", PROCESS), is_last=last) for last in (True, False)]
    assert [row.kind for row in mark_stops(rows, begun, {})] == [Kind.STOPS, Kind.MISSING]
    assert [row.kind for row in mark_stops(rows[1:], {}, {})] == [Kind.STOPS]


def test_equal_details_of_several_services_are_told_once() -> None:
    other = replace(WEB, name="other")
    rows = [
        one(Kind.DETAIL, "MSS"),
        one(Kind.FAILS, "GET /"),
        one(Kind.DETAIL, "MSS", other),
        one(Kind.FAILS, "GET /", other),
    ]
    found = join_alike(rows)
    assert [(row.action, row.elsewhere) for row in found] == [("MSS", (other,)), ("GET /", ()), ("GET /", ())]
