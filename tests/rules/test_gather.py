"""Groups that differ in one name only are told apart while they are few."""

from __future__ import annotations

from wireproof.rules.gather import FEW, gather


def test_a_few_names_stay_apart() -> None:
    groups = {("server", "refused", f"user{place}"): [place] for place in range(int(FEW.value))}
    assert dict(gather(groups)) == groups


def test_many_names_become_one_group() -> None:
    groups = {("server", "refused", f"user{place}"): [place] for place in range(int(FEW.value) + 1)}
    assert dict(gather(groups)) == {("server", "refused"): list(range(int(FEW.value) + 1))}


def test_kinds_are_counted_apart() -> None:
    groups = {(f"server{place % 2}", f"user{place}"): [place] for place in range(2 * int(FEW.value))}
    assert len(dict(gather(groups))) == 2 * int(FEW.value)
