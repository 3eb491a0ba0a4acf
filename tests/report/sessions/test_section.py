"""The section on decryption in a report on findings: short, and nothing where there is nothing to say."""

from __future__ import annotations

from tests.support.sessions import LOG, closed, many, mixed
from wireproof.decrypt.outcome import Reason
from wireproof.report.page import Page
from wireproof.report.sessions.section import draw_section, make_section
from wireproof.report.sessions.table import SessionTable


def test_a_section_has_the_headline_the_advice_and_keys_of_no_use() -> None:
    section = make_section([mixed()])
    assert section.lines(False) == [
        "4 of 6 TLS sessions decrypted, 1 of them in part (server.pfx: 3, keys.log: 1); 2 closed: 1 forward secrecy, 1 resumed"
    ]
    assert ("1 session, forward secrecy", LOG) in section.advice
    assert section.unused == ["old.pfx opened no session: its key belongs to no certificate in the capture"]


def test_an_advice_counts_the_sessions_of_all_captures() -> None:
    section = make_section([mixed(), many(100)])
    assert section.advice[0] == ("21 sessions, forward secrecy", LOG)
    assert [line.partition(":")[0] for line in section.lines(True)] == ["client", "client"]


def test_a_handshake_without_an_end_needs_no_advice_here() -> None:
    rows = (closed(1), closed(2, Reason.NOT_FINISHED, advice="see the findings"))
    assert [text for _, text in make_section([SessionTable("a", "a", rows)]).advice] == [LOG]


def test_on_a_terminal_it_is_a_few_lines() -> None:
    page = Page(80)
    draw_section(page, [mixed()])
    found = page.text.plain.splitlines()
    assert found[0] == "Decryption"
    assert 5 < len(found) < 15
    assert max(map(len, found)) <= 80


def test_without_tables_nothing_is_drawn() -> None:
    page = Page(80)
    draw_section(page, [])
    assert page.text.plain == ""
