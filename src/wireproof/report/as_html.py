"""The report as one HTML file that opens offline: findings with their frames, diagrams, plots, the timeline, filters to copy.

Takes an `Outline` and, for the figures, its case; gives the text of the file. Nothing in it is fetched from anywhere, and its content
policy forbids the reader's browser to try. All text from captures is escaped by the template engine.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from wireproof import __version__
from wireproof.errors import RuleNameError
from wireproof.finding import Finding, Severity
from wireproof.report import words
from wireproof.report.ladder import Ladder, build_ladder
from wireproof.report.marked_text import inline, render_page
from wireproof.report.passages import MOST_PASSAGES
from wireproof.report.plots import Plot, build_delay_plot, build_sequence_plots
from wireproof.report.rule_page import make_rule_page
from wireproof.report.sessions.section import make_section
from wireproof.report.sessions.words import SIGNS, left_out, told, version
from wireproof.report.stages_figure import draw_stages
from wireproof.report.strips import build_strips
from wireproof.rules import find_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.align.journeys import Clock
    from wireproof.case import Case
    from wireproof.report.outline import EvidenceRow, FindingItem, Outline

MOST_DRAWN, MOST_PLOTTED = 12, 8
"""Findings with a ladder, and conversations with plots, so that the file stays small enough to mail; all keep their tables."""
LONG_LADDERS, SHORT_LADDER = 4, 24
"""How many ladders may have their full length, and how many packets the others show."""
MOST_ROWS = 200
"""Evidence rows of one finding; rules give far fewer."""
MOST_SESSIONS = 50
"""TLS sessions of each state and reason in one capture's table."""
MOST_FRAMES_IN_FILTER = 60

MARKS = {"lost": ("✕", "lost"), "forged": ("◆", "forged"), "seen": ("✓", "seen at both ends")}
"""Sign and words for each mark of evidence, so that colour is never the only one."""
SEVERITIES = {"error": ("✕", "Error"), "warning": ("▲", "Warning"), "info": ("●", "Remark")}

RFC = re.compile(r"RFC\s?(\d+)(?:[\s,]+(?:section|sec\.|§)?\s*([A-Z0-9]+(?:\.\d+)*))?", re.IGNORECASE)
UNITS: dict[str, Callable[[float], str]] = {
    "s": words.duration,
    "ms": lambda value: words.duration(value / 1e3),
    "us": lambda value: words.duration(value / 1e6),
    "ns": lambda value: words.duration(value / 1e9),
    "bytes": lambda value: f"{value:,.0f} bytes",
    "ppm": lambda value: f"{value:.1f} ppm",
    "percent": lambda value: f"{value:.1f} %",
}
IDENTIFIERS = {"id", "port", "ports", "ttl", "frame", "frames", "code", "number", "seq", "ack"}
"""Last words of names whose values are numbers, but no amounts: they get no thousands separators."""


@dataclass(slots=True)
class Figures:
    """What is drawn for one finding. `same_as` is the finding that already shows this conversation's plots."""

    ladder: Ladder | None = None
    plots: list[Plot] = field(default_factory=list)
    same_as: FindingItem | None = None
    left_out: bool = False


def render_html(report: Outline, case: Case | None = None) -> str:
    """The whole file. Without the case there are no figures."""
    environment = make_environment()
    style, script = read_asset("report.css"), read_asset("report.js")
    return environment.get_template("report.html.j2").render(
        report=report,
        roots=report.roots,
        version=__version__,
        style=style,
        script=script,
        policy=make_policy(style, script),
        timeline=build_strips(case, report) if case else None,
        figures=_draw_all(case, report) if case else {},
        counts={severity.value: report.count(severity) for severity in Severity},
        lead=_lead(report),
        clocks=clock_remarks(case, report),
    )


