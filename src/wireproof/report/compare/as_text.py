"""A comparison for a terminal or a mail: the first difference that matters on top, then the others by kind.

Takes a `CompareOutline`; gives a rich `Text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from wireproof.finding import Finding, Severity
from wireproof.processes.compare.difference import Kind
from wireproof.report.page import SEVERITY_STYLES, Page, cut, pad, widest
from wireproof.report.words import count, duration, moment, packet_time

if TYPE_CHECKING:
    from wireproof.conversations.lines import FrameLine
    from wireproof.report.captures import CaptureItem
    from wireproof.report.compare.outline import CompareOutline, Row, StageRow

HEADS = {
    Kind.ANSWER: "Told otherwise in the bad capture, and not gone on with",
    Kind.FAILS: "Works in the good capture and fails in the bad one",
    Kind.STOPS: "The bad capture stops before",
    Kind.NEW_FAILURE: "Tried in the bad capture only, and fails",
    Kind.SLOWER: "Takes far longer in the bad capture",
    Kind.OUTCOME: "Ends otherwise in the bad capture",
    Kind.DETAIL: "Agreed on otherwise",
    Kind.WORKS: "Fails in the good capture and works in the bad one",
    Kind.FASTER: "Takes far longer in the good capture",
}
ONLY = {Kind.MISSING: "Only in the good capture", Kind.EXTRA: "Only in the bad capture"}
VERBS = {
    Kind.ANSWER: "is another one",
    Kind.FAILS: "fails",
    Kind.STOPS: "is never begun",
    Kind.NEW_FAILURE: "fails, and is tried in the bad capture only",
    Kind.SLOWER: "takes far longer",
    Kind.OUTCOME: "ends otherwise",
}
"""What the bad capture does where it matters."""
STYLES = {
    Kind.ANSWER: "bold red",
    Kind.FAILS: "bold red",
    Kind.STOPS: "bold red",
    Kind.NEW_FAILURE: "bold red",
    Kind.SLOWER: "bold yellow",
}
LOOKUPS = "name lookups"
MOST, MOST_ONLY, MOST_FOLLOWING = 12, 8, 5
"""Differences shown of one kind (of services that one capture lacks), and of the steps that a difference keeps from happening."""


def render_comparison(report: CompareOutline, width: int | None = None, *, everything: bool = False) -> Text:
    """The comparison for a terminal of `width` columns, or for a pipe (None); `everything` shows each difference."""
    page = Page(width)
    _draw_captures(page, report)
    page.blank()
    _draw_first(page, report)
    _draw_stages(page, report.stages)
    for kind, head in HEADS.items():
        rows = [row for row in report.of(kind) if row is not report.first]
        _draw_rows(
            page,
            f"{head}" if report.first is None or kind is not report.first.kind else f"{head}, also",
            rows,
            everything,
        )
    _draw_findings(page, report)
    for kind, head in ONLY.items():
        _draw_only(page, head, report.of(kind), everything)
    _draw_end(page, report)
    return page.text


def headline(report: CompareOutline) -> str:
    """The verdict in one sentence."""
    if report.first is not None:
        return f"First difference that matters: {title(report.first)} {VERBS[report.first.kind]}"
    if report.urgent:
        return "Everything that both captures show came out alike; rules find in the bad one only:"
    if not report.alike and not report.rows_in_common:
        return "The captures have no service in common: nothing could be compared"
    return "No difference that matters: nothing that works in the good capture fails in the bad one"


def title(row: Row) -> str:
    """`TLS handshake with uag.example:443 (tls)`, `lookup of www.example.com A`."""
    if row.service == LOOKUPS and row.kind is Kind.DETAIL:
        return row.action
    if row.service == LOOKUPS:
        return f"lookup of {row.action}"
    if not row.action:
        return row.service
    if row.service.startswith("DirectAccess"):
        return f"{row.service}: {row.action}"
    if row.kind is Kind.ANSWER:
        return f"{row.action} from {row.service}"
    return f"{row.action} with {row.service}"


def _draw_captures(page: Page, report: CompareOutline) -> None:
    for word, item in (("good", report.good), ("bad", report.bad)):
        page.line((pad(word, 5), "bold"), _capture(item))


def _capture(item: CaptureItem) -> str:
    return f"{item.file}  {count(item.packets, 'packet')}  {duration(item.duration_s)}  from {moment(item.start_ns)}"


def _draw_first(page: Page, report: CompareOutline) -> None:
    row = report.first
    page.prose(
        headline(report), style=STYLES.get(row.kind, "bold") if row else "bold red" if report.urgent else "green"
    )
    if row is not None:
        _draw_sides(page, row, 3)
        for finding in report.because[:3]:
            page.blank()
            _draw_finding(page, finding, 3)
            for step in finding.fix[:2]:
                page.prose(step, 6, first="→ ", style="cyan")
    elif report.urgent:
        for finding in report.urgent[:3]:
            _draw_finding(page, finding, 3)


def _draw_sides(page: Page, row: Row, indent: int) -> None:
    """What both captures show, with the frame to look at."""
    for word, said, line in (
        ("good", row.good or "nothing of it", row.good_line),
        ("bad", bad_words(row), row.bad_line),
    ):
        page.prose(said, indent, first=pad(word, 6))
        if line is not None:
            text = _frame(line)
            room = (page.width or 10_000) - indent - 6
            page.line((cut(text, room), "dim"), indent=indent + 6)
    if row.follows:
        more = f" and {len(row.follows) - MOST_FOLLOWING} more" if len(row.follows) > MOST_FOLLOWING else ""
        page.prose(f"then missing as well: {'; '.join(row.follows[:MOST_FOLLOWING])}{more}", indent + 6, style="dim")
    if row.elsewhere:
        more = f" and {len(row.elsewhere) - MOST_FOLLOWING} more" if len(row.elsewhere) > MOST_FOLLOWING else ""
        page.prose(f"the same with {', '.join(row.elsewhere[:MOST_FOLLOWING])}{more}", indent + 6, style="dim")


def _frame(line: FrameLine) -> str:
    return f"frame {line.number} at {packet_time(line.time_s)}  {line.source} → {line.destination}  {line.protocol}  {line.info}"


def bad_words(row: Row) -> str:
    """What the bad capture shows, with its server where that is another one."""
    return (row.bad or "nothing of it") + (f"; there the server is {row.bad_service}" if row.bad_service else "")


def _draw_rows(page: Page, head: str, rows: list[Row], everything: bool) -> None:
    if not rows:
        return
    page.blank()
    page.line((head, "bold"))
    shown = rows if everything else rows[:MOST]
    for row in shown:
        page.prose(title(row), 3, first="• ")
        if row.kind is Kind.DETAIL:
            page.prose(f"good: {row.good or 'nothing'}; bad: {row.bad or 'nothing'}", 5)
            if row.elsewhere:
                page.prose(f"the same with {count(len(row.elsewhere), 'more service')}", 5, style="dim")
        else:
            _draw_sides(page, row, 5)
    if len(shown) < len(rows):
        page.line((f"… and {len(rows) - len(shown)} more; --all shows them", "dim"), indent=3)


def _draw_stages(page: Page, stages: list[StageRow]) -> None:
    """Both timelines beside each other; where there is little room, without the times at which stages began."""
    if not stages:
        return
    page.blank()
    cells = [_cells(row, begun=True) for row in stages]
    room = sum(widest(column) for column in zip(*cells, strict=True)) + 4
    if page.width and room > page.width:
        cells = [_cells(row, begun=False) for row in stages]
    first = widest([*(cell[0] for cell in cells), "Stage"])
    second = widest([*(cell[1] for cell in cells), "good"])
    page.line((f"{pad('Stage', first)}  {pad('good', second)}  bad", "bold"))
    for row, (name, good, bad) in zip(stages, cells, strict=True):
        shown = cut(bad, max(page.width - first - second - 4, 12)) if page.width else bad
        page.line(f"{pad(name, first)}  {pad(good, second)}  ", (shown, "red" if row.differs else ""))


def _cells(row: StageRow, *, begun: bool) -> tuple[str, str, str]:
    """The stage's title, and how it went in both captures."""
    good = _stage(row.good, row.good_s if begun else None, row.good_took_s)
    return row.title, good, _stage(row.bad, row.bad_s if begun else None, row.bad_took_s)


