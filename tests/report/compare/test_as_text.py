"""A comparison as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rich.cells import cell_len

from tests.support.compared import Run
from tests.support.comparisons import outlined, with_stages
from wireproof.processes.compare.difference import Kind
from wireproof.report.compare.as_text import headline, render_comparison, title
from wireproof.report.compare.outline import Row


def test_the_verdict_leads_and_names_the_first_difference(tmp_path: Path) -> None:
    report = outlined(tmp_path, Run(), Run(status="503 Busy"))
    lines = render_comparison(report).plain.splitlines()
    assert lines[3] == "First difference that matters: GET /app/start with www.example.com:80 (http) fails"
    assert lines[4].split() == ["good", "200", "OK,", "15", "ms"]
    assert "bad   503 Busy" in lines[6]
    assert any("http-error" in line for line in lines)
    assert "note: a note" in lines


def test_without_a_difference_it_says_so_and_counts_what_is_alike(tmp_path: Path) -> None:
    text = render_comparison(outlined(tmp_path, Run(), Run(client="10.7.7.7", port=51234))).plain
    assert "No difference that matters" in text
    assert "Alike: 5 actions with 3 services." in text


def test_captures_with_nothing_in_common_are_told_as_such(tmp_path: Path) -> None:
    report = replace(outlined(tmp_path, Run(), Run()), alike=0)
    assert headline(report).startswith("The captures have no service in common")


def test_stages_stand_in_columns(tmp_path: Path) -> None:
    text = render_comparison(with_stages(tmp_path)).plain
    lines = text[text.index("Stage  ") :].splitlines()
    place = lines[0].index("bad")
    assert {line[place - 1] for line in lines[1:5]} == {" "}
    assert any(line[place:].startswith("unanswered") for line in lines)


def test_stages_leave_out_when_they_began_where_there_is_little_room(tmp_path: Path) -> None:
    text = render_comparison(with_stages(tmp_path), 80).plain
    lines = text[text.index("Stage  ") :].split("\n\n")[0].splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert not any(" at " in line for line in lines)


def test_rows_are_cut_to_the_terminal_and_whole_in_a_pipe(tmp_path: Path) -> None:
    report = outlined(tmp_path, Run(), Run(status="503 Busy"))
    narrow = render_comparison(report, 60).plain.splitlines()
    assert max(cell_len(line) for line in narrow if line.startswith("         frame")) <= 60
    assert "HTTP/1.1 503 Busy" in render_comparison(report).plain


def test_many_differences_of_one_kind_are_cut_unless_all_are_asked_for(tmp_path: Path) -> None:
    report = outlined(tmp_path, Run(), Run())
    report = replace(
        report, rows=[Row(Kind.EXTRA, f"host-{number}:80", "TCP connection", "", "answered") for number in range(30)]
    )
    assert "… and 22 more; --all shows them" in render_comparison(report).plain
    assert "host-29:80" in render_comparison(report, everything=True).plain


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    row = Row(Kind.EXTRA, "host\x1b[31m:80", "GET /\x07", "", "answered")
    report = replace(outlined(tmp_path, Run(), Run()), rows=[row])
    assert not set(render_comparison(report).plain) & set("\x1b\x07")


def test_titles_name_what_they_are_about() -> None:
    assert title(Row(Kind.FAILS, "name lookups", "a.example A", "", "")) == "lookup of a.example A"
    assert title(Row(Kind.FAILS, "DirectAccess connection", "TLS", "", "")) == "DirectAccess connection: TLS"
    assert title(Row(Kind.STOPS, "DirectAccess connection", "", "", "")) == "DirectAccess connection"
    assert title(Row(Kind.FAILS, "www:80", "GET /", "", "")) == "GET / with www:80"


def test_an_answer_that_turned_the_client_away_is_named_with_the_service_that_gave_it(tmp_path: Path) -> None:
    row = Row(Kind.ANSWER, "10.1.1.2:135 (rpc)", "address for MAPI", "the address that was asked, 10.1.1.2", "10.1.1.7")
    report = replace(outlined(tmp_path, Run(), Run()), rows=[row], first=row)
    assert headline(report) == "First difference that matters: address for MAPI from 10.1.1.2:135 (rpc) is another one"