@functools.cache
def make_environment() -> Environment:
    """The template engine of all HTML pages: everything is escaped, what is not defined is an error."""
    environment = Environment(
        loader=PackageLoader("wireproof.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        words=words,
        marks=MARKS,
        severities=SEVERITIES,
        facts=list_facts,
        filters=list_filters,
        reference=link_reference,
        rule_page=read_rule_page,
        by_capture=group_rows,
        most_rows=MOST_ROWS,
        number="{:,}".format,
        draw_stages=draw_stages,
        decryption_section=make_section,
        session_signs=SIGNS,
        session_told=told,
        session_version=version,
        sessions_left_out=left_out,
        most_sessions=MOST_SESSIONS,
    )
    environment.filters["inline"] = inline
    return environment


def read_asset(name: str) -> Markup:
    """Our own style or script, to stand in the page as it is."""
    text = resources.files("wireproof.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - a file of this package


def make_policy(style: str, script: str) -> str:
    """A content policy under which the page can load nothing and run nothing but its own script."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _lead(report: Outline) -> str:
    """The verdict in one sentence."""
    if report.roots:
        title = report.roots[0].finding.title.rstrip(".")
        others = sum(item.finding.severity is Severity.ERROR for item in report.roots[1:])
        return f"{title}, and {words.count(others, 'other cause')}." if others else f"{title}."
    if report.undecided:
        return "Nothing proven: these captures leave questions open."
    if not report.captures:
        return words.quiet_line(report)
    packets = words.count(words.total_packets(report), "packet")
    return f"Nothing found in {packets} of {words.count(len(report.captures), 'capture')}."


# --- figures ---------------------------------------------------------------------------------------------------------


def _draw_all(case: Case, report: Outline) -> dict[str, Figures]:
    """Figures of the first findings, by finding id; plots of one conversation are drawn once."""
    drawn: dict[str, Figures] = {}
    shown: dict[str, FindingItem] = {}
    for item in report.items:
        if len(drawn) >= MOST_DRAWN:
            drawn[item.finding.id] = Figures(left_out=True)
            continue
        drawn[item.finding.id] = _draw(case, item, shown, MOST_PASSAGES if len(drawn) < LONG_LADDERS else SHORT_LADDER)
    return drawn


def _draw(case: Case, item: FindingItem, shown: dict[str, FindingItem], most: int) -> Figures:
    finding = item.finding
    figures = Figures(build_ladder(case, finding, most))
    if len(shown) >= MOST_PLOTTED:
        return figures
    delays = build_delay_plot(case, finding)
    plots = build_sequence_plots(case, finding) + ([delays] if delays else [])
    key = "".join(str(plot.svg) for plot in plots)
    if key in shown:
        figures.same_as = shown[key]
        return figures
    if key:
        shown[key] = item
    figures.plots = plots
    return figures


# --- what templates ask ------------------------------------------------------------------------------------------------


def list_facts(finding: Finding) -> list[tuple[str, str]]:
    """A finding's figures as (name, value with unit)."""
    return [_fact(key, value) for key, value in finding.facts.items() if value not in (None, "", [], {}, ())]


def _fact(key: str, value: Any) -> tuple[str, str]:
    name, _, unit = key.rpartition("_")
    if key == "zone_s":
        return name, _amount(value, words.zone)
    if name and unit in UNITS:
        return name.replace("_", " "), _amount(value, UNITS[unit])
    if unit in IDENTIFIERS:
        return key.replace("_", " "), _amount(value, str)
    return key.replace("_", " "), _amount(value, _plain)


def _amount(value: Any, write: Callable[[float], str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return write(value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_amount(each, write)}" for key, each in list(value.items())[:12])
    if isinstance(value, list | tuple):
        more = ", …" if len(value) > 12 else ""
        return ", ".join(_amount(each, write) for each in value[:12]) + more
    return str(value)


def _plain(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def list_filters(item: FindingItem) -> list[tuple[str, str, str]]:
    """(capture, what it shows, display filter): the conversation's filter, and one for the evidence frames alone."""
    filters = [(name, "conversation", text) for name, text in item.finding.filters.items()]
    frames: dict[str, list[int]] = {}
    for row in item.rows:
        if row.line is not None:
            frames.setdefault(row.capture, []).append(row.number)
    filters += [(name, "evidence", _frame_filter(numbers)) for name, numbers in frames.items()]
    names = list(dict.fromkeys(name for name, _, _ in filters))
    return sorted(filters, key=lambda entry: names.index(entry[0]))


def _frame_filter(numbers: Iterable[int]) -> str:
    return " || ".join(f"frame.number=={number}" for number in list(numbers)[:MOST_FRAMES_IN_FILTER])


def link_reference(text: str) -> Markup:
    """A reference with the RFCs in it as links to their text; an address that stands alone becomes a link too."""
    link = Markup('<a href="{}" rel="noopener noreferrer external">{}</a>')
    if re.fullmatch(r"https?://[^\s<>\"']+", text):
        return link.format(text, text)
    parts, end = [], 0
    for found in RFC.finditer(text):
        number, section = found.groups()
        address = f"https://www.rfc-editor.org/rfc/rfc{number}" + (f"#section-{section}" if section else "")
        parts += [Markup("{}").format(text[end : found.start()]), link.format(address, found.group())]
        end = found.end()
    return Markup("").join([*parts, Markup("{}").format(text[end:])])


def read_rule_page(name: str) -> Markup | None:
    """The rule's page; None for a name that no rule has."""
    try:
        return render_page(make_rule_page(find_rule(name)).partition("\n")[2])
    except RuleNameError:
        return None


def group_rows(rows: Iterable[EvidenceRow]) -> list[tuple[str, list[EvidenceRow]]]:
    """Rows under their capture's name, bounded."""
    groups = (list(group) for _, group in groupby(list(rows)[:MOST_ROWS], key=lambda row: row.capture))
    return [(group[0].shown, group) for group in groups]


def clock_remarks(case: Case | None, report: Outline) -> dict[str, str]:
    """How each capture's clock stands against the others', in words, by capture name."""
    if case is None or len(case.points) < 2:
        return {item.name: words.clock(item) for item in report.captures}
    clocks = case.alignment.clocks
    groups = [clock.group for clock in clocks]
    return {
        point.name: _clock(clock, case.points[clock.group].name, alone=groups.count(clock.group) == 1)
        if clock.group != point.index or groups.count(point.index) == 1
        else "reference"
        for point, clock in zip(case.points, clocks, strict=True)
    }


def _clock(clock: Clock, other: str, *, alone: bool) -> str:
    if alone:
        return "tied to no other capture"
    offset_s, bound_s = clock.offset_ns / 1e9, (clock.bound_ns or 0) / 1e9
    side = "behind" if offset_s > 0 else "ahead of"
    if not clock.known or clock.bound_ns is None:
        return f"about {words.duration(abs(offset_s))} {side} {other}: frames match in one direction only, so delay is not known"
    drift = f"drifts {clock.drift_ppm:+.1f} ppm" if abs(clock.drift_ppm) >= 0.05 else "no drift seen"
    if abs(offset_s) <= bound_s:
        return f"agrees with {other} within {words.duration(bound_s)}, {drift}"
    return f"{words.duration(abs(offset_s))} {side} {other}, ± {words.duration(bound_s)}, {drift}"
