"""Groups of conversations by server endpoint and by client address."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.scripted import frames, handshake
from tests.support.verdicts import make_case
from wireproof.case import Point
from wireproof.rules.endpoints import by_client, by_server, is_one_point, same_server

PAIRS = (
    (("10.0.0.1", 1001), ("10.9.0.2", 80)),
    (("10.0.0.1", 1002), ("10.9.0.2", 443)),
    (("10.0.0.2", 1001), ("10.9.0.2", 80)),
    (("2001:db8::1", 1001), ("2001:db8::2", 80)),
    (("10.0.0.2", 1002), ("10.9.0.2", 80)),
)


def point(folder: Path) -> Point:
    """One conversation a pair, in this order."""
    every = [frame for turn, pair in enumerate(PAIRS) for frame in frames(handshake(at_s=turn), *pair)]
    return make_case(folder, {"point": every}).points[0]


def test_a_server_endpoint_is_address_and_port(tmp_path: Path) -> None:
    groups = by_server(point(tmp_path), np.arange(5))
    assert [(group.first.server_endpoint, group.numbers.tolist()) for group in groups] == [
        ("10.9.0.2:80", [0, 2, 4]),
        ("10.9.0.2:443", [1]),
        ("[2001:db8::2]:80", [3]),
    ]
    assert [group.clients for group in groups] == [2, 1, 1]


def test_a_client_is_an_address(tmp_path: Path) -> None:
    groups = by_client(point(tmp_path), np.asarray([0, 1, 3]))
    assert [(group.numbers.tolist(), group.servers) for group in groups] == [([0, 1], 2), ([3], 1)]


def test_all_conversations_with_the_same_server_are_found(tmp_path: Path) -> None:
    group = by_server(point(tmp_path), np.asarray([2]))[0]
    assert same_server(group).numbers.tolist() == [0, 2, 4]
    assert same_server(group).client_facts["syns"].tolist() == [1, 1, 1]
    assert same_server(group).server_facts["syn_acks"].tolist() == [1, 1, 1]


def test_nothing_gives_no_groups(tmp_path: Path) -> None:
    assert by_server(point(tmp_path), np.zeros(0, dtype=np.int64)) == []


def test_a_group_names_its_conversations(tmp_path: Path) -> None:
    assert by_server(point(tmp_path), np.arange(5))[0].named() == [("point", 0), ("point", 2), ("point", 4)]


def test_a_case_of_one_capture_has_one_point(tmp_path: Path) -> None:
    one = frames(handshake())
    assert is_one_point(make_case(tmp_path, {"a": one}))
    assert not is_one_point(make_case(tmp_path, {"a": one, "b": one}))
