"""The report for a ticket: short Markdown with tables, as GitHub, GitLab and Jira's importers read it.

Takes an `Outline`; gives text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from wireproof.finding import Confidence
from wireproof.report.words import (
    aliases,
    clock,
    count,
    duration,
    filters_of,
    headline,
    moment,
    packet_time,
    place,
    quiet_line,
    row_remark,
)

if TYPE_CHECKING:
    from wireproof.report.outline import EvidenceRow, FindingItem, Outline
    from wireproof.report.stages import Process

MOST_ROWS = 20
"""As many frames as rules give of one cause, and the lines of logs behind them."""
MOST_ROWS_OF_EFFECT = 3
SIGNS = {"lost": "❌", "forged": "❗", "seen": "✅"}


def render_markdown(report: Outline) -> str:
    """The report as Markdown, ending in a line end."""
    parts = [f"# {escape(report.title or 'wireproof report')}"]
    if report.items:
        parts += [f"**{headline(report)}**", _captures(report), _marks(report), *map(_process, report.processes)]
        parts += [part for depth, item in report.walk() for part in _finding(report, item, depth)]
    else:
        parts += [escape(quiet_line(report)), _marks(report), *map(_process, report.processes)]
    parts += _decryption(report)
    if report.undecided:
        parts.append("## Cannot tell from these captures")
        parts.append(
            _bullets(f"{escape(q.reason)}\n  **Capture next:** {escape(q.capture_next)}" for q in report.undecided)
        )
    if report.notes:
        parts += ["## Notes", _bullets(map(escape, report.notes))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _marks(report: Outline) -> str:
    """Marker pings, one line each; "" for none."""
    if not report.marks:
        return ""
    told = (
        f"{mark.size} bytes, frame {mark.frame} of {mark.capture} at {mark.time_s:.6f} s: {mark.meaning}"
        for mark in report.marks
    )
    return "**Markers**\n\n" + _bullets(map(escape, told))


def _decryption(report: Outline) -> list[str]:
    """How many TLS sessions were read, and what would open the others."""
    if not report.decryption:
        return []
    from wireproof.report.sessions.section import make_section

    section = make_section(report.decryption)
    advice = [f"**{escape(who)}:** {escape(text)}" for who, text in section.advice]
    leads = "\n\n".join(map(escape, section.lines(report.is_aligned)))
    return ["## Decryption", leads, _bullets([*advice, *map(escape, section.unused)])]


def _process(process: Process) -> str:
    """A connection process as a table of its stages."""
    rows = [
        (
            f"{row.sign} {escape(row.title)}",
            "" if row.start_s is None else f"{row.start_s:.3f} s",
            duration(row.duration_s) if row.duration_s else "",
            escape(row.told),
            row.frame_text,
        )
        for row in process.rows
    ]
    heading = f"## {escape(process.title)} in {escape(process.capture)}"
    return "\n\n".join(
        [heading, escape(process.lead), table(("Stage", "Start", "Took", "What it shows", "Frames"), rows)]
    )


def escape(words: str) -> str:
    """Words that no Markdown reader takes for markup or HTML, on one line; pairs of backticks stay code."""
    for character in "\\*<|" if words.count("`") % 2 == 0 else "\\*<|`":
        words = words.replace(character, "\\" + character)
    return " ".join(words.split())


def code(words: str) -> str:
    """Words as code; a backtick in them can't end it."""
    return f"`{' '.join(words.replace('`', chr(39)).split())}`"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of escaped cells."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code_cell(words: str) -> str:
    """Code in a table, where no reader agrees on how a bar is escaped."""
    return code(words.replace("|", "¦"))


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _captures(report: Outline) -> str:
    """A table of the captures; "" where there are only logs."""
    if not report.captures:
        return ""
    rows = [
        (
            escape(item.name), _code_cell(item.file), f"{item.packets:,}",
            duration(item.duration_s) if item.packets else "", moment(item.start_ns) if item.packets else "",
            clock(item) if item is not report.captures[0] and item.packets else "",
        )
        for item in report.captures
    ]  # fmt: skip
    return table(("capture", "file", "packets", "lasts", "starts", ""), rows)


def _finding(report: Outline, item: FindingItem, depth: int) -> Iterator[str]:
    finding = item.finding
    yield f"{'###' if depth else '##'} {item.number}. {escape(finding.title)}"
    certain = "" if finding.confidence is Confidence.HIGH else f" · {finding.confidence.value} confidence"
    where = " · ".join(escape(words) for words in (place(finding), *aliases(finding)) if words)
    yield f"**{finding.severity.value}** · {code(finding.rule)}{certain}" + (f" · {where}" if where else "")
    if item.span:
        yield escape(item.span.told(name_captures=report.is_aligned))
    yield escape(finding.summary)
    shown = item.rows[: MOST_ROWS_OF_EFFECT if depth else MOST_ROWS]
    if shown:
        yield _rows(report, shown)
    if len(shown) < len(item.rows):
        yield f"… and {count(len(item.rows) - len(shown), 'more frame')}"
    if not depth:
        yield "\n".join(f"{number}. {escape(step)}" for number, step in enumerate(finding.fix, start=1))
        yield "\n".join(
            f"- Wireshark, {escape(' and '.join(names))}: {code(words)}" for words, names in filters_of(finding).items()
        )
        yield f"See {escape(', '.join(finding.references))}" if finding.references else ""


def _rows(report: Outline, rows: Sequence[EvidenceRow]) -> str:
    heads = ("", *(("capture",) if report.is_aligned else ()), "No.", "Time", "Source", "Destination", "Info", "")
    return table(heads, (_cells(report, row) for row in rows))


def _cells(report: Outline, row: EvidenceRow) -> list[str]:
    start = [SIGNS.get(row.mark, ""), *([escape(row.shown)] if report.is_aligned else [])]
    line = row.line
    if line is None:
        file = "" if report.is_aligned or not row.log_line else f"{row.shown}: "
        return [
            *start,
            row.place,
            "",
            "",
            "",
            _code_cell(f"{file}{row.log_text}") if row.log_text else "",
            escape(row.note),
        ]
    info, remark = _code_cell(f"{line.protocol} {line.info}"), escape(row_remark(row))
    return [*start, str(line.number), packet_time(line.time_s), line.source, line.destination, info, remark]
