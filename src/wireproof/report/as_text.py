"""The report for a terminal: a headline, the captures, findings with their frames, what stays open, notes.

Takes an `Outline` and a width; gives a rich `Text`, whose `plain` is the report without colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wireproof.finding import Confidence, Finding, Severity
from wireproof.report.page import SEVERITY_STYLES, Page, cut, pad, widest
from wireproof.report.rows import draw_rows
from wireproof.report.stages_text import draw_process
from wireproof.report.words import (
    aliases,
    clock,
    count,
    duration,
    filters_of,
    frame_list,
    headline,
    moment,
    place,
    quiet_line,
)

if TYPE_CHECKING:
    from wireproof.report.captures import CaptureItem
    from wireproof.report.outline import FindingItem, Outline

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
        _draw_marks(page, report)
        draw_processes(page, report)
        for depth, item in report.walk():
            page.blank()
            _draw_finding(page, report, item, depth)
    else:
        page.prose(quiet_line(report), style="" if report.undecided else "green")
        _draw_marks(page, report)
        draw_processes(page, report)
    if report.decryption:
        from wireproof.report.sessions.section import draw_section

        draw_section(page, report.decryption, name_captures=report.is_aligned)
    _draw_undecided(page, report)
    _draw_notes(page, report)
    return page.text


def _draw_headline(page: Page, report: Outline) -> None:
    """How much was found and its root cause; with more than two findings, each as a line."""
    first = next((root for root in report.roots if root.children), None)
    page.prose(headline(report) + (f". Root cause: {first.finding.title}" if first else ""), style="bold")
    if len(report.items) < 3:
        return
    page.blank()
    words = {item.number: SEVERITY_WORDS[item.finding.severity] for item in report.items}
    numbers, room = len(str(len(words))), widest(words.values())
    for depth, item in report.walk():
        style = SEVERITY_STYLES[item.finding.severity].removeprefix("bold ")
        lead = "   " * (depth - 1) + "└ " if depth else ""
        start = f"{pad(str(item.number), numbers, right=True)}  {pad(words[item.number], room)}"
        title = f"  {lead}{item.finding.title}"
        page.line((start, style), cut(title, page.width - numbers - 2 - room) if page.width else title)


def draw_captures(page: Page, captures: list[CaptureItem]) -> None:
    """One line a capture: name, packets, duration, start, and its clock against the first one's."""
    names = widest(item.name for item in captures)
    packets = widest(count(item.packets, "packet") for item in captures)
    lengths = widest(duration(item.duration_s) for item in captures)
    for item in captures:
        offset = clock(item) if item is not captures[0] and item.packets else ""
        figures = f"  {pad(count(item.packets, 'packet'), packets, right=True)}"
        if item.packets:
            figures += f"  {pad(duration(item.duration_s), lengths, right=True)}  from {moment(item.start_ns)}"
        fits = page.width is None or names + len(figures) + 2 + len(offset) <= page.width
        page.line((pad(item.name, names), "bold"), figures, f"  {offset}" if offset and fits else "")
        if offset and not fits:
            page.prose(offset, names + 2)


def _draw_marks(page: Page, report: Outline) -> None:
    """Marker pings, one line each."""
    if not report.marks:
        return
    page.blank()
    page.line(("Markers", "bold"))
    for mark in report.marks:
        where = f" of {mark.capture}" if report.is_aligned else ""
        told = f"{mark.size} bytes  frame {mark.frame}{where} at {mark.time_s:.6f} s: {mark.meaning}"
        page.line(told, (f"  ({count(mark.requests, 'ping')} {mark.source} → {mark.target})", "dim"), indent=3)


def draw_processes(page: Page, report: Outline) -> None:
    """Connection processes stage by stage."""
    for process in report.processes:
        page.blank()
        draw_process(page, process, name_capture=report.is_aligned)


def _draw_finding(page: Page, report: Outline, item: FindingItem, depth: int) -> None:
    finding, indent = item.finding, 3 * depth
    page.line(
        "└ " if depth else "",
        (f"{item.number}  {SEVERITY_WORDS[finding.severity]}", SEVERITY_STYLES[finding.severity]),
        f"  {finding.rule}",
        ("" if finding.confidence is Confidence.HIGH else f"  ({finding.confidence.value} confidence)", "dim"),
        indent=max(indent - 2, 0),
    )
    indent += 3
    page.prose(finding.title, indent, style="bold")
    for words in (place(finding), *aliases(finding)):
        if words:
            page.prose(words, indent, style="dim")
    if item.span:
        page.prose(item.span.told(name_captures=report.is_aligned), indent, style="dim")
    page.prose(finding.summary, indent)
    if _is_aside(report, finding):
        page.prose(frame_list(item, report.is_aligned), indent, style="dim")
        return
    _draw_evidence(page, report, item, depth)
    if not depth:
        _draw_advice(page, report, item, indent)
    if item.also_explains:
        others = ", ".join(str(other.number) for other in item.also_explains)
        page.line((f"also explains {others}", "dim"), indent=indent)


def _is_aside(report: Outline, finding: Finding) -> bool:
    """Whether a finding is told in short: a remark beside errors or warnings, or about the capture itself."""
    if finding.severity is not Severity.INFO:
        return False
    return report.count(Severity.INFO) < len(report.items) or finding.rule.startswith("capture-")


def _draw_evidence(page: Page, report: Outline, item: FindingItem, depth: int) -> None:
    indent = 3 * depth + 3
    rows = item.rows[:MOST_ROWS_OF_EFFECT] if depth else item.rows
    if not rows:
        return
    page.blank()
    # A log is named where its lines stand among frames.
    draw_rows(page, rows, indent, report.is_aligned or any(row.log_line for row in rows))
    if len(rows) < len(item.rows):
        page.line((f"… and {len(item.rows) - len(rows)} more", "dim"), indent=indent + 2)


def _draw_advice(page: Page, report: Outline, item: FindingItem, indent: int) -> None:
    finding = item.finding
    if finding.fix:
        page.blank()
        page.line(("Fix", "bold"), indent=indent)
        for number, step in enumerate(finding.fix, start=1):
            page.prose(step, indent, first=f"{number}. ")
    if finding.filters or finding.references:
        page.blank()
    for words, names in filters_of(finding).items():
        of = f" for {' and '.join(names)}" if report.is_aligned else ""
        page.line((f"Wireshark filter{of}: ", "dim"), words, indent=indent)
    if finding.references:
        page.prose(f"See {', '.join(finding.references)}", indent, style="dim")


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
