"""The inside of a tunnel: the same packets whether they come from its own interface or were found inside others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import scene_sight
from wireproof.processes.sight import Sight
from wireproof.processes.tunnel import ADVERTISEMENT, SOLICITATION, Tunnel


def tunnel(sight: Sight, transport: str = "IP-HTTPS", *, alone: bool = True) -> Tunnel:
    return Tunnel(sight, sight.connections(d21.CLIENT, 443), transport, alone)


@pytest.mark.parametrize(
    ("fields", "client"),
    [
        ({}, d21.INNER),
        ({"shown": "tunnel"}, d21.INNER),
        ({"shown": "outer"}, d21.INNER),
        ({"system": 7}, d21.INNER),
        ({"transport": "Teredo"}, d21.TEREDO),
        ({"transport": "6to4"}, d21.SIX_TO_FOUR),
    ],
)
def test_every_packet_inside_is_seen_once(tmp_path: Path, fields: dict[str, Any], client: str) -> None:
    found = tunnel(scene_sight(tmp_path, **fields), fields.get("transport", "IP-HTTPS"))
    assert len(found.rows) == len(list(d21.inside(d21.Scene(**fields))))
    assert client in found.clients
    assert len(found.routers(SOLICITATION)) == len(found.routers(ADVERTISEMENT)) == 1
    assert found.server_rows


def test_an_encrypting_outside_shows_nothing_of_the_inside(tmp_path: Path) -> None:
    assert not tunnel(scene_sight(tmp_path, system=7, shown="outer")).is_seen


def test_beside_other_clients_only_what_its_own_connections_carry_counts(tmp_path: Path) -> None:
    sight = scene_sight(tmp_path, shown="outer")
    assert len(tunnel(sight, alone=False).rows) == len(tunnel(sight).rows)
    assert not Tunnel(sight, (0,), "IP-HTTPS", alone=False).is_seen
