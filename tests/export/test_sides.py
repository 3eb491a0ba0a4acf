"""Where the numbers of both sides begin, and which packets opened and closed them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.export.clearing import ISNS, handshake, read_made, segment
from wireproof.export.rows import RowOrder
from wireproof.export.sides import ALL_PLAIN, Sides, find_rows, find_sides


def sides_of(folder: Path, frames: list[bytes], begins: tuple[int, int] = (0, 0)) -> Sides:
    """The sides of the one conversation of these frames."""
    tables = read_made(folder, frames)
    order = RowOrder(tables.packets)
    return find_sides(tables, np.array([0]), find_rows(tables, np.array([0]), order), order, begins)


def test_numbers_begin_behind_the_syn(tmp_path: Path) -> None:
    found = sides_of(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"x")])
    assert found.base.tolist() == [(isn + 1) % 2**32 for isn in ISNS]
    assert found.syn.tolist() == [0, 1]
    assert found.fin.tolist() == found.rst.tolist() == [-1, -1]


def test_without_a_syn_data_tells_and_else_what_is_acknowledged(tmp_path: Path) -> None:
    found = sides_of(tmp_path, [segment(True, "A", 700, 33, b"x"), segment(True, "A", 500, 33, b"y")])
    assert found.base.tolist() == [(ISNS[0] + 501) % 2**32, ISNS[1] + 34]
    assert found.syn.tolist() == [-1, -1]


def test_a_reset_before_the_syn_is_not_that_of_the_conversation(tmp_path: Path) -> None:
    early = segment(False, "RA", 0, 0)
    found = sides_of(
        tmp_path, [segment(True, "S"), early, segment(False, "SA"), segment(True, "FA"), segment(False, "R")]
    )
    assert found.rst.tolist() == [-1, 4]
    assert found.fin.tolist() == [3, -1]


def test_a_side_without_tls_is_plain_to_its_end(tmp_path: Path) -> None:
    assert sides_of(tmp_path, handshake(), begins=(4, -1)).begins.tolist() == [4, ALL_PLAIN]
