"""Plans as a whole."""

from __future__ import annotations

import pytest

from wireproof.collect.model import Request, Role, Scenario, System
from wireproof.collect.plans import build_plan


@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize("scenario", list(Scenario))
@pytest.mark.parametrize("role", list(Role))
def test_every_plan_starts_marks_waits_and_stops_and_says_what_to_bring(
    system: System, scenario: Scenario, role: Role
) -> None:
    plan = build_plan(Request(scenario, role, system))
    titles = [phase.title for phase in plan.phases]
    assert titles[:2] == ["Prepare", "Start recording"]
    steps = [step for phase in plan.phases for step in phase.steps]
    assert all(step.why.endswith((".", ":")) for step in steps)
    assert any(step.waits for step in steps)
    assert all(step.commands or step.waits for step in steps)
    assert plan.bring
    assert "password" in plan.privacy
