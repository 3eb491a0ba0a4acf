"""Sizes of segments whose numbers are not printed."""

from __future__ import annotations

from wireproof.capture.listing.pieces import Piece, share


def sizes(pieces: list[int | None], edges: list[tuple[int, int]], end: int | None = None) -> list[int | None]:
    """The sizes that open pieces get."""
    made = [Piece(None, size) for size in pieces]
    share(made, edges, end, 1460)
    return [piece.size for piece in made]


def test_as_many_edges_as_pieces_settle_all() -> None:
    assert sizes([None, None, None], [(3, 281), (3, 1741), (3, 2327)]) == [281, 1460, 586]


def test_one_open_piece_is_the_rest() -> None:
    assert sizes([30, None, 536], [(3, 648)], 648) == [30, 82, 536]


def test_an_open_piece_reaches_far_enough_for_what_is_acknowledged_behind_it() -> None:
    assert sizes([None, 1288, 1288], [(3, 3864)]) == [1288, 1288, 1288]


def test_what_nothing_settles_is_shared_evenly() -> None:
    assert sizes([None, None], [], 101) == [51, 50]
