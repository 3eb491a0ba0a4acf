"""The stages before DirectAccess: network change, probe for the internet, and inside or outside."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import scene_sight
from wireproof.processes import location
from wireproof.processes.sight import Sight
from wireproof.processes.stage import Outcome, Stage, Step

EVER = float("inf")


def numbers(sight: Sight, stage: Stage) -> list[int]:
    return [sight.packets.number(step.row) for step in stage.steps]


def probe(sight: Sight, endpoint: str = d21.ENDPOINT, before_s: float = 12.0) -> Stage:
    lookups = location.location_lookups(sight, d21.CLIENT, endpoint, before_s)
    return location.location_probe(sight, d21.CLIENT, lookups, before_s)


def test_a_network_change_is_dhcp_and_the_gateway(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    stage = location.network_change(sight, d21.CLIENT)
    assert stage.outcome is Outcome.DONE
    assert numbers(sight, stage) == [4, 5, 10, 11, 20, 21]
    assert stage.facts["dns_servers"] == [d21.GATEWAY]


def test_another_host_had_no_network_change(tmp_path: Path) -> None:
    assert location.network_change(scene_sight(tmp_path), "192.168.137.30").outcome is Outcome.NOT_SEEN


def test_the_probe_for_the_internet_is_name_and_text(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    stage = location.ncsi_probe(sight, {d21.CLIENT}, before=10.0)
    assert numbers(sight, stage) == [26, 27, 31, 32]
    assert stage.facts == {"names": ["www.msftncsi.com"], "text_received": True}


def test_the_second_probe_asks_for_the_inside_as_well(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    stage = location.ncsi_probe(sight, {d21.CLIENT}, after=13.35)
    assert stage.name == "second-probe"
    assert {201, 214} <= set(numbers(sight, stage))


def test_a_location_server_that_nobody_knows_means_outside(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    stage = probe(sight)
    assert (stage.outcome, numbers(sight, stage)) == (Outcome.UNANSWERED, list(d21.LOCATION_FRAMES))
    assert location.location(sight, stage, began=False).facts["location"] == "outside"


def test_a_name_that_does_not_exist_means_outside(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, no_such_name=True)
    stage = probe(sight)
    assert stage.outcome is Outcome.FAILED
    assert stage.facts["name_error"]


def test_an_answer_over_tls_means_inside(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, inside=True)
    stage = probe(sight, before_s=EVER)
    assert (stage.outcome, stage.facts["reached"]) == (Outcome.DONE, 1)
    assert location.location(sight, stage, began=False).facts["location"] == "inside"


def test_a_location_server_of_any_name_is_the_one_asked_for_in_vain(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, location="intranet.contoso.com")
    assert probe(sight).facts["name"] == "intranet.contoso.com"
    assert probe(sight, endpoint="").outcome is Outcome.NOT_SEEN
    assert probe(sight, endpoint="gateway.example.org").outcome is Outcome.NOT_SEEN


def test_without_a_probe_nothing_is_known_of_the_place(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    unseen = sight.stage("location-probe", Outcome.NOT_SEEN)
    assert location.location(sight, unseen, began=False).outcome is Outcome.NOT_SEEN
    assert location.location(sight, unseen, began=True).outcome is Outcome.NOT_SEEN
    told = location.location(sight, unseen, True, Step(7, "DirectAccess in use"))
    assert (told.facts["location"], [step.row for step in told.steps]) == ("outside", [7])
