"""Plain values of the policy room: how a version is written, and the order of collections."""

from __future__ import annotations

from wireproof.policy.model import Collection, Version


def test_a_version_is_four_numbers_between_dots() -> None:
    assert str(Version((15, 0, 4454, 1006))) == "15.0.4454.1006"


def test_collections_stand_in_the_order_in_which_windows_exports_them() -> None:
    assert [collection.value for collection in Collection] == ["Dll", "Exe", "Msi", "Script"]
