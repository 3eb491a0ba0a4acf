"""The report for tickets: valid tables whatever the words, short, and with the same content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.reports import make_finding, smtp_report
from tests.support.sessions import LOG, mixed
from wireproof.analyse import analyse
from wireproof.finding import Evidence, Finding
from wireproof.report.as_markdown import code, escape, render_markdown
from wireproof.report.outline import outline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def rendered(folder: Path, findings: list[Finding] | None = None, *, open_questions: bool = True) -> str:
    with smtp_report(folder, findings, open_questions=open_questions) as report:
        return render_markdown(outline(report.case, report.verdicts))


def tables(text: str) -> list[list[str]]:
    """Runs of lines that are table rows."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [rows for rows in found if rows]


def test_it_tells_what_the_text_tells(tmp_path: Path) -> None:
    text = rendered(tmp_path)
    for words in (
        "# wireproof report\n\n**2 errors, 1 warning, 1 remark**",
        "## 1. title of tcp-mss-exceeded",
        "### 2. title of path-loss",
        "**error** · `tcp-mss-exceeded`",
        "1. first step for tcp-mss-exceeded\n2. second step",
        "- Wireshark, capture: `tcp.port==28474 && ip.addr==10.1.1.1`",
        "## Cannot tell from these captures\n\n- where the segment is lost\n  **Capture next:** capture at 10.1.1.5",
        "## Notes\n\n- capture.pcapng, byte 12: an example of a note",
    ):
        assert words in text


@pytest.mark.parametrize("words", ["a | b", "`code | bar`", "x || y && z", "plain"])
def test_every_row_of_a_table_has_as_many_cells(tmp_path: Path, words: str) -> None:
    text = rendered(tmp_path, [make_finding("a-one", evidence=[Evidence("capture", 11, words)])])
    for rows in tables(text):
        counts = {row.replace("\\|", "").count("|") for row in rows}
        assert len(counts) == 1, rows


def test_long_evidence_is_cut_and_counted(tmp_path: Path) -> None:
    text = rendered(tmp_path, [make_finding("a-one", tuple(range(1, 27)))])
    assert "… and 6 more frames" in text


def test_rows_of_several_captures_name_theirs() -> None:
    with analyse([str(EXAMPLES / "sccm-policy")], select=["path-loss"]) as report:
        text = render_markdown(outline(report.case, report.verdicts))
    assert text.startswith("# SCCM agent gets no policy\n")
    assert "| ❌ | client | 1921 |" in text


def test_healthy_captures_get_one_line(tmp_path: Path) -> None:
    text = rendered(tmp_path, [], open_questions=False)
    assert text == "# wireproof report\n\nNothing found in 18 packets of capture (1 conversation, 19.2 s).\n"


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        ("<b>", "\\<b>"),
        ("a*b*", "a\\*b\\*"),
        ("use `ss -ltn`", "use `ss -ltn`"),
        ("one ` tick", "one \\` tick"),
        ("a\nb", "a b"),
    ],
)
def test_words_are_no_markup(words: str, escaped: str) -> None:
    assert escape(words) == escaped


def test_code_ends_where_it_should() -> None:
    assert code("a`b") == "`a'b`"


def test_decryption_is_a_section_with_advice_as_a_list(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report:
        made = outline(report.case, report.verdicts)
    assert "Decryption" not in render_markdown(made)
    made.decryption = [mixed()]
    section = render_markdown(made).partition("## Decryption")[2].partition("## ")[0]
    assert "4 of 6 TLS sessions decrypted" in section
    assert f"- **1 session, forward secrecy:** {LOG}" in section
    assert "- old.pfx opened no session" in section
