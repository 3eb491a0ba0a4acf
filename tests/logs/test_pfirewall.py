"""The log of Windows Firewall."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.log_texts import damaged, logs_in, only_log
from wireproof.logs.pfirewall import FirewallLog, find
from wireproof.logs.text import LogText

LOG = """\
#Version: 1.5
#Software: Microsoft Windows Firewall
#Time Format: Local
#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path pid

2013-01-06 08:54:41 DROP TCP 10.0.107.58 10.7.3.187 59210 3389 52 S 2885139468 0 8192 - - - RECEIVE 4
2013-01-06 08:54:42 DROP UDP fe80::1 ff02::1:3 62010 5355 0 - - - - - - - RECEIVE 1204
2013-01-06 08:54:43 ALLOW TCP 10.7.3.187 10.193.10.7 54321 443 0 - 0 0 0 - - - SEND 3048
2013-01-06 08:54:44 INFO-EVENTS-LOST - - - - - - - - - - - - 7 - 0
"""


def test_entries_have_ends_action_and_process() -> None:
    log = only_log(FirewallLog, LOG)
    dropped, multicast, allowed = log.entries
    assert (dropped.action, dropped.protocol, dropped.flags, dropped.path, dropped.line) == (
        "DROP",
        "tcp",
        "S",
        "RECEIVE",
        6,
    )
    assert (dropped.source, dropped.destination, dropped.pid) == (("10.0.107.58", 59210), ("10.7.3.187", 3389), 4)
    assert multicast.destination == ("ff02::1:3", 5355)
    assert (allowed.action, allowed.pid) == ("ALLOW", 3048)
    assert [event.line for event in log.events()] == [6, 7]


def test_what_the_firewall_did_not_log_is_told() -> None:
    log = only_log(FirewallLog, LOG)
    assert (log.lost, log.notes) == (7, ["the firewall did not log 7 events"])


def test_without_a_head_the_usual_columns_count() -> None:
    (entry,) = only_log(FirewallLog, LOG.splitlines()[5] + "\n").entries
    assert entry.destination == ("10.7.3.187", 3389)


def test_the_head_names_the_columns() -> None:
    text = "#Fields: date time action protocol dst-ip src-ip\n2013-01-06 08:54:41 DROP ICMP 10.1.1.1 10.2.2.2 -\n"
    (entry,) = only_log(FirewallLog, text).entries
    assert (entry.source[0], entry.destination[0]) == ("10.2.2.2", "10.1.1.1")


def test_another_log_with_such_dates_is_none() -> None:
    assert logs_in("2013-01-06 08:54:41 GET /index.html 200\n") == []


@given(damaged(LOG) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    list(log.events() if log else ())


def test_rows_that_are_too_long_leave_a_note() -> None:
    long = (
        "2013-01-06 08:54:45 DROP TCP 10.0.107.58 10.7.3.187 59210 3389 52 S 1 0 8192 - - - RECEIVE 4" + " " * 400 + "x"
    )
    log = only_log(FirewallLog, LOG.replace("2013-01-06 08:54:44 INFO-EVENTS-LOST", long + "\n# "))
    assert (len(log.entries), log.notes) == (
        3,
        ["lines of 400 or more characters, which were not read: 1, the first is line 9"],
    )


def test_ends_words_and_seconds_that_come_again_are_kept_once() -> None:
    first, second = only_log(
        FirewallLog, "".join([LOG.rpartition("2013")[0], *LOG.splitlines(keepends=True)[5:6]])
    ).entries[::3]
    assert first.source is second.source
    assert first.protocol is second.protocol
    assert first.time_ns is second.time_ns
