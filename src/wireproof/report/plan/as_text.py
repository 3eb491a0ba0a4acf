"""The report on a site for a terminal: verdict, findings, prefixes, machines with steps, what was routed, how to get the scripts.

Takes a `SiteOutline` and a width; gives a rich `Text`, whose `plain` is the report without colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from wireproof.directaccess.plan.model import MachinePlan, Objection, Role, Step
from wireproof.directaccess.site.model import Method
from wireproof.finding import Confidence, Finding, Severity
from wireproof.report.as_text import SEVERITY_WORDS
from wireproof.report.page import SEVERITY_STYLES, Page, cut, pad, widest
from wireproof.report.plan.outline import SiteOutline, reason, scope, verdict
from wireproof.report.plan.scripts import first_lines
from wireproof.report.plan.trace import MatrixRow, matrix_row, trace_lines
from wireproof.report.plan.words import METHODS, ROLES, PrefixLine, describe, list_prefixes
from wireproof.report.words import count, headline, place
from wireproof.rules.evidence import sentence

if TYPE_CHECKING:
    from wireproof.directaccess.topology.model import Journey
    from wireproof.report.outline import FindingItem

MOST_MACHINES = 2
"""Machines of one role whose steps are shown in full; the scripts have all."""
MOST_STEPS = 12
"""Steps shown of one machine; a server may have one for each station."""
MOST_LINES = 24
"""Lines of prefixes and of classes: a reader looks at what failed, and the other formats have all."""
MOST_TRACED = 3
"""Failing classes whose way is shown hop by hop."""
MOST_OF_TRACE = 12
"""Hops shown of one finding's trace."""


def render_site_text(report: SiteOutline, width: int | None = None) -> Text:
    """The report for a terminal of `width` columns, or for a pipe (None): there commands and rows are never cut."""
    page = Page(width)
    _draw_verdict(page, report)
    _draw_findings(page, report)
    _draw_prefixes(page, list(list_prefixes(report.reviewed.prefixes)))
    _draw_machines(page, report)
    _draw_classes(page, report)
    _draw_objections(page, report)
    _draw_open(page, report)
    _draw_scripts(page, report)
    return page.text


def _draw_verdict(page: Page, report: SiteOutline) -> None:
    whole = bool(report.classes) and report.delivered == len(report.classes)
    bad = report.findings.count(Severity.ERROR) or not whole
    page.prose(verdict(report) + ".", style="bold red" if bad else "bold green")
    title = report.reviewed.site.site
    page.prose(f"{title}: {scope(report)}" if title else scope(report), style="dim")
    if report.choice and report.choice.why:
        method = report.choice.method
        lead = f"The plan would use {METHODS[method]}. " if report.reviewed.as_is and method else ""
        page.prose(lead + reason(report.choice))


def _draw_findings(page: Page, report: SiteOutline) -> None:
    made = report.findings
    if not made.items:
        return
    page.blank()
    page.line((headline(made), "bold"))
    for depth, item in made.walk():
        page.blank()
        _draw_finding(page, item, depth)


def _draw_finding(page: Page, item: FindingItem, depth: int) -> None:
    finding, indent = item.finding, 3 * depth
    page.line(
        (f"{item.number}  {SEVERITY_WORDS[finding.severity]}", SEVERITY_STYLES[finding.severity]),
        f"  {finding.rule}",
        ("" if finding.confidence is Confidence.HIGH else f"  ({finding.confidence.value} confidence)", "dim"),
        indent=indent,
    )
    indent += 3
    page.prose(finding.title, indent, style="bold")
    if place(finding):
        page.prose(place(finding), indent, style="dim")
    if finding.summary != finding.title:
        page.prose(finding.summary, indent)
    for row in item.rows:
        page.prose(row.note, indent, first=f"{row.capture}:{row.log_line}  ")
    for line in trace_of(finding)[:MOST_OF_TRACE]:
        page.prose(line, indent, first="· ", style="dim")
    for number, step in enumerate(finding.fix, start=1):
        page.prose(step, indent, first="Fix: " if len(finding.fix) == 1 else f"Fix {number}. ")
    if finding.references:
        page.prose(f"See {', '.join(finding.references)}", indent, style="dim")


