"""The report for a terminal: a headline, the captures, findings with their frames, what stays open, notes.

Takes an `Outline` and a width; gives a rich `Text`, whose `plain` is the report without colours.
"""

from __future__ import annotations

from rich.text import Text

from wireproof.finding import Confidence, Severity
from wireproof.report.outline import CaptureItem, FindingItem, Outline
from wireproof.report.page import SEVERITY_STYLES, Page, pad, widest
from wireproof.report.rows import draw_rows
from wireproof.report.words import aliases, clock, count, duration, headline, moment, place, quiet_line

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
        page.blank()
        draw_captures(page, report.captures)
        for depth, item in report.walk():
            page.blank()
            _draw_finding(page, report, item, depth)
    else:
        page.prose(quiet_line(report), style="green" if not report.undecided else "")
    _draw_undecided(page, report)
    _draw_notes(page, report)
    return page.text


def _draw_headline(page: Page, report: Outline) -> None:
    first = report.roots[0]
    counted = headline(report)
    if first.children and len(report.items) > 1:
        page.prose(f"{counted}. Root cause: {first.finding.title}", style="bold")
    elif len(report.items) > 1:
        page.prose(f"{counted}. First: {first.finding.title}", style="bold")
    else:
        page.line((counted, "bold"))


def draw_captures(page: Page, captures: list[CaptureItem]) -> None:
    """One line a capture: name, packets, duration, start, and its clock against the first one's."""
    names = widest(item.name for item in captures)
    packets = widest(count(item.packets, "packet") for item in captures)
    lengths = widest(duration(item.duration_s) for item in captures)
    for item in captures:
        offset = clock(item) if item is not captures[0] else ""
        page.line(
            (pad(item.name, names), "bold"),
            f"  {pad(count(item.packets, 'packet'), packets, right=True)}",
            f"  {pad(duration(item.duration_s), lengths, right=True)}",
            f"  from {moment(item.start_ns)}",
            f"  {offset}" if offset else "",
        )


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
    page.line(("Cannot tell from these captures", "bold"), "; what to capture next:")
    for question in report.undecided:
        page.prose(question.reason, 3, first="? ")
        page.prose(question.capture_next, 5, first="→ ", style="cyan")


def _draw_notes(page: Page, report: Outline) -> None:
    if not report.notes:
        return
    page.blank()
    page.line(("Notes", "bold"))
    for note in report.notes:
        page.prose(note, 3, first="- ")
