"""The report for a terminal: a headline, the captures, findings with their frames, what stays open, notes.

Takes an `Outline` and a width; gives a rich `Text`, whose `plain` is the report without colours.
"""

from __future__ import annotations

from rich.text import Text

from wireproof.finding import Confidence, Severity
from wireproof.report.outline import FindingItem, Outline
from wireproof.report.page import Page, pad, widest
from wireproof.report.rows import draw_rows
from wireproof.report.words import aliases, clock, count, duration, headline, moment, place, total_packets

SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
SEVERITY_WORDS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}
MOST_ROWS_OF_EFFECT = 4
"""Rows shown of a finding that another explains: its cause has the frames that matter."""


def render_text(report: Outline, width: int | None = None) -> Text:
    """The report for a terminal of `width` columns, or for a pipe (None): there rows are never cut."""
    page = Page(width)
    if report.title:
        page.line((report.title, "bold"))
    if report.items:
        _draw_headline(page, report)
        _draw_captures(page, report)
        for depth, item in report.walk():
            page.blank()
            _draw_finding(page, report, item, depth)
    else:
        page.prose(_quiet(report), style="green" if not report.undecided else "")
    _draw_undecided(page, report)
    _draw_notes(page, report)
    return page.text


def _quiet(report: Outline) -> str:
    names = " and ".join([", ".join(item.name for item in report.captures[:-1]), report.captures[-1].name]).removeprefix(" and ")
    talks = max(item.conversations for item in report.captures)
    return (
        f"Nothing found in {count(total_packets(report), 'packet')} of {names} "
        f"({count(talks, 'conversation')}, {duration(max(item.duration_s for item in report.captures))})."
    )


def _draw_headline(page: Page, report: Outline) -> None:
    first = report.roots[0]
    counted = headline(report)
    if first.children and len(report.items) > 1:
        page.prose(f"{counted}. Root cause: {first.finding.title}", style="bold")
    elif len(report.items) > 1:
        page.prose(f"{counted}. First: {first.finding.title}", style="bold")
    else:
        page.line((counted, "bold"))


def _draw_captures(page: Page, report: Outline) -> None:
    page.blank()
    rows = []
    for item in report.captures:
        rows.append(
            (item.name, count(item.packets, "packet"), duration(item.duration_s), moment(item.start_ns), item, clock(item))
        )
    widths = [widest(row[place] for row in rows) for place in (0, 1, 2, 3)]  # type: ignore[misc]
    for name, packets, lasting, start, item, offset in rows:
        page.line(
            (pad(name, widths[0]), "bold"),
            f"  {pad(packets, widths[1], right=True)}  {pad(lasting, widths[2], right=True)}  from {pad(start, widths[3])}",
            f"  {offset}" if offset and report.is_aligned else "",
        )
        del item


def _draw_finding(page: Page, report: Outline, item: FindingItem, depth: int) -> None:
    finding, indent = item.finding, 3 * depth
    lead = "└ " if depth else ""
    word = SEVERITY_WORDS[finding.severity]
    page.line(
        lead,
        (f"{item.number}  {word}", SEVERITY_STYLES[finding.severity]),
        f"  {finding.rule}",
        ("" if finding.confidence is Confidence.HIGH else f"  ({finding.confidence.value} confidence)", "dim"),
        indent=indent,
    )
    indent += 3
    page.prose(finding.title, indent, style="bold")
    for words in (place(finding), *aliases(finding)):
        if words:
            page.prose(words, indent, style="dim")
    page.prose(finding.summary, indent)
    rows = item.rows[:MOST_ROWS_OF_EFFECT] if depth else item.rows
    if rows:
        page.blank()
        draw_rows(page, rows, indent, report.is_aligned)
        if len(rows) < len(item.rows):
            page.line((f"… and {len(item.rows) - len(rows)} more", "dim"), indent=indent + 2)
    if not depth:
        _draw_advice(page, item, indent)
    if item.also_explains:
        others = ", ".join(str(other.number) for other in item.also_explains)
        page.line((f"also explains {others}", "dim"), indent=indent)


def _draw_advice(page: Page, item: FindingItem, indent: int) -> None:
    finding = item.finding
    if finding.fix:
        page.blank()
        page.line(("Fix", "bold"), indent=indent)
        for number, step in enumerate(finding.fix, start=1):
            page.prose(step, indent, first=f"{number}. ")
    if finding.filters or finding.references:
        page.blank()
    for name, words in finding.filters.items():
        page.line((f"Wireshark, {name}: ", "dim"), words, indent=indent)
    if finding.references:
        page.prose(", ".join(finding.references), indent, first="See ", style="dim")


def _draw_undecided(page: Page, report: Outline) -> None:
    if not report.undecided:
        return
    page.blank()
    page.line(("Cannot tell from these captures", "bold"))
    for question in report.undecided:
        page.prose(question.reason, 3, first="? ")
        page.prose(question.capture_next, 5, first="Capture next: ", style="cyan")


def _draw_notes(page: Page, report: Outline) -> None:
    if not report.notes:
        return
    page.blank()
    page.line(("Notes", "bold"))
    for note in report.notes:
        page.prose(note, 3, first="- ")
