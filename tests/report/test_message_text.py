"""The table of messages for a terminal: who told whom what, in the fields that say something."""

from __future__ import annotations

from pathlib import Path

from tests.messages.test_dns_records import ANSWER, query
from tests.support.said_over import datagram
from tests.support.tables import spaced
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.report.message_text import LONGEST, render_messages


def lookup(folder: Path) -> Case:
    return make_case(folder, {"client": spaced([datagram("client", query()), datagram("server", ANSWER)])})


def test_a_message_is_a_line_with_the_fields_that_say_something(tmp_path: Path) -> None:
    lines = render_messages(lookup(tmp_path), "dns", 20).plain.splitlines()
    assert lines[1].split() == ["Frame", "Time", "#", "From", "To", "Message"]
    assert lines[2].split() == [
        "1", "0.000000", "0", "10.0.0.1:50001", "10.0.0.2:53", "ident=7", "recursion_desired", "name=www.example.com", "kind=A",
    ]  # fmt: skip
    assert lines[3].startswith("    2  0.001000  0  10.0.0.2:53")
    assert "rcode=NOERROR" in lines[3]
    assert "query_frame=1" in lines[3]
    assert "addresses=10.0.0.1" in lines[3]
    assert "aliases=web.example.com" in lines[3]
    assert max(map(len, lines[3].split("  ")[-1].split("="))) <= LONGEST + 20


def test_only_so_many_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    lines = render_messages(lookup(tmp_path), "dns", 1).plain.splitlines()
    assert lines[-1] == "and 1 more message; --top 0 shows all"
    assert len(render_messages(lookup(tmp_path), "dns", 0).plain.splitlines()) == 4


def test_all_counts_the_messages_of_each_protocol(tmp_path: Path) -> None:
    assert render_messages(lookup(tmp_path), "all", 20).plain.splitlines()[1:] == ["dns                2"]


def test_a_protocol_without_messages_says_so(tmp_path: Path) -> None:
    assert render_messages(lookup(tmp_path), "tls", 20).plain.splitlines()[1:] == ["no such messages"]
    silent = make_case(tmp_path, {"client": spaced([datagram("client", b"", (1, 2))])})
    assert render_messages(silent, "all", 20).plain.splitlines()[1:] == ["no application messages were recognised"]


def test_lines_fit_a_terminal(tmp_path: Path) -> None:
    assert max(len(line) for line in render_messages(lookup(tmp_path), "dns", 0, 90).plain.splitlines()) <= 90
