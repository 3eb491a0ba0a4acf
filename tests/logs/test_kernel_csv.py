"""Rows of the TCP/IP kernel logger."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.support.log_texts import damaged, logs_in, only_log
from wireproof.logs.kernel_csv import KernelCsvLog, find
from wireproof.logs.text import LogText

ARTICLE = (
    "... UdpIp, Send, 0xFFFFFFFF, 129079416141424158, 0, 0, 2136, 8, 172.016.001.001, 172.016.057.015, 2762, 36003, 0, 0 UdpIp, Send, "
    "0xFFFFFFFF, 129079416141424158, 0, 0, 2136, 8, 172.027.045.020, 172.016.057.015, 6004, 36009, 0, 0 UdpIp, Send, 0xFFFFFFFF, "
    "129079416141424158, 0, 0, 2136, 8, 172.160.076.112, 172.016.057.015, 2344, 36016, 0, 0 UdpIp, Send, 0xFFFFFFFF, 129079416141424158, "
    "0, 0, 2136, 8, 172.048.102.066, 172.016.057.015, 1116, 36022, 0, 0...\n"
)
LATER = """\
Event Name, Type, Event ID, Version, Channel, Level, Opcode, Task, Keyword, PID, TID, Processor Number, Instance ID, Parent Instance ID, \
Activity ID, Related Activity ID, Clock-Time, Kernel(ms), User(ms), User Data
TcpIp, Connect, 0, 2, 0, 0, 12, 0, 0x0000000000000000, 0xFFFFFFFF, 0xFFFFFFFF, 1, , , {00000000-0000-0000-0000-000000000000}, , \
130000000000000000, 0, 0, 5788, 0, 10.11.2.2, 10.1.1.9, 135, 61581, 1460, 0, 0, 8192, 8, 0, 0, 0
UdpIp, Recv, 0, 2, 0, 0, 11, 0, 0x0, 0xFFFFFFFF, 0xFFFFFFFF, 0, , , {00000000-0000-0000-0000-000000000000}, , 130000000000000000, 0, 0, \
  1204,  90, 10.1.1.9, 10.1.1.53, 50999, 53, 0, 0
"""


def test_the_articles_rows_have_process_ends_and_time() -> None:
    log = only_log(KernelCsvLog, ARTICLE)
    first = log.rows[0]
    assert len(log.rows) == 4
    assert (first.protocol, first.type, first.pid, first.size) == ("udp", "Send", 2136, 8)
    assert (first.local, first.remote) == (("172.16.57.15", 36003), ("172.16.1.1", 2762))
    assert datetime.fromtimestamp(first.time_ns / 1e9, UTC).year == 2010
    assert log.in_utc


def test_the_later_columns_are_read_as_well() -> None:
    connect, received = only_log(KernelCsvLog, LATER).rows
    assert (connect.type, connect.pid, connect.local, connect.remote) == (
        "Connect", 5788, ("10.1.1.9", 61581), ("10.11.2.2", 135),
    )  # fmt: skip
    assert (received.pid, received.local, received.remote) == (1204, ("10.1.1.9", 50999), ("10.1.1.53", 53))


def test_the_description_of_the_columns_is_no_row() -> None:
    text = "UdpIp or TcpIP, Send or Recv, ?, ?, ?, ?, PID, Payload of the transport (byte), Destination IP, Source IP, Destination port\n"
    assert logs_in(text) == []


@given(damaged(ARTICLE + LATER) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for row in log.rows if log else ():
        assert 1 <= row.line <= len(text.splitlines())