def _stage(outcome: str, start_s: float | None, took_s: float | None) -> str:
    if not outcome:
        return "—"
    start = f" at {packet_time(start_s)}" if start_s is not None else ""
    took = f", {'took ' if start else ''}{duration(took_s)}" if took_s else ""
    return f"{outcome}{start}{took}"


def _draw_findings(page: Page, report: CompareOutline) -> None:
    told = report.because[:3] if report.first is not None else report.urgent[:3]
    left = [finding for finding in report.urgent if finding not in told]
    if left:
        page.blank()
        page.line(
            ("Rules find in the bad capture only", "bold"), f"; `wireproof check {report.bad.file}` shows the frames"
        )
        for finding in left[:MOST]:
            _draw_finding(page, finding, 3)
    mild = [finding for finding in report.only_good if finding.severity is not Severity.INFO]
    if mild:
        page.blank()
        page.line(("Rules find in the good capture only", "bold"))
        for finding in mild[:MOST]:
            _draw_finding(page, finding, 3)


def _draw_finding(page: Page, finding: Finding, indent: int) -> None:
    page.line((finding.severity.value, SEVERITY_STYLES[finding.severity]), f"  {finding.rule}", indent=indent)
    page.prose(finding.title, indent + 3)


def _draw_only(page: Page, head: str, rows: list[Row], everything: bool) -> None:
    """Services and actions that one capture lacks: mostly what else went on in the network at the time."""
    if not rows:
        return
    page.blank()
    page.line((head, "bold"), f"  ({len(rows)})")
    lookups = [] if everything else [row for row in rows if row.service == LOOKUPS]
    others = [row for row in rows if everything or row.service != LOOKUPS]
    shown = others if everything else others[:MOST_ONLY]
    for row in shown:
        words = f"{title(row)}: {row.good or row.bad}"
        page.line(cut(words, page.width - 3) if page.width else words, indent=3)
    if lookups:
        more = f" and {len(lookups) - MOST_FOLLOWING} more" if len(lookups) > MOST_FOLLOWING else ""
        page.prose(f"lookups of {', '.join(row.action for row in lookups[:MOST_FOLLOWING])}{more}", 3)
    if len(shown) < len(others):
        page.line((f"… and {len(others) - len(shown)} more; --all shows them", "dim"), indent=3)


def _draw_end(page: Page, report: CompareOutline) -> None:
    page.blank()
    page.prose(
        f"Alike: {count(report.alike, 'action')} with {count(report.services, 'service')}. {_both(report.both)}".strip(),
        style="dim",
    )
    for note in report.notes:
        page.prose(note, first="note: ", style="dim")


def _both(findings: Iterable[Finding]) -> str:
    names = list(dict.fromkeys(finding.rule for finding in findings if finding.severity is not Severity.INFO))
    return f"Found in both captures, so hardly the reason: {', '.join(names)}." if names else ""
