"""The table of sessions on a terminal: fits its width, shows the first of each state, gives each advice once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.support.sessions import LOG, closed, many, mixed
from tests.support.verdicts import open_case
from wireproof.decrypt.outcome import Reason, Status
from wireproof.export.options import Exported
from wireproof.report.captures import make_captures
from wireproof.report.page import Page
from wireproof.report.sessions.as_text import LAYOUTS, draw_keys, draw_sessions, render_decrypted
from wireproof.report.sessions.outcome import Decrypted, Written
from wireproof.report.sessions.table import SessionTable
from wireproof.report.sessions.viewing import View

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "https-order"


def lines(table: SessionTable, width: int | None, top: int = 20) -> list[str]:
    page = Page(width)
    draw_sessions(page, table, top)
    draw_keys(page, table.keys)
    return page.text.plain.splitlines()


def sessions_of(found: list[str]) -> list[str]:
    return [line for line in found if line.lstrip()[:1].isdigit() and "10.0.0.5" in line]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 240])
def test_lines_fit_the_terminal(width: int) -> None:
    assert max(map(cell_len, lines(mixed(), width))) <= width


@pytest.mark.parametrize("width", [60, 80, 100, 160, None])
def test_number_frame_and_state_of_every_session_are_never_cut(width: int | None) -> None:
    found = "\n".join(lines(mixed(), width))
    for row in mixed().rows:
        assert any(
            line.split()[:2] == [str(row.number), str(row.frame)] and f"  {row.status.value}" in line
            for line in found.splitlines()
        )


def test_a_wide_terminal_shows_everything() -> None:
    (line,) = [line for line in lines(mixed(), 170) if line.startswith("5 ")]
    assert line.split() == [
        "5", "84", "10.0.0.5:51005", "203.0.113.10:443", "www.contoso.com", "TLS", "1.2", "RSA", "AES_128_CBC_SHA", "partly", "12",
        "48.1", "kB", "server.pfx,", "bytes", "missing,", "3", "records", "unread",
    ]  # fmt: skip


def test_a_cut_server_keeps_its_port() -> None:
    (line,) = [line for line in lines(mixed(), 80) if line.startswith("1 ")]
    assert "www.contoso" in line
    assert "…:443" in line


def test_layouts_grow_narrower() -> None:
    assert [len(layout) for layout in LAYOUTS] == sorted((len(layout) for layout in LAYOUTS), reverse=True)


def test_of_many_sessions_the_first_of_each_state_are_shown_and_the_rest_counted() -> None:
    found = lines(many(10_000), 100, top=3)
    assert [line.split()[0] for line in sessions_of(found)] == ["1", "2", "3", "5", "10", "15"]
    assert "and 7,997 decrypted, 1,997 closed; --top 0 shows all" in found
    assert len(found) < 25


def test_all_are_shown_when_asked_for() -> None:
    assert len(sessions_of(lines(many(200), 100, top=0))) == 200


def test_an_advice_stands_once_whatever_the_number_of_sessions() -> None:
    found = " ".join(" ".join(lines(many(500), None)).split())
    assert found.count(LOG) == 1
    assert "100 sessions: forward secrecy" in found


def test_different_sentences_of_one_reason_name_their_sessions() -> None:
    table = many(40)
    rows = tuple(row if row.opened else replace(row, text=f"missing from offset {row.number} on") for row in table.rows)
    found = "\n".join(lines(SessionTable("a", "a", rows), None))
    assert "session 5: missing from offset 5 on" in found
    assert "and 5 more like these" in found


def test_sentences_that_differ_in_frames_only_are_one() -> None:
    ended = "The handshake ended after {} at frame {}: the server closed the connection at frame {}."
    texts = [ended.format("ClientHello", frame, frame + 2) for frame in range(10, 100, 10)] + [
        ended.format("ServerHello", 5, 6)
    ]
    rows = tuple(closed(number, Reason.NOT_FINISHED, text=text) for number, text in enumerate(texts, 1))
    shown = " ".join(" ".join(lines(SessionTable("a", "a", rows), 100)).split())
    assert (
        "sessions 1, 2, 3, 4, 5, 6 and 3 more: The handshake ended after ClientHello at frames 10, 20, 30, 40, 50, 60 and 3 more: the server closed"
        " the connection at frames 12, 22, 32, 42, 52, 62 and 3 more."
    ) in shown
    assert f"session 10: {texts[-1]}" in shown


def test_a_command_stands_in_one_line_whatever_the_width(made: Decrypted) -> None:
    made.views.append(View("This shows it:", "editcap " + "x" * 200))
    assert "   editcap " + "x" * 200 in render_decrypted(made, 80).plain.splitlines()


def test_certificates_whose_keys_are_missing_are_named_with_their_thumbprints() -> None:
    rows = tuple(
        closed(number, Reason.NO_KEY, certificate=f"host{number % 7}", thumbprint="AB" * 20) for number in range(1, 30)
    )
    found = lines(SessionTable("a", "a", rows), None)
    assert f"     host1, thumbprint {'AB' * 20}: 5 sessions" in found
    assert "     and 2 more certificates" in found


def test_keys_of_no_use_are_told_with_the_reason() -> None:
    found = lines(mixed(), None)
    assert "   server.pfx  private key, opened 3 sessions" in found
    assert "   keys.log    key log with 40 secrets, opened 1 session" in found
    assert "   old.pfx     private key, opened no session: its key belongs to no certificate in the capture" in found


# --- the whole -------------------------------------------------------------------------------------------------------


@pytest.fixture
def made() -> Decrypted:
    case = open_case({"server": EXAMPLE / "server.pcapng"})
    return Decrypted(list(zip(make_captures(case), [mixed()], strict=True)))


def test_the_capture_stands_first_and_how_to_write_a_file_last(made: Decrypted) -> None:
    found = render_decrypted(made).plain.splitlines()
    assert found[0].startswith("server  82 packets")
    assert "Nothing was written; --output FILE.pcapng" in found[-2]


def test_what_was_written_is_told_with_notes(made: Decrypted) -> None:
    done = Exported(frames=82, clear=30, conversations=3, left_out=Counter(), notes=["one frame was cut short"])
    made.written["server"], made.asked = Written("clear.pcapng", done), True
    made.notes.append("a note on the input")
    found = render_decrypted(made).plain
    assert "clear.pcapng  82 frames, 30 of them in clear for 3 conversations" in found
    assert "one frame was cut short" in found
    assert "- a note on the input" in found
    assert "Nothing was written" not in found


def test_states_are_coloured(made: Decrypted) -> None:
    text = render_decrypted(made, 120)
    styles = {text.plain[span.start : span.end].strip(): span.style for span in text.spans}
    assert {status: styles[status.value] for status in Status} == {
        Status.DECRYPTED: "green",
        Status.PARTLY: "yellow",
        Status.CLOSED: "red",
    }
