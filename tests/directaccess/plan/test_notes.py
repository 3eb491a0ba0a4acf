"""Notes beside a plan."""

from __future__ import annotations

from tests.support.plans import BALANCED, BESIDE_ROUTER, ONE_SERVER, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.notes import MIGRATION, PING


def notes(text: str) -> str:
    return "\n".join(plan(text).notes)


def test_every_plan_says_what_comes_after_directaccess_and_what_ping_proves() -> None:
    for text in (ONE_SERVER, BALANCED, BESIDE_ROUTER):
        assert {MIGRATION, PING} <= set(plan(text).notes)


def test_isatap_plans_tell_the_contradiction_the_old_bug_and_the_restart() -> None:
    told = notes(BESIDE_ROUTER)
    assert "contradict each other" in told
    assert "1703" in told
    assert "restart" in told
    assert "contradict" not in notes(ONE_SERVER)


def test_the_old_bug_is_no_matter_for_other_stations() -> None:
    assert "1703" not in notes(change(BESIDE_ROUTER, "{name: MGMT1,", "{name: MGMT1, generation: windows-11,"))


def test_teredo_and_6to4_are_to_be_turned_off_where_they_harm() -> None:
    assert "Turn Teredo off" in notes(change(BALANCED, "teredo: false", "teredo: true"))
    assert "Turn Teredo off" not in notes(ONE_SERVER)
    assert "Turn 6to4 off" in notes("6to4: true\n" + ONE_SERVER)
