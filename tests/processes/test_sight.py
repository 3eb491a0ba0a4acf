"""What all stages ask of a capture: lookups with their answers, connections, times, and stages from steps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import cut_case, scene_sight, sight_of
from wireproof.processes.sight import AAAA, A, parent
from wireproof.processes.stage import Outcome, Step


def test_a_lookup_holds_every_query_and_what_was_answered(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    (found,) = sight.lookups(lambda name, kind: name == d21.ENDPOINT and kind == A)
    assert [row + 1 for row in found.query_rows] == [185]
    assert [row + 1 for row in found.answer_rows] == [186]
    assert (found.addresses, found.codes, found.client, found.servers) == (
        (d21.SERVER,),
        (0,),
        d21.CLIENT,
        (d21.GATEWAY,),
    )
    assert len(found.conversations) == 1


def test_repeated_queries_are_one_lookup(tmp_path: Path) -> None:
    (found,) = scene_sight(tmp_path).lookups_like(re.compile(rb"directaccess-nls"), (A, AAAA))
    assert tuple(row + 1 for row in found.query_rows) == (*d21.LOCATION_FRAMES, 214)
    assert (found.answer_rows, found.addresses) == ((), ())


def test_lookups_of_another_client_or_type_are_left_out(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    assert sight.lookups(lambda name, kind: name == d21.ENDPOINT, "192.0.2.1") == []
    assert sight.lookups_like(re.compile(rb"directaccess-nls"), (AAAA,)) == []


def test_connections_are_those_that_the_client_opened(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    assert len(sight.connections(d21.CLIENT, 443)) == 1
    assert sight.connections(d21.CLIENT, 443, "192.0.2.1") == []
    assert sight.connections(d21.SERVER, 443) == []


def test_steps_of_one_frame_become_one_and_all_are_in_order_of_time(tmp_path: Path) -> None:
    stage = scene_sight(tmp_path).stage("tls-done", Outcome.DONE, [Step(9, "late"), Step(4, "one"), Step(4, "two")])
    assert [(step.row, step.note) for step in stage.steps] == [(4, "one, two"), (9, "late")]
    assert stage.start_s is not None
    assert stage.end_s is not None
    assert stage.start_s < stage.end_s
    assert stage.title == "TLS handshake"


def test_silence_is_told_only_when_the_capture_goes_on(tmp_path: Path) -> None:
    sight = sight_of(cut_case(tmp_path, 13.1).points[0])
    assert sight.silence(0) is Outcome.UNANSWERED
    assert sight.silence(188) is Outcome.UNDER_WAY


def test_packets_found_in_a_stream_know_their_carrier(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, shown="outer")
    carried = sight.carrier[sight.packets.frames :]
    assert len(carried)
    assert set(carried.tolist()) == set(sight.connections(d21.CLIENT, 443))


@pytest.mark.parametrize(
    ("name", "owner"), [("a.b.contoso.com", "contoso.com"), ("Contoso.COM.", "contoso.com"), ("nls", "nls")]
)
def test_the_owner_of_a_name_is_its_last_two_labels(name: str, owner: str) -> None:
    assert parent(name) == owner
