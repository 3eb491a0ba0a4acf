"""Which conversations of which points are one, and in which order the points lie on its way."""

from __future__ import annotations

import numpy as np

from wireproof.align.match import Match
from wireproof.align.pairs import RENUMBERED, SAME_NUMBER, make_pairs
from wireproof.align.routes import Link, join_links

NO_MATCH = Match(*(np.zeros(0, dtype=np.int32) for _ in range(3)), (), ())  # type: ignore[arg-type]


def link(first: list[int], second: list[int], signs: list[int], how: int = SAME_NUMBER) -> Link:
    return Link(
        make_pairs(np.array(first, dtype=np.int64), np.array(second, dtype=np.int64), how),
        NO_MATCH,
        np.array(signs, dtype=np.int64),
    )


def test_two_points_take_their_pairs_as_they_are() -> None:
    routes = join_links([5, 5], {(0, 1): link([0, 3], [4, 1], [1, -1])}, [0, 1])
    assert [members for members, _ in routes.members()] == [[(0, 0), (1, 4)], [(1, 1), (0, 3)]]
    assert [how for _, how in routes.members()] == [SAME_NUMBER] * 2


def test_three_points_are_put_in_order_by_every_two_of_them() -> None:
    links = {(0, 1): link([0], [0], [-1]), (0, 2): link([0], [0], [1]), (1, 2): link([0], [0], [1])}
    routes = join_links([1, 1, 1], links, [0, 1, 2])
    assert [members for members, _ in routes.members()] == [[(1, 0), (0, 0), (2, 0)]]
    assert routes.overall_order([0, 1, 2]) == [1, 0, 2]
    assert routes.neighbours() == [(0, 1), (0, 2)]
    own, signs = routes.between(0, 1)
    assert (own.tolist(), signs.tolist()) == ([0], [-1])


def test_a_conversation_that_one_point_lacks_goes_straight_on() -> None:
    links = {(0, 1): link([0], [0], [1]), (0, 2): link([0, 1], [0, 1], [1, 1]), (1, 2): link([0], [0], [1])}
    routes = join_links([2, 2, 2], links, [0, 1, 2])
    assert [members for members, _ in routes.members()] == [[(0, 0), (1, 0), (2, 0)], [(0, 1), (2, 1)]]
    assert routes.lengths.tolist() == [3, 2]
    assert (0, 2) in routes.neighbours()


def test_a_third_point_brings_two_together() -> None:
    links = {(0, 1): link([0], [0], [1]), (0, 2): link([], [], []), (1, 2): link([0], [0], [1])}
    routes = join_links([1, 1, 1], links, [0, 1, 2])
    assert [members for members, _ in routes.members()] == [[(0, 0), (1, 0), (2, 0)]]


def test_surer_links_are_joined_first_and_no_point_gives_two() -> None:
    links = {(0, 1): link([0], [0], [1], RENUMBERED), (0, 2): link([], [], []), (1, 2): link([0], [0], [1])}
    links[0, 2] = link([0], [1], [1])
    routes = join_links([1, 1, 2], links, [0, 1, 2])
    assert all(len({point for point, _ in members}) == len(members) for members, _ in routes.members())
    assert [(1, 0), (2, 0)] in [members for members, _ in routes.members()]


def test_one_point_has_no_routes() -> None:
    routes = join_links([7], {}, [0])
    assert list(routes.members()) == []
    assert routes.neighbours() == []
    assert routes.overall_order([0]) == [0]


def test_two_routes_that_share_no_point_are_joined_by_a_weaker_link() -> None:
    links = {pair: link([], [], []) for pair in ((0, 2), (0, 3), (1, 3))}
    links |= {(0, 1): link([0], [0], [1]), (2, 3): link([0], [0], [1]), (1, 2): link([0], [0], [1], RENUMBERED)}
    routes = join_links([1, 1, 1, 1], links, [0, 1, 2, 3])
    assert [members for members, _ in routes.members()] == [[(0, 0), (1, 0), (2, 0), (3, 0)]]


def test_a_conversation_is_on_one_route_only() -> None:
    links = {(0, 1): link([0], [0], [1]), (1, 2): link([0], [0], [1]), (0, 2): link([1], [0], [1], RENUMBERED)}
    routes = join_links([2, 1, 1], links, [0, 1, 2])
    assert [members for members, _ in routes.members()] == [[(0, 0), (1, 0), (2, 0)]]