def trace_of(finding: Finding) -> list[str]:
    """The way that a finding tells, one line a hop; empty where it tells none."""
    trace = finding.facts.get("trace")
    return [str(line) for line in trace] if isinstance(trace, list | tuple) else []


def _draw_prefixes(page: Page, lines: Sequence[PrefixLine]) -> None:
    if not lines:
        return
    _head(page, "Prefixes")
    shown = lines[:MOST_LINES]
    owners, purposes = widest(line.owner for line in shown), widest(line.purpose for line in shown)
    values = widest(line.value for line in shown)
    for place_, line in enumerate(shown):
        owner = line.owner if place_ == 0 or shown[place_ - 1].owner != line.owner else ""
        start = f"{pad(owner, owners)}  {pad(line.purpose, purposes)}  "
        # What does not fit beside the prefix stands beneath it, and is never lost.
        fits = page.width is None or len(start) + values + len(line.source) + 5 <= page.width
        beside = line.source if fits else ""
        page.line(
            start,
            (pad(line.value, values) if beside else line.value, "cyan"),
            (f"  {beside}" if beside else "", "dim"),
            indent=3,
        )
        if not fits:
            page.prose(line.source, len(start) + 5, style="dim")
    _more(page, len(lines) - len(shown), "prefix", "prefixes")


def _draw_machines(page: Page, report: SiteOutline) -> None:
    machines = report.reviewed.plan.machines if report.reviewed.plan else []
    if not machines:
        return
    _head(
        page,
        "What to do, machine by machine" if not report.reviewed.as_is else "What the plan would do, machine by machine",
    )
    for role in Role:
        own = [machine for machine in machines if machine.role is role]
        for machine in own[:MOST_MACHINES]:
            _draw_machine(page, machine)
        rest = own[MOST_MACHINES:]
        if rest:
            page.blank()
            steps = sum(len(machine.steps) for machine in rest)
            page.prose(
                f"… and {count(len(rest), 'more ' + ROLES[role])} with {count(steps, 'step')}; the scripts have all",
                3,
                style="dim",
            )
    for note in report.reviewed.plan.notes if report.reviewed.plan else []:
        page.prose(note, 3, first="- ")


def _draw_machine(page: Page, machine: MachinePlan) -> None:
    page.blank()
    known = "" if machine.name.lower() == ROLES[machine.role].lower() else f"  {ROLES[machine.role]}"
    page.line((machine.name, "bold"), (known, "dim"), indent=3)
    if not machine.steps:
        page.line(("nothing to do", "dim"), indent=3)
    for number, step in enumerate(machine.steps[:MOST_STEPS], start=1):
        # Other makers' routers have other words; the run book gives those of Windows.
        _draw_step(page, number, step, () if machine.role is Role.ROUTER else first_lines(step))
    rest = len(machine.steps) - MOST_STEPS
    if rest > 0:
        page.line((f"… and {count(rest, 'more step')}; the scripts have all", "dim"), indent=7)


def _draw_step(page: Page, number: int, step: Step, commands: Sequence[str]) -> None:
    first = f"{number:2}. "
    page.prose(describe(step.operation), 3, first=first)
    for line in commands:
        page.line((line, "cyan"), indent=7)
    if step.why:
        page.prose(sentence(step.why), 7, style="dim")


@dataclass(frozen=True, slots=True)
class _Widths:
    """Cells of the columns of the matrix."""

    stations: int
    clients: int
    port: int
    outcome: int

    @classmethod
    def of(cls, rows: Sequence[MatrixRow], most: int) -> _Widths:
        """The widest entries, names at most `most` cells."""
        return cls(
            min(widest(row.stations for row in rows), most), min(widest(row.clients for row in rows), most),
            widest(row.port for row in rows), widest(row.outcome for row in rows),
        )  # fmt: skip


