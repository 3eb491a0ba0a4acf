"""netstat in the forms in which tickets bring it, and in which languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d2_rdp import NETSTAT
from tests.support.log_texts import damaged, logs_in, only_log
from wireproof.logs.netstat import NetstatLog, Output, find
from wireproof.logs.text import LogText, read_text

GERMAN = """\
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN          920
  TCP    0.0.0.0:445            0.0.0.0:0              ABHÖREN          4
  TCP    10.7.3.187:54321       10.193.10.7:443        HERGESTELLT      3048
  TCP    10.7.3.187:54322       10.193.10.7:443        WARTEND          0
  TCP    [::]:3389              [::]:0                 ABHÖREN          1204
  TCP    [fe80::c0de%12]:49160  [fe80::1%12]:445       SYN_GESENDET     4
  UDP    0.0.0.0:500            *:*                                     812
  UDP    [::1]:1900             *:*                                     2200
"""
PROGRAMS = """\
  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1204
  TermService
 [svchost.exe]
  TCP    0.0.0.0:1433           0.0.0.0:0              LISTENING       2044
 [sqlservr.exe]
  TCP    10.0.0.5:49733         10.0.0.9:443           ESTABLISHED     5212
 Can not obtain ownership information
  UDP    0.0.0.0:5353           *:*                                    1544
 [chrome.exe]
