"""Main mode, quick mode and ESP with each tunnel endpoint: answered, refused, silent, and the worse of two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from examples.files import Frame
from tests.cases import d21_directaccess as d21
from tests.support.directaccess import frames_case, scene_sight, sight_of
from tests.support.packets import IPv6
from wireproof.processes.ipsec import esp_traffic, find_peers, main_mode, quick_mode
from wireproof.processes.sight import Sight
from wireproof.processes.stage import Outcome
from wireproof.processes.tunnel import Tunnel


def stages(sight: Sight) -> tuple[Outcome, Outcome, Outcome]:
    peers = find_peers(sight, Tunnel(sight, sight.connections(d21.CLIENT, 443), "IP-HTTPS"))
    return main_mode(sight, peers).outcome, quick_mode(sight, peers).outcome, esp_traffic(sight, peers).outcome


@pytest.mark.parametrize(
    ("fields", "outcomes"),
    [
        ({}, (Outcome.DONE, Outcome.DONE, Outcome.DONE)),
        ({"stop": "main-mode"}, (Outcome.UNANSWERED, Outcome.NOT_SEEN, Outcome.NOT_SEEN)),
        ({"stop": "main-mode", "how": "error"}, (Outcome.FAILED, Outcome.NOT_SEEN, Outcome.NOT_SEEN)),
        ({"stop": "quick-mode"}, (Outcome.DONE, Outcome.UNANSWERED, Outcome.NOT_SEEN)),
        ({"stop": "esp-traffic"}, (Outcome.DONE, Outcome.DONE, Outcome.UNANSWERED)),
    ],
)
def test_each_stage_ends_as_its_messages_do(
    tmp_path: Path, fields: dict[str, Any], outcomes: tuple[Outcome, ...]
) -> None:
    assert stages(scene_sight(tmp_path, **fields)) == outcomes


def second_tunnel(error: int) -> list[Frame]:
    """Main mode with the server's other endpoint, which refuses it."""
    base = d21.frames(d21.Scene(shown="tunnel"))
    made = list(base)
    for turn, (upward, data) in enumerate(
        ((True, d21.authip(0xF3, True, tunnel=2)), (False, d21.authip(0xF3, False, 1, error=error, tunnel=2)))
    ):
        packet = d21.ike(0, 0, upward, data, d21.SECOND_SERVER)
        ends = (d21.INNER, d21.SECOND_SERVER) if upward else (d21.SECOND_SERVER, d21.INNER)
        made.append(Frame(base[-1].time_ns + (1 + turn) * 100_000_000, bytes(IPv6(*ends, packet.upper)), interface=1))
    return made


def test_a_second_tunnel_that_fails_speaks_for_both(tmp_path: Path) -> None:
    sight = sight_of(frames_case(tmp_path, second_tunnel(13801)).points[0])
    peers = find_peers(sight, Tunnel(sight, (), "IP-HTTPS"))
    stage = main_mode(sight, peers)
    tunnels = stage.facts["tunnels"]
    assert isinstance(tunnels, list)
    assert [(tunnel["server"], tunnel["outcome"], tunnel["error"]) for tunnel in tunnels] == [
        (d21.INNER_SERVER, "done", 0),
        (d21.SECOND_SERVER, "failed", 13801),
    ]
    assert stage.outcome is Outcome.FAILED


def test_taking_down_older_associations_is_no_failure(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    peers = find_peers(sight, Tunnel(sight, sight.connections(d21.CLIENT, 443), "IP-HTTPS"))
    stage = main_mode(sight, peers)
    assert stage.outcome is Outcome.DONE
    assert sight.packets.number(stage.steps[0].row) == d21.FIRST_INNER
    assert peers[0].errors == []


def test_the_vendor_id_tells_the_client_s_windows(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    (peer,) = find_peers(sight, Tunnel(sight, sight.connections(d21.CLIENT, 443), "IP-HTTPS"))
    tunnels = main_mode(sight, [peer]).facts["tunnels"]
    assert isinstance(tunnels, list)
    assert tunnels[0]["client_windows"] == "Windows 8 / Server 2012 or later"


def test_esp_counts_both_directions(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path)
    peers = find_peers(sight, Tunnel(sight, sight.connections(d21.CLIENT, 443), "IP-HTTPS"))
    facts = esp_traffic(sight, peers).facts
    assert (facts["sent_packets"], facts["received_packets"], facts["tunnels"]) == (9, 9, 1)
