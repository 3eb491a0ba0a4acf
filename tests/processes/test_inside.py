"""How the tunnel comes up: by the server's answer, by packets inside, or by encrypted data both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import scene_sight
from wireproof.processes.inside import carried_connected, carried_up, tunnel_up
from wireproof.processes.iphttps import make_attempt
from wireproof.processes.stage import Outcome, Stage
from wireproof.processes.tunnel import Tunnel


def up(folder: Path, **fields: Any) -> Stage:
    sight = scene_sight(folder, **fields)
    numbers = sight.connections(d21.CLIENT, 443)
    attempt = make_attempt(sight, numbers[0]) if numbers else None
    return tunnel_up(sight, attempt, Tunnel(sight, numbers, "IP-HTTPS"))


@pytest.mark.parametrize(
    ("fields", "outcome", "status"),
    [
        ({}, Outcome.DONE, 200),
        ({"system": 7, "shown": "outer"}, Outcome.DONE, None),
        ({"shown": "tunnel"}, Outcome.DONE, None),
        ({"stop": "tunnel-up"}, Outcome.UNANSWERED, None),
        ({"stop": "tunnel-up", "system": 7, "shown": "outer"}, Outcome.UNANSWERED, None),
        ({"stop": "tunnel-up", "how": "refused"}, Outcome.FAILED, 503),
        ({"stop": "tunnel-up", "how": "no router"}, Outcome.UNANSWERED, 200),
        ({"stop": "tls-done", "how": "certificate"}, Outcome.FAILED, None),
    ],
)
def test_a_tunnel_is_up_once_something_comes_back(
    tmp_path: Path, fields: dict[str, Any], outcome: Outcome, status: int
) -> None:
    stage = up(tmp_path, **fields)
    assert (stage.outcome, stage.facts["status"]) == (outcome, status)


def test_its_address_inside_is_told(tmp_path: Path) -> None:
    assert up(tmp_path).facts["client_addresses"] == [d21.INNER]


@pytest.mark.parametrize(("transport", "server"), [("Teredo", "131.107.0.4"), ("6to4", d21.SERVER)])
def test_teredo_and_6to4_are_connected_once_a_packet_comes_back(tmp_path: Path, transport: str, server: str) -> None:
    sight = scene_sight(tmp_path, transport=transport)
    tunnel = Tunnel(sight, (), transport)
    reached = carried_connected(sight, tunnel)
    assert (reached.outcome, reached.facts["server"]) == (Outcome.DONE, server)
    assert carried_up(sight, tunnel, reached.outcome).outcome is Outcome.DONE


def test_solicitations_alone_are_unanswered(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, transport="Teredo", stop="tunnel-up")
    tunnel = Tunnel(sight, (), "Teredo")
    reached = carried_connected(sight, tunnel)
    assert (reached.outcome, reached.facts["attempts"]) == (Outcome.UNANSWERED, 4)
    assert carried_up(sight, tunnel, reached.outcome).outcome is Outcome.NOT_SEEN
