"""Exchanges as resolvers' work."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.rules.dns.asking import CLIENT, RESOLVER, SECOND_RESOLVER, ask, both
from tests.support.files import Frame
from tests.support.verdicts import make_case
from wireproof.case import Point
from wireproof.rules.dns._lookups import by_resolver, conversations, is_lookup, label, names, question_text, settled_by


def point(folder: Path, *frames: Frame) -> Point:
    return make_case(folder, {"tap": sorted(frames)}).points[0]


def test_exchanges_are_grouped_by_the_server_asked(tmp_path: Path) -> None:
    made = point(
        tmp_path,
        *both(1, "a.example", 1, server=SECOND_RESOLVER),
        *both(2, "b.example", 2),
        *both(3, "c.example", 3, server=SECOND_RESOLVER),
    )
    found = by_resolver(made, np.arange(3))
    assert [(resolver.address, resolver.exchanges.tolist()) for resolver in found] == [
        (SECOND_RESOLVER, [0, 2]),
        (RESOLVER, [1]),
    ]


def test_only_recursive_queries_are_lookups(tmp_path: Path) -> None:
    made = point(tmp_path, ask(1, "a.example"), ask(2, "b.example", 8, recursive=False))
    assert is_lookup(made.dns_exchanges).tolist() == [True, False]


def test_an_open_query_is_settled_by_the_next_answer_to_the_same_question(tmp_path: Path) -> None:
    frames = [
        ask(1, "a.example", 1),
        ask(1.1, "b.example", 2),
        *both(3, "a.example", 3, server=SECOND_RESOLVER),
        *both(90, "b.example", 4),
    ]
    exchanges = point(tmp_path, *frames).dns_exchanges
    open_ones = np.array([0, 1])
    assert settled_by(exchanges, open_ones, 30.0).tolist() == [2, -1]
    assert settled_by(exchanges, open_ones, 30.0, same_server=True).tolist() == [-1, -1]


def test_names_questions_and_conversations_are_told(tmp_path: Path) -> None:
    made = point(tmp_path, *both(1, "a.example", 1), *both(2, "a.example", 2), ask(3, "b.example", 3))
    exchanges = made.dns_exchanges
    assert names(exchanges, range(3)) == ["a.example", "b.example"]
    assert question_text(exchanges, 2) == "b.example A"
    assert (label(exchanges, 0).client, label(exchanges, 0).server) == (f"{CLIENT}:5000", f"{RESOLVER}:53")
    assert conversations(made, range(3)) == [("tap", 0)]
