"""The address that a station sends from."""

from __future__ import annotations

import pytest

from tests.support.nets import ip, port, topology, way
from wireproof.directaccess.topology.model import Node, NodeKind
from wireproof.directaccess.topology.sources import source_address
from wireproof.directaccess.topology.walk import Walker

NODE = Node(
    "S", NodeKind.STATION,
    (port("eth", "lan", "fd00:1::5/64", "2001:db8:1::5/64", "2002:836b:2:3333::5/64"), port("isatap", "isatap", "2001:db8:2:0:0:5efe:10.0.0.5/128")),
    (way("::/0", "eth"), way("2001:db8:2::/48", "isatap")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("destination", "source"),
    [
        ("2002:836b:2:1000::9", "2002:836b:2:3333::5"),
        ("fd00:2::9", "fd00:1::5"),
        ("2001:db8:9::9", "2001:db8:1::5"),
        ("2001:db8:2:1000::9", "2001:db8:2:0:0:5efe:10.0.0.5"),
    ],
)
def test_the_interface_of_the_route_then_label_then_longest_match_choose(destination: str, source: str) -> None:
    assert source_address(Walker(topology(NODE)), NODE, ip(destination)) == ip(source)


def test_a_station_with_a_link_local_address_only_has_none() -> None:
    bare = Node("S", NodeKind.STATION, (port("eth", "lan", "fe80::5/64"),), (way("::/0", "eth"),))
    assert source_address(Walker(topology(bare)), bare, ip("2001:db8::1")) is None
