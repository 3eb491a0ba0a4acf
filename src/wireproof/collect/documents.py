"""A plan as text to follow or Markdown to mail: numbered steps, a sentence each, commands to copy.

Takes a plan; gives text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from wireproof.collect.model import MARKERS, CollectPlan, Step, System

WIDTH = 100

WHERE = {
    System.WINDOWS: "Run everything in one elevated command prompt (cmd, as administrator), in this order; keep that window open. "
    "If you break off, still do the last phases: they end what records and put settings back.",
    System.LINUX: "Run everything in one shell as root, in this order; keep that shell open. "
    "If you break off, still do the last phase: it ends what records.",
}
MARKED = "Pings of these sizes mark moments in every capture that they pass; `wireproof check` finds them again:"


def write_text(plan: CollectPlan) -> str:
    """The plan as plain text of at most `WIDTH` columns; commands are never wrapped."""
    lines = [plan.title, "", *_wrap(WHERE[plan.request.system], ""), ""]
    number = 0
    for phase in plan.phases:
        lines += [phase.title.upper(), ""]
        for step in phase.steps:
            number += 1
            lines += [*_wrap(step.why, f"{number:>2}. "), *(f"      {line}" for line in shown_commands(plan, step)), ""]
    lines += [
        "MARKERS",
        "",
        *_wrap(MARKED.replace("`", ""), ""),
        *(f"   {size} bytes: {what}" for size, what in MARKERS.items()),
        "",
    ]
    lines += ["WHAT TO BRING", "", *(line for text in plan.bring for line in _wrap(text, " -  ")), ""]
    lines += ["PRIVACY", "", *_wrap(plan.privacy, "")]
    return "\n".join(lines) + "\n"


def write_markdown(plan: CollectPlan) -> str:
    """The plan as a Markdown page."""
    language = "bat" if plan.request.system is System.WINDOWS else "sh"
    lines = [f"# {plan.title}", "", WHERE[plan.request.system], ""]
    number = 0
    for phase in plan.phases:
        lines += [f"## {phase.title}", ""]
        for step in phase.steps:
            number += 1
            lead = f"{number}. "
            lines += [lead + step.why, ""]
            commands = shown_commands(plan, step)
            if commands:
                margin = " " * len(lead)
                lines += [f"{margin}{line}" for line in (f"```{language}", *commands, "```")] + [""]
    lines += ["## Markers", "", MARKED, "", *(f"- {size} bytes: {what}" for size, what in MARKERS.items()), ""]
    lines += ["## What to bring", "", *(f"- {text}" for text in plan.bring), "", "## Privacy", "", plan.privacy]
    return "\n".join(lines) + "\n"


def shown_commands(plan: CollectPlan, step: Step) -> tuple[str, ...]:
    """A step's commands as they are typed: at a prompt of cmd, loop variables have one percent sign."""
    if plan.request.system is System.WINDOWS:
        return tuple(line.replace("%%", "%") for line in step.commands)
    return step.commands


def _wrap(words: str, first: str) -> Iterator[str]:
    yield from textwrap.wrap(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
