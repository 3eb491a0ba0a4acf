"""The run book in Markdown."""

from __future__ import annotations

import dataclasses

from tests.support.sites import make_finding, make_plan, make_reviewed, make_verdicts
from wireproof.directaccess.plan.model import DoByHand, Plan, Role, Step
from wireproof.report.plan.outline import outline_site
from wireproof.report.plan.runbook import render_runbook

BOOK = render_runbook(outline_site(make_reviewed(), make_verdicts(make_finding())))


def rendered(plan: Plan) -> str:
    return render_runbook(outline_site(dataclasses.replace(make_reviewed(), plan=plan), make_verdicts()))


def test_each_step_has_commands_check_failure_and_undo_in_this_order() -> None:
    step = BOOK.split("### 1.1 ")[1].split("### 1.2 ")[0]
    words = ["Assign 2002:836b:2:3333::10/64", "```bat\nnetsh ", "```powershell\nNew-NetIPAddress", "**Check:** `ping -6",
             "- You see: a reply", "- If not: the address", "Undo:", "delete address", "Remove-NetIPAddress"]  # fmt: skip
    places = [step.find(each) for each in words]
    assert places == sorted(places)
    assert places[0] == 0


def test_findings_and_methods_cite_their_sources() -> None:
    assert "See RFC 4861 5.2, https://example.org/native-ipv6" in BOOK
    assert "| Forwarding virtual servers on the load balancer | fails | no load balancer is stated |" in BOOK


def test_what_was_not_tried_on_the_real_tool_says_so() -> None:
    assert "netsh (not verified: " in BOOK.split("Let tcp/3389")[1]
    assert "not verified" not in BOOK.split("## 2. ")[0]


def test_text_of_the_site_can_end_no_code_block_and_no_table() -> None:
    plan = make_plan()
    plan.machines[0].steps = [Step(DoByHand("```\n# not a heading"), "<b>|why|</b>")]
    text = rendered(plan)
    assert "\n# not a heading" not in text
    assert "<b>" not in text.replace("\\<b>", "")


def test_other_makers_routers_are_thought_of() -> None:
    plan = make_plan()
    plan.machines[0].role = Role.ROUTER
    assert "those of a Windows router" in rendered(plan)


def test_without_a_plan_there_is_still_a_page() -> None:
    text = render_runbook(outline_site(dataclasses.replace(make_reviewed(), plan=None), make_verdicts()))
    assert "No plan could be made" in text
    assert "## Prefixes" in text
