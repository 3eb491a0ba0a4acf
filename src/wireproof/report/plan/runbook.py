"""The run book: the plan as Markdown to follow, with the check after each step, what a failure there means, and the way back.

Takes a `SiteOutline`; gives text. As a report for a ticket it is the Markdown format of `plan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from wireproof.directaccess.commands.worded import Tool
from wireproof.directaccess.plan.model import MachinePlan, Role, Step
from wireproof.directaccess.site.model import Method
from wireproof.report.as_markdown import code, escape, table
from wireproof.report.plan.as_text import trace_of
from wireproof.report.plan.outline import SiteOutline, reason, scope, verdict
from wireproof.report.plan.scripts import do_lines, is_verified, tools_of, undo_lines
from wireproof.report.plan.trace import matrix_row
from wireproof.report.plan.words import METHODS, ROLES, describe, list_prefixes
from wireproof.report.words import count, headline
from wireproof.rules.evidence import sentence

if TYPE_CHECKING:
    from wireproof.report.outline import FindingItem

LANGUAGES = {Tool.NETSH: "bat", Tool.POWERSHELL: "powershell", Tool.TMSH: "sh", Tool.LINUX: "sh"}
MOST_ROWS = 60
"""Rows of a table; the JSON report has all."""


def render_runbook(report: SiteOutline) -> str:
    """The run book as Markdown, ending in a line end."""
    parts = [
        f"# {escape(report.reviewed.site.site or 'DirectAccess manage-out')}",
        f"**{escape(verdict(report))}.**",
        escape(scope(report)),
    ]
    if report.choice and report.choice.why:
        parts.append(escape(reason(report.choice)))
    parts += [*_findings(report), *_prefixes(report), *_before(report)]
    for number, machine in enumerate(_machines(report), start=1):
        parts += _machine(number, machine)
    parts += [*_verification(report), *_objections(report), *_open(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _machines(report: SiteOutline) -> list[MachinePlan]:
    return report.reviewed.plan.machines if report.reviewed.plan else []


def _findings(report: SiteOutline) -> Iterator[str]:
    made = report.findings
    if not made.items:
        return
    yield f"## Findings\n\n{escape(headline(made))}."
    for _, item in made.walk():
        yield from _finding(item)


def _finding(item: FindingItem) -> Iterator[str]:
    finding = item.finding
    yield f"### {item.number}. {escape(finding.title)}"
    yield f"**{finding.severity.value}** · {code(finding.rule)}" + (
        f" · {escape(finding.where)}" if finding.where else ""
    )
    yield escape(finding.summary)
    yield _bullets(f"{code(f'{row.capture}:{row.log_line}')} {escape(row.note)}".rstrip() for row in item.rows)
    if trace_of(finding):
        yield _fenced(trace_of(finding), "text")
    yield "\n".join(f"{number}. {escape(step)}" for number, step in enumerate(finding.fix, start=1))
    yield f"See {escape(', '.join(finding.references))}" if finding.references else ""


def _prefixes(report: SiteOutline) -> Iterator[str]:
    lines = list(list_prefixes(report.reviewed.prefixes))
    if lines:
        rows = [(escape(line.owner), line.purpose, code(line.value), escape(line.source)) for line in lines[:MOST_ROWS]]
        yield "## Prefixes"
        yield table(("of", "for", "prefix", "from"), rows)
        yield _left_out(len(lines) - len(rows), "prefix", "prefixes")


def _before(report: SiteOutline) -> Iterator[str]:
    machines = _machines(report)
    if not machines:
        return
    yield "## Before you start"
    steps = sum(len(machine.steps) for machine in machines)
    yield (
        f"{sentence(count(steps, 'step'))} on {count(len(machines), 'machine')}, in this order. After each step run its check. Where it fails, "
        "stop and read what that means. The commands under *Undo* take a step back; undo steps in the opposite order."
    )
    yield _bullets(escape(note) for note in (report.reviewed.plan.notes if report.reviewed.plan else []))


def _machine(number: int, machine: MachinePlan) -> Iterator[str]:
    yield f"## {number}. {escape(machine.name)}"
    yield f"{sentence(ROLES[machine.role])}." if machine.steps else f"{sentence(ROLES[machine.role])}: nothing to do."
    if machine.role is Role.ROUTER:
        yield "The commands are those of a Windows router. On other routers, set the same routes in their own words."
    tools = tools_of(machine)
    for place, step in enumerate(machine.steps, start=1):
        yield from _step(f"{number}.{place}", step, tools)


def _step(number: str, step: Step, tools: Sequence[Tool]) -> Iterator[str]:
    yield f"### {number} {escape(describe(step.operation))}"
    yield f"{escape(sentence(step.why)).rstrip('.')}." if step.why else ""
    for tool in tools:
        lines = do_lines(step, tool)
        if lines:
            mark = (
                ""
                if is_verified(step, tool)
                else " (not verified: written from documentation, never run on the real product)"
            )
            yield f"{tool.value}{mark}:"
            yield _fenced(lines, LANGUAGES.get(tool, "text"))
    if step.check:
        yield f"**Check:** {code(step.check.command)}"
        yield f"- You see: {escape(step.check.expect)}\n- If not: {escape(step.check.failure)}"
    undo = [(tool, undo_lines(step, tool)) for tool in tools if undo_lines(step, tool)]
    if undo:
        yield "Undo:"
        yield from (_fenced(lines, LANGUAGES.get(tool, "text")) for tool, lines in undo)
    if step.sources:
        yield f"Sources: {escape(', '.join(step.sources))}"


def _verification(report: SiteOutline) -> Iterator[str]:
    for title, journeys in (("Routed both ways", report.classes), ("Expected by the site file", report.expectations)):
        if journeys:
            yield f"## {title}"
            rows = sorted(map(matrix_row, journeys), key=lambda row: row.delivered)[:MOST_ROWS]
            heads = ("", "stations", "clients", "port", "outcome", "why")
            yield table(
                heads,
                [
                    (row.sign, escape(row.stations), escape(row.clients), row.port, row.outcome, escape(row.reason))
                    for row in rows
                ],
            )
            yield _left_out(len(journeys) - len(rows), "class", "classes")


def _objections(report: SiteOutline) -> Iterator[str]:
    choice = report.choice
    if choice is None or not choice.objections:
        return
    yield "## Other methods"
    rows = [
        (
            sentence(METHODS[each.method]),
            "fails" if each.fatal else "care",
            escape(each.reason),
            escape(", ".join(each.sources)),
        )
        for method in Method
        for each in choice.against(method)
    ]
    yield table(("method", "", "why", "source"), rows)


def _open(report: SiteOutline) -> Iterator[str]:
    made = report.findings
    if made.undecided:
        yield "## Cannot tell from this site file"
        yield _bullets(
            f"{escape(each.reason)}\n  **{made.next_step}:** {escape(each.capture_next)}" for each in made.undecided
        )
    if made.notes:
        yield "## Notes"
        yield _bullets(map(escape, made.notes))


def _fenced(lines: Iterable[str], language: str) -> str:
    """A code block that nothing inside it can end."""
    text = "\n".join(" ".join(line.split("\n")) for line in lines)
    fence = "`" * 3
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _left_out(number: int, noun: str, plural: str) -> str:
    return f"… and {count(number, 'more ' + noun, 'more ' + plural)}; the JSON report has all." if number > 0 else ""
