"""Owners by place."""

from __future__ import annotations

from wireproof.finding import Owner
from wireproof.processes.ownership.owners import Ownership


def test_an_owner_is_found_by_its_place() -> None:
    found = Ownership({(0, 3, 1): Owner(920, "svchost.exe")})
    assert found
    assert found.owner(0, 3, 1) == Owner(920, "svchost.exe")
    assert found.owner(0, 3, 0) is None


def test_conflicts_are_told_once() -> None:
    found = Ownership({(0, 0, 0): Owner(1, conflict="a"), (0, 1, 0): Owner(1, conflict="a"), (0, 2, 0): Owner(1)})
    assert found.conflicts() == ["a"]
    assert not Ownership()