def _draw_classes(page: Page, report: SiteOutline) -> None:
    if report.classes:
        _head(page, "Routed both ways")
        _draw_matrix(page, report.classes)
    if report.expectations:
        _head(page, "Expected by the site file")
        _draw_matrix(page, report.expectations)
    failing = [journey for journey in (*report.classes, *report.expectations) if not matrix_row(journey).delivered]
    told = {line for item in report.findings.items for line in trace_of(item.finding)}
    if failing and not told:
        _draw_traces(page, failing)


def _draw_matrix(page: Page, journeys: Iterable[Journey]) -> None:
    """What was not delivered first."""
    rows = sorted(map(matrix_row, journeys), key=lambda row: row.delivered)
    shown = rows[:MOST_LINES]
    widths = _Widths.of(shown, max((page.width or 160) // 3, 16))
    for row in shown:
        words = (
            f" {pad(cut(row.stations, widths.stations), widths.stations)} → {pad(cut(row.clients, widths.clients), widths.clients)}  "
            f"{pad(row.port, widths.port)}  "
        )
        style = "green" if row.delivered else "yellow" if row.sign == "?" else "red"
        page.line((row.sign, style), words, (row.outcome, style), indent=3)
        if row.reason and not row.delivered:
            page.prose(row.reason, 7, style="dim")
    _more(page, len(rows) - len(shown), "class", "classes")


def _draw_traces(page: Page, failing: Sequence[Journey]) -> None:
    for journey in failing[:MOST_TRACED]:
        for way, lines in trace_lines(journey):
            page.blank()
            page.line((f"{matrix_row(journey).stations} and {matrix_row(journey).clients}, {way}", "bold"), indent=3)
            for line in lines:
                page.prose(line, 3, first="· ")


def _draw_objections(page: Page, report: SiteOutline) -> None:
    choice = report.choice
    if choice is None or not choice.objections:
        return
    _head(page, "Why not otherwise")
    for method in Method:
        every = choice.against(method)
        against = [each for each in every if each.fatal] or every
        if against and method is not choice.method:
            page.prose(f"{sentence(METHODS[method])}: {_objected(against)}", 3, first="- ")
    cautions = choice.against(choice.method) if choice.method else []
    for caution in cautions:
        page.prose(f"{caution.reason.rstrip('.')}. See {', '.join(caution.sources)}", 3, first="! ")


def _objected(against: Sequence[Objection]) -> str:
    reasons = "; ".join(each.reason.rstrip(".") for each in against)
    sources = list(dict.fromkeys(source for each in against for source in each.sources))
    return f"{reasons}." + (f" See {', '.join(sources)}" if sources else "")


def _draw_open(page: Page, report: SiteOutline) -> None:
    made = report.findings
    if made.undecided:
        page.blank()
        page.line(("Cannot tell from this site file", "bold"), "; what to state next:")
        for question in made.undecided:
            page.prose(question.reason, 3, first="? ")
            page.prose(question.capture_next, 5, first="→ ", style="cyan")
    if made.notes:
        _head(page, "Notes")
        for note in made.notes:
            page.prose(note, 3, first="- ")


def _draw_scripts(page: Page, report: SiteOutline) -> None:
    if not report.reviewed.plan or not report.reviewed.plan.machines:
        return
    page.blank()
    page.line(
        ("Scripts to do and undo each step, a run book and a drawing: ", "dim"),
        f"wireproof plan {_quoted(report.reviewed.site.file)} --output FOLDER",
    )


def _quoted(file: str) -> str:
    return f'"{file}"' if " " in file else file


def _head(page: Page, words: str) -> None:
    page.blank()
    page.line((words, "bold"))


def _more(page: Page, left: int, noun: str, plural: str) -> None:
    if left > 0:
        page.line((f"… and {count(left, 'more ' + noun, 'more ' + plural)}; --format json has all", "dim"), indent=3)
