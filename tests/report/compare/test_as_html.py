"""A comparison as HTML."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from tests.support.compared import Run
from tests.support.comparisons import outlined, with_stages
from wireproof.processes.compare.difference import Kind
from wireproof.report.compare.as_html import MOST_ROWS, list_rows, render_comparison_html
from wireproof.report.compare.outline import Row


class Page(HTMLParser):
    """Headings, ids and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        self.links += [str(values[name]) for name in ("href", "src") if values.get(name)]


def test_the_page_leads_with_the_verdict_and_shows_both_sides(tmp_path: Path) -> None:
    text = render_comparison_html(outlined(tmp_path, Run(), Run(status="503 Busy")))
    assert "<h1>First difference that matters: GET /app/start with www.example.com:80 (http) fails</h1>" in text
    assert "200 OK, 15 ms" in text
    assert "503 Busy" in text
    assert "http-error" in text


def test_links_lead_to_places_of_the_page_and_nowhere_else(tmp_path: Path) -> None:
    page = Page(render_comparison_html(with_stages(tmp_path)))
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if not link.startswith("#")} == set()
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert "stages" in page.ids


def test_text_from_captures_is_escaped(tmp_path: Path) -> None:
    row = Row(Kind.FAILS, "<script>alert(1)</script>:80", "GET /", "200", "<b>503</b>")
    text = render_comparison_html(replace(outlined(tmp_path, Run(), Run()), rows=[row], first=row))
    assert "<script>alert(1)" not in text
    assert "<b>503</b>" not in text


def test_a_table_is_bounded(tmp_path: Path) -> None:
    rows = [Row(Kind.EXTRA, f"host-{number}", "GET /", "", "200") for number in range(MOST_ROWS + 50)]
    report = replace(outlined(tmp_path, Run(), Run()), rows=rows)
    assert len(list_rows(report, Kind.EXTRA)) == MOST_ROWS
