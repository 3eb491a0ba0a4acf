"""Layouts are named one by one, or shared by several events."""

from __future__ import annotations

from wireproof.logs.etl_layout import Layout, alike, each


def test_events_of_one_layout_keep_their_names() -> None:
    assert each({1: "A", 2: "B"}, "x:4", 3) == {1: (Layout("A", "x:4", 3),), 2: (Layout("B", "x:4", 3),)}


def test_events_that_are_told_apart_by_id_share_a_name() -> None:
    assert alike("A", (1, 2), "x:4") == {1: (Layout("A", "x:4"),), 2: (Layout("A", "x:4"),)}


def test_a_layout_is_of_the_first_version_alone_unless_told() -> None:
    assert (Layout("A", "x:4").first, Layout("A", "x:4").last, Layout("A", "x:4").is_whole) == (0, 0, False)
