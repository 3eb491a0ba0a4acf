"""Header fields that differ between the two ends of a hop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alignments import Scene, align, questions, short_path
from tests.support.middleboxes import ClampMss, SourceNat, TargetNat
from tests.support.path import Link, Part
from tests.support.talk import Stack
from tests.support.trouble import Remark, Renumber, StripOptions

STAMPED = Stack(timestamps=True)


def changes(folder: Path, *between: Part, target: str = "") -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(before, after) by kind and direction."""
    case = align(folder, Scene(short_path(*between), STAMPED, target), [questions(2)])
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for change in case.alignment.journeys[0].hops[0].changes:
        found.setdefault((change.what, change.toward), []).append((change.before, change.after))
    return found


def test_a_router_only_lowers_the_ttl(tmp_path: Path) -> None:
    found = changes(tmp_path, Link(1, hops=3))
    assert found == {("ttl", "server"): [("128", "123")], ("ttl", "client"): [("128", "123")]}


def test_translated_addresses_are_told_for_both_directions(tmp_path: Path) -> None:
    found = changes(tmp_path, SourceNat("198.51.100.7"), TargetNat("203.0.113.8", "10.1.2.8"), target="203.0.113.8")
    assert found["source_address", "server"] == [("10.1.1.9:50001", "198.51.100.7:40001")]
    assert found["destination_address", "client"] == [("198.51.100.7:40001", "10.1.1.9:50001")]
    assert found["destination_address", "server"] == [("203.0.113.8:9000", "10.1.2.8:9000")]
    assert found["source_address", "client"] == [("10.1.2.8:9000", "203.0.113.8:9000")]


def test_a_clamped_mss_is_told_with_both_values(tmp_path: Path) -> None:
    found = changes(tmp_path, ClampMss(1300))
    assert found["mss", "server"] == found["mss", "client"] == [("1460", "1300")]


def test_each_stripped_option_is_told(tmp_path: Path) -> None:
    found = changes(tmp_path, StripOptions((3, 4, 8)))
    expected = {
        ("SACK permitted present", "SACK permitted absent"),
        ("timestamps present", "timestamps absent"),
        ("window scale 8", "window scale absent"),
    }
    assert set(found["options", "server"]) == expected
    assert ("options", "client") not in found


@pytest.mark.parametrize("tos", [46 << 2, 46 << 2 | 3])
def test_dscp_is_compared_and_ecn_is_left_to_routers(tmp_path: Path, tos: int) -> None:
    assert changes(tmp_path, Remark(tos))["tos", "server"] == [("0", "46")]


def test_congestion_marks_alone_are_no_change(tmp_path: Path) -> None:
    assert {what for what, _ in changes(tmp_path, Remark(3))} == {"ttl"}


def test_new_sequence_numbers_are_told_by_what_was_added(tmp_path: Path) -> None:
    found = changes(tmp_path, Renumber(client=1000, server=2**32 - 5))
    assert found["sequence_shift", "server"] == [("0", "+1000")]
    assert found["sequence_shift", "client"] == [("0", "-5")]
