"""Evidence rows: Wireshark's columns, and what gives way on narrow terminals."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len

from wireproof.conversations.lines import FrameLine
from wireproof.report.outline import EvidenceRow
from wireproof.report.page import Page
from wireproof.report.rows import bare_info, draw_rows, short_info, whole_info

SYN = "1099 → 80 [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=256 SACK_PERM TSval=1 TSecr=0"
AGAIN = "[TCP Retransmission] 1099 → 80 [ACK] Seq=282 Ack=1 Win=65535 Len=1460"


def row(number: int, info: str, note: str = "", mark: str = "", capture: str = "client") -> EvidenceRow:
    line = FrameLine(number, number / 16, 10**18, "10.1.1.1", "172.16.1.1", "TCP", 1514, info)
    return EvidenceRow(capture, number, note, mark, line)


ROWS = (row(1917, SYN), row(1921, AGAIN, "never arrives", "lost"))


def drawn(width: int | None, rows: Sequence[EvidenceRow] = ROWS, name_captures: bool = False) -> list[str]:
    page = Page(width)
    draw_rows(page, rows, 3, name_captures)
    return page.text.plain.splitlines()


def test_info_gives_way_from_its_end() -> None:
    assert whole_info(ROWS[0]) == "1099 → 80 [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=256 SACK_PERM"
    assert short_info(ROWS[0]) == "1099 → 80 [SYN] Seq=0 Win=65535 Len=0"
    assert bare_info(ROWS[0]) == "1099 → 80 [SYN] Seq=0 Len=0"
    assert bare_info(ROWS[1]) == "[Retransmission] 1099 → 80 [ACK] Seq=282 Ack=1 Len=1460"
    assert bare_info(row(1, f"[TCP Previous segment not captured] {AGAIN}")) == bare_info(ROWS[1])


def test_in_a_pipe_rows_are_whole() -> None:
    heads, first, second = drawn(None)
    start = "  10.1.1.1  172.16.1.1   TCP         1514  "
    assert heads == "      No.        Time  Source    Destination  Protocol  Length  Info"
    assert first == f"     1917  119.812500{start}1099 → 80 [SYN] Seq=0 Win=65535 Len=0 MSS=1460 WS=256 SACK_PERM"
    assert second == f"   ✗ 1921  120.062500{start}{AGAIN}   never arrives"


def test_on_a_wide_terminal_notes_stand_beside_the_rows() -> None:
    lines = drawn(150)
    assert len(lines) == 3
    assert lines[2].endswith("Len=1460   never arrives")


def test_options_give_way_to_a_note() -> None:
    assert drawn(125, (row(1917, SYN, "SYN, no answer"),))[1].endswith("Win=65535 Len=0   SYN, no answer")


def test_then_protocol_and_length_give_way() -> None:
    assert drawn(125)[0].split() == ["No.", "Time", "Source", "Destination", "Info"]


def test_then_notes_move_beneath_the_rows() -> None:
    lines = drawn(100)
    assert len(lines) == 4
    assert lines[3] == "           never arrives"


def test_at_last_info_has_a_line_of_its_own() -> None:
    lines = drawn(80)
    assert lines[0].split() == ["No.", "Time", "Source", "Destination"]
    assert " ".join(" ".join(lines[3:]).split()).startswith(
        "✗ 1921 120.062500 10.1.1.1 172.16.1.1 [TCP Retransmission]"
    )


@pytest.mark.parametrize("width", [80, 100, 120, 150, 200])
def test_no_row_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cell_len, drawn(width))) <= width


def test_rows_of_each_capture_stand_under_its_name() -> None:
    rows = (row(1, SYN), row(7, SYN, capture="server"))
    assert [line.strip() for line in drawn(200, rows, name_captures=True) if len(line.split()) == 1] == [
        "client",
        "server",
    ]


def test_a_line_of_a_log_has_its_number_and_note() -> None:
    log = EvidenceRow("netstat.txt", 0, "nothing listens", "", None, log_line=7)
    assert [line.split() for line in drawn(None, (log,))][1:] == [["line", "7", "nothing", "listens"]]


def test_logs_stand_under_their_names_without_folders() -> None:
    rows = [EvidenceRow(f"C:\\{folder}\\a.log", 0, "", "", None, 4, log_text="text") for folder in ("one", "two")]
    assert [line.split() for line in drawn(None, rows, name_captures=True)[1:]] == [
        ["a.log"],
        ["line", "4", "text"],
    ] * 2
