"""TDS messages of one packet or many, each response with its request and the time it took."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.oracle import tshark_rows
from tests.support.said_over import opened, said
from tests.support.tds_talks import (
    ATTENTION,
    BATCH,
    LOGIN7,
    PRELOGIN,
    RESPONSE,
    RPC,
    SSPI,
    batch,
    call,
    done,
    login,
    multiplexed,
    packets,
    prelogin,
    sql_error,
)
from wireproof.conversations import read_capture
from wireproof.messages.said import Said
from wireproof.messages.tds import TdsMessage

HELLO = [("client", packets(PRELOGIN, prelogin(0))), ("server", packets(RESPONSE, prelogin(2)))]
LOGON = [
    ("client", packets(LOGIN7, login("PC7", "sa", "App", "sql1", "sales"))),
    ("server", packets(RESPONSE, sql_error(5701, "Changed database context.", 0)[:0] + done(0))),
]


def messages(folder: Path, lines: list[tuple[str, bytes]], size: int = 1400) -> list[TdsMessage]:
    with opened(folder, said(lines, ports=(50001, 1433), size=size)) as tables:
        return list(Said(tables).tds)


@pytest.mark.parametrize("size", [11, 1400])
def test_a_session_is_told_from_prelogin_on(tmp_path: Path, size: int) -> None:
    lines = [
        *HELLO,
        *LOGON,
        ("client", packets(BATCH, batch("SELECT 1"))),
        ("server", packets(RESPONSE, done(0x10, 1))),
    ]
    found = messages(tmp_path, lines, size)
    assert [m.kind for m in found] == ["PRELOGIN", "response", "LOGIN7", "response", "SQL batch", "response"]
    assert [m.encryption for m in found[:2]] == ["off", "not supported"]
    assert (found[2].server, found[2].application, found[2].user, found[2].host, found[2].database) == (
        "sql1",
        "App",
        "sa",
        "PC7",
        "sales",
    )
    assert (found[5].request, found[5].rows, found[5].request_row) == ("SELECT 1", 1, found[4].last_row)


def test_a_message_may_take_many_packets(tmp_path: Path) -> None:
    rows = packets(RESPONSE, b"\xd1" + bytes(9000) + sql_error(1205, "deadlock victim", 13) + done(2), 512)
    found = messages(tmp_path, [*HELLO, ("client", packets(RPC, call("dbo.Pay"))), ("server", rows)])[-1]
    assert (found.packets, found.size, found.request) == (18, len(rows), "dbo.Pay")
    assert (found.errors, found.severity, found.text) == ((1205,), 13, "deadlock victim")


def test_the_wait_ends_with_the_first_packet_of_the_response(tmp_path: Path) -> None:
    rows = packets(RESPONSE, bytes(3000) + done(), 1024)
    asked, answered = messages(tmp_path, [*HELLO, ("client", packets(BATCH, batch("S"))), ("server", rows)], 1024)[-2:]
    with opened(
        tmp_path,
        said([*HELLO, ("client", packets(BATCH, batch("S"))), ("server", rows)], ports=(50001, 1433), size=1024),
    ) as tables:
        times = tables.packets.time_ns
        assert answered.waited_ns == int(times[answered.row]) - int(times[asked.last_row])
        assert answered.row < answered.last_row


def test_a_cancelled_request_is_answered_with_the_attention(tmp_path: Path) -> None:
    lines = [*HELLO, ("client", packets(BATCH, batch("WAITFOR"))), ("client", packets(ATTENTION, b""))]
    found = messages(tmp_path, [*lines, ("server", packets(RESPONSE, done(0x20)))])[-1]
    assert (found.attention, found.request) == (True, "WAITFOR")


def test_sessions_of_mars_are_kept_apart(tmp_path: Path) -> None:
    lines = [
        *HELLO,
        ("client", multiplexed(0, b"", 1)),
        ("client", multiplexed(0, packets(BATCH, batch("A")))),
        ("client", multiplexed(1, packets(BATCH, batch("B")))),
    ]
    lines += [
        ("server", multiplexed(1, packets(RESPONSE, done()))),
        ("server", multiplexed(0, packets(RESPONSE, done()))),
    ]
    assert [(m.session, m.request) for m in messages(tmp_path, lines) if m.is_response][1:] == [(1, "B"), (0, "A")]


def test_an_encrypted_login_is_passed_over(tmp_path: Path) -> None:
    lines = [*HELLO, ("client", b"\x17\x03\x03\x00\x10" + bytes(16)), ("client", packets(BATCH, batch("SELECT 2")))]
    assert [m.kind for m in messages(tmp_path, lines)] == ["PRELOGIN", "response", "SQL batch"]


def test_a_message_whose_end_is_missing_is_cut(tmp_path: Path) -> None:
    rows = packets(RESPONSE, bytes(3000) + done(), 1024)
    lines = [*HELLO, ("client", packets(BATCH, batch("SELECT 3"))), ("server", rows[:2048])]
    last = messages(tmp_path, lines)[-1]
    assert (last.kind, last.cut, last.request, last.packets) == ("response", True, "SELECT 3", 2)
    found = messages(tmp_path, [*lines, ("server", packets(SSPI, b"x"))])
    assert [(m.kind, m.cut) for m in found[-2:]] == [("response", True), ("SSPI", False)]


def test_real_captures_hold_the_packets_that_tshark_counts(captures: Path, program: Callable[[str], str]) -> None:
    path = captures / "tds/Wireshark__ms-sql-tds-rpc-requests.cap"
    tables = read_capture(path)
    with tables.capture:
        ours = sum(message.packets for message in Said(tables).tds)
    assert ours == len(list(tshark_rows(program("tshark"), path, ("tds.type",), "tds")))