"""


def only(text: str) -> Output:
    (output,) = only_log(NetstatLog, text).outputs
    return output


def test_the_articles_rows_are_read_with_their_offload_column() -> None:
    log = only_log(NetstatLog, NETSTAT)
    (output,) = log.outputs
    assert len(output.sockets) == 16
    first, last = output.sockets[0], output.sockets[-1]
    assert (first.local, first.remote, first.state, first.pid, first.line) == (("0.0.0.0", 80), None, "LISTENING", 4, 1)
    assert (last.local, last.remote, last.state) == (("10.7.3.187", 80), ("10.193.10.7", 49684), "ESTABLISHED")
    assert log.addresses() == {"10.7.3.187"}
    assert output.leaves_out(3389)
    assert not output.leaves_out(443)


def test_rows_that_run_together_are_the_same_rows() -> None:
    apart, together = only(NETSTAT), only(NETSTAT.replace("\n", " "))
    assert [(one.local, one.remote, one.pid) for one in together.sockets] == [
        (one.local, one.remote, one.pid) for one in apart.sockets
    ]


@pytest.mark.parametrize("word", ["ABHÖREN", "ESCUCHANDO", "LISTENING", "ABHOEREN", "IN_ASCOLTO"])
def test_states_of_any_language_are_told_by_what_they_lack(word: str) -> None:
    output = only(GERMAN.replace("ABHÖREN", word))
    assert [one.local for one in output.sockets if one.is_listening and one.protocol == "tcp"] == [
        ("0.0.0.0", 135), ("0.0.0.0", 445), ("::", 3389),
    ]  # fmt: skip
    assert [one.pid for one in output.sockets] == [920, 4, 3048, 0, 1204, 4, 812, 2200]


def test_a_port_of_ipv6_alone_does_not_take_ipv4() -> None:
    (socket,) = [one for one in only(GERMAN).sockets if one.local[1] == 3389]
    assert not socket.listens_on("10.7.3.187", 3389)
    assert socket.listens_on("2001:db8::1", 3389)


def test_programs_and_services_stand_below_their_rows() -> None:
    sockets = only(PROGRAMS).sockets
    assert [(one.service, one.program) for one in sockets] == [
        ("TermService", "svchost.exe"),
        ("", "sqlservr.exe"),
        ("", ""),
        ("", "chrome.exe"),
    ]


def test_reserved_ports_do_not_listen() -> None:
    (one,) = only("  TCP    0.0.0.0:50000   0.0.0.0:0   BOUND   2200\n").sockets
    assert not one.is_listening


def test_a_filter_says_what_was_asked_for() -> None:
    text = 'C:\\Users\\Administrator.CONTOSO>netstat -ano | find ":3478"\nUDP 10.2.2.10:3478 *:* 1952\nUDP 10.3.3.12:3478 *:* 1952\n'
    output = only(text)
    assert [one.local for one in output.sockets] == [("10.2.2.10", 3478), ("10.3.3.12", 3478)]
    assert not output.leaves_out(3389)
    assert not output.leaves_out(3478, "udp")


def test_a_filter_without_an_answer_says_that_nothing_is_there() -> None:
    output = only('C:\\>netstat -ano | findstr ":3389"\n\nC:\\>\n')
    assert output.sockets == []
    assert output.leaves_out(3389)
    assert not output.leaves_out(338)


def test_connections_alone_say_nothing_of_what_listens() -> None:
    text = "  TCP 10.7.3.187:54321 10.193.10.7:443 ESTABLISHED 3048\n  TCP 10.7.3.187:54322 10.193.10.7:444 ESTABLISHED 3048\n"
    assert not only(text).leaves_out(3389)


def test_two_runs_in_one_text_are_two_outputs() -> None:
    before = NETSTAT + "TCP 0.0.0.0:3389 0.0.0.0:0 LISTENING 1204 InHost\n"
    runs = only_log(NetstatLog, before + NETSTAT).outputs
    assert [run.leaves_out(3389) for run in runs] == [False, True]


def test_names_in_place_of_addresses_are_kept() -> None:
    listening, talking = only(
        "  TCP    0.0.0.0:135   SERVER1:0   LISTENING\n  TCP    10.1.1.1:52000   web.contoso.com:443   ESTABLISHED\n"
    ).sockets
    assert listening.is_listening
    assert talking.remote == ("web.contoso.com", 443)


def test_packets_of_a_listing_are_no_sockets() -> None:
    text = "5781 2013-01-06 09:52:15.407 0.000 10.0.107.58 10.7.3.187 TCP 66 59193 > 3389 [SYN] Seq=3976196062 Win=8192 Len=0\n"
    assert [log for log in logs_in(text) if isinstance(log, NetstatLog)] == []


@pytest.mark.parametrize(
    ("waits", "stands"),
    [
        ("LISTENING", "ESTABLISHED"),
        ("ABHÖREN", "HERGESTELLT"),
        ("NASLOUCHÁNÍ", "NAVÁZÁNO"),
        ("ESCUTANDO", "ESTABELECIDA"),
    ],
)
def test_states_of_any_language_leave_the_process_readable(waits: str, stands: str) -> None:
    text = f"  TCP    0.0.0.0:135    0.0.0.0:0    {waits}    1020\n  TCP    10.1.1.5:49700    10.2.2.2:443    {stands}    4012\n"
    first, second = only_log(NetstatLog, text).sockets
    assert (first.is_listening, first.pid) == (True, 1020)
    assert (second.is_listening, second.pid, second.remote) == (False, 4012, ("10.2.2.2", 443))


@given(damaged(NETSTAT + GERMAN + PROGRAMS) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.sockets if log else ():
        assert 1 <= one.line <= len(text.splitlines())


def test_a_list_without_any_udp_says_nothing_of_udp() -> None:
    assert not only(NETSTAT).leaves_out(500, "udp")
    assert only(NETSTAT + "  UDP    0.0.0.0:123   *:*   812\n").leaves_out(500, "udp")


@pytest.mark.parametrize(
    "text",
    [
        "Please run `netstat -ano | findstr :3389` on the server and send us what it shows.\n",
        'C:\\>netstat -ano | findstr ":3389"\n',
        'Then type netstat -ano | find ":3389"\n\nC:\\>\n',
    ],
)
def test_a_command_that_is_advised_or_whose_end_is_not_shown_says_nothing(text: str) -> None:
    assert [log for log in logs_in(text) if isinstance(log, NetstatLog)] == []


def test_a_filter_for_more_than_a_port_says_nothing_of_what_listens() -> None:
    output = only("C:\\>netstat -an | findstr ESTABLISHED | findstr :3389\n\nC:\\>\n")
    assert not output.leaves_out(3389)


@pytest.mark.parametrize(
    ("old", "new"), [("TCP 0.0.0.0:445", "...\nTCP 0.0.0.0:445"), ("TCP 0.0.0.0:445", "<snip>\nTCP 0.0.0.0:445")]
)
def test_a_list_with_rows_left_out_says_nothing_of_what_it_lacks(old: str, new: str) -> None:
    assert not only(NETSTAT.replace(old, new)).leaves_out(3389)


def test_a_few_chosen_rows_say_nothing_of_what_they_lack() -> None:
    rows = [row for row in NETSTAT.splitlines() if ":49" in row]
    assert not only("\n".join(rows)).leaves_out(3389)


@pytest.mark.parametrize("word", ["ABHÖREN", "ABH™REN", "\ufffdCOUTE", "ПРОСЛУШИВАНИЕ", "侦听中", "LISTENING"])
def test_a_state_of_any_letters_leaves_the_process_behind_it(word: str) -> None:
    log = find(
        LogText(
            "x",
            [
                f"  TCP    0.0.0.0:1433    0.0.0.0:0    {word}    3555",
                f"  TCP    [::]:1433    [::]:0    {word}    3555",
            ],
        )
    )
    assert log is not None
    assert [(one.is_listening, one.pid, one.state) for one in log.sockets] == [(True, 3555, word)] * 2


def test_a_listing_in_the_code_page_of_the_prompt_is_that_of_windows() -> None:
    text = "Aktive Verbindungen\r\n\r\n  TCP    0.0.0.0:1433    0.0.0.0:0    ABHÖREN    3555\r\n"
    found = [read_text(text.encode(page), "x") for page in ("cp850", "cp1252", "utf-8")]
    logs = [find(one) for one in found if one is not None]
    assert [[(one.state, one.pid) for one in log.sockets] for log in logs if log] == [[("ABHÖREN", 3555)]] * 3
