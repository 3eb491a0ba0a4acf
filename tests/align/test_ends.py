"""Addresses and ports as comparable numbers."""

from __future__ import annotations

from pathlib import Path

from tests.support.alignments import Scene, align, questions, short_path
from wireproof.align.ends import ends_keys, host_keys


def test_keys_of_endpoints_do_not_depend_on_who_speaks_first(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(from_s=0.012)), [questions(2)] * 2)
    one, other = (ends_keys(point.tables) for point in case.points)
    assert one.tolist() == other.tolist()
    assert len(set(one.tolist())) == 2


def test_keys_of_hosts_name_the_client_first(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path()), [questions(2)] * 2)
    client, server = host_keys(case.points[0].tables)
    assert len(set(client.tolist())) == len(set(server.tolist())) == 1
    assert client[0] != server[0]
