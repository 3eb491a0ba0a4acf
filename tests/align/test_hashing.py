"""Rows with equal fields get equal numbers, and others do not."""

from __future__ import annotations

import numpy as np

from wireproof.align.hashing import mix


def test_equal_rows_have_equal_numbers_and_others_have_not() -> None:
    first, second = np.array([1, 1, 2, 1]), np.array([7, 8, 7, 7])
    keys = mix([first, second])
    assert keys[0] == keys[3]
    assert len(set(keys.tolist())) == 3


def test_the_order_of_columns_matters() -> None:
    one, two = np.array([3]), np.array([4])
    assert mix([one, two])[0] != mix([two, one])[0]


def test_neighbouring_numbers_do_not_collide() -> None:
    grid = np.indices((300, 300)).reshape(2, -1)
    assert len(np.unique(mix([grid[0], grid[1]]))) == 90_000
