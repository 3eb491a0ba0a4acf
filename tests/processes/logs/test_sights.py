"""What captures show of the events of logs."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_sip_in_clear
from tests.support.path import EPOCH_NS
from tests.support.scripted import Row, frames
from tests.support.verdicts import make_case, open_case
from wireproof.case import Case
from wireproof.logs.log import Anchor, pair_key
from wireproof.processes.logs.sights import Witness, find_sights, first_copies, sip_key

SECOND = 10**9


def witness(case: Case) -> Witness:
    point = case.points[0]
    return Witness(point.name, point.tables, lambda: point.said.sip, int)


def test_a_connection_shows_its_syn_its_handshake_and_its_reset(tmp_path: Path) -> None:
    rows = [Row(0.0, "c", "S"), Row(0.1, "s", "SA", 0, 1), Row(0.2, "c", "A", 1, 1), Row(5.0, "s", "R", 1, 1)]
    case = make_case(tmp_path, {"one": frames(rows)})
    talk = case.points[0].talk(0)
    key = pair_key(talk.endpoint(0), talk.endpoint(1))
    anchors = [Anchor(EPOCH_NS + 7200 * SECOND, 1, kind, key) for kind in ("tcp-syn", "tcp-connect", "tcp-reset")]
    found = {sight.anchor.kind: (sight.row, sight.witness) for sight in find_sights(witness(case), anchors, 4)}
    assert found == {"tcp-syn": (0, 4), "tcp-connect": (1, 4), "tcp-reset": (3, 4)}


def test_other_ports_and_times_further_apart_than_zones_are_no_sights(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"one": frames([Row(0.0, "c", "S")])})
    talk = case.points[0].talk(0)
    key = pair_key(talk.endpoint(0), talk.endpoint(1))
    anchors = [
        Anchor(EPOCH_NS + 86_400 * SECOND, 1, "tcp-syn", key),
        Anchor(EPOCH_NS, 2, "tcp-syn", pair_key("10.9.9.9:1", talk.endpoint(1))),
    ]
    assert list(find_sights(witness(case), anchors)) == []


def test_messages_in_clear_are_found_by_call_and_number(tmp_path: Path) -> None:
    case = open_case({"access": d6_sip_in_clear.build(tmp_path)["access"]})
    (first, *_) = case.points[0].said.sip
    found = list(find_sights(witness(case), [Anchor(first.time_ns, 3, "sip", sip_key(first))]))
    assert [(sight.apart_ns, sight.row, sight.anchor.line) for sight in found] == [(0, first.last_row, 3)]


def test_what_is_told_again_shortly_after_is_one_event() -> None:
    def syn(at_s: int) -> Anchor:
        return Anchor(EPOCH_NS + at_s * SECOND, at_s, "tcp-syn", ("a:1", "b:2"))

    anchors = [syn(93), syn(0), syn(3), syn(9), syn(500), Anchor(0, 7, "tcp-syn", ("a:1", "b:2"))]
    assert [anchor.line for anchor in first_copies(anchors)] == [0, 93, 500]
    assert [anchor.line for anchor in first_copies([syn(0), syn(60), syn(120)])] == [0]
