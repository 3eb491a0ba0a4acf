"""A comparison as one HTML file that opens offline: both captures beside each other, the first difference on top.

Takes a `CompareOutline`; gives the text of the file. Nothing in it is fetched from anywhere; all text from captures is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.finding import Severity
from wireproof.report.as_html import make_environment, make_policy, read_asset
from wireproof.report.compare.as_text import HEADS, ONLY, bad_words, headline, title

if TYPE_CHECKING:
    from wireproof.report.compare.outline import CompareOutline, Row

MOST_ROWS = 200
"""Rows of one table: so many keep the file small enough to mail; JSON has all."""


def render_comparison_html(report: CompareOutline) -> str:
    """The whole file."""
    style, script = read_asset("report.css"), read_asset("report.js")
    groups = [(head, list_rows(report, kind)) for kind, head in (HEADS | ONLY).items()]
    severities = [finding.severity for finding in report.urgent]
    return (
        make_environment()
        .get_template("compare.html.j2")
        .render(
            report=report,
            version=__version__,
            style=style,
            script=script,
            policy=make_policy(style, script),
            lead=headline(report),
            first=report.first,
            groups=[(head, rows) for head, rows in groups if rows],
            title=title,
            bad_words=bad_words,
            counts={severity.value: severities.count(severity) for severity in Severity},
            findings=[finding for finding in report.urgent if finding not in report.because][:MOST_ROWS],
        )
    )


def list_rows(report: CompareOutline, kind: object) -> list[Row]:
    """Differences of one kind, bounded, without the one that leads."""
    return [row for row in report.rows if row.kind is kind and row is not report.first][:MOST_ROWS]
