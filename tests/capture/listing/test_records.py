"""Records in a text: one a line, several on one line, over two lines, with columns of any kind."""

from __future__ import annotations

import pytest

from tests.support.listings import IPHTTPS, SMTP
from wireproof.capture.listing.records import NETMON, find_records, settle_cells

SYN = "1 > 80 [SYN] Seq=0 Win=8192 Len=0"


def test_records_that_run_together_on_one_line_are_parted() -> None:
    records = list(find_records(SMTP))
    assert [record.number for record in records] == list(range(1, 19))
    assert records[2].info == "28474 > 25 [ACK] Seq=1 Ack=1 Win=65392 Len=0"


@pytest.mark.parametrize(
    ("line", "length", "info"),
    [
        (f"1 0.5 10.0.0.1 10.0.0.2 TCP {SYN}", None, SYN),
        (f"1 0.5 10.0.0.1 10.0.0.2 TCP 66 {SYN}", 66, SYN),
        (f"1 2013-01-06 09:52:15.407 0.000 10.0.0.1 10.0.0.2 TCP 66 {SYN}", 66, SYN),
        (f"    1\t  0.500000\t10.0.0.1\t→\t10.0.0.2\tTCP\t66\t{SYN}", 66, SYN),
        (f"1 0.5 fe80::1 ff02::1:3 TCP 66 {SYN}", 66, SYN),
        (f"1 0.5 10.0.0.1\n10.0.0.2 TCP 66 {SYN}", 66, SYN),
    ],
)
def test_columns_are_told_by_their_shape(line: str, length: int | None, info: str) -> None:
    records = list(find_records(line + "\n"))
    settle_cells(records)
    assert [(record.length, record.info) for record in records] == [(length, info)]


def test_further_columns_are_told_by_the_header() -> None:
    records = list(find_records(IPHTTPS))
    settle_cells(records)
    syn, answer = records[2].cells, records[3].cells
    assert (syn["ip_id"], syn["source_port"], syn["seq"], syn["window"], "ack" in syn) == (
        0x58BA,
        57134,
        1683802426,
        8192,
        False,
    )
    assert (answer["ack"], answer["payload"]) == (1683802427, 0)


def test_a_process_and_addresses_without_a_space_are_read() -> None:
    text = "7 11:19:10 AM 1/8/2013 730.5 RTCSrv.exe (1504) 192.168.1.1192.168.3.10 TCP TCP:Flags=......S., SrcPort=1, DstPort=2\n"
    (record,) = find_records(text)
    assert (record.style, record.process, record.source, record.target) == (
        NETMON,
        (1504, "RTCSrv.exe"),
        "192.168.1.1192.168.3.10",
        "",
    )


@pytest.mark.parametrize(
    "text",
    [
        "  TCP    0.0.0.0:80    0.0.0.0:0    LISTENING    4 InHost",
        "2013-01-06 09:52:15 ALLOW TCP 10.0.0.1 10.0.0.2 49201 80 0 - 0 0 0 - - - SEND",
        "UdpIp, Send, 0xFFFFFFFF, 129079416141424158, 0, 0, 2136, 8, 172.016.001.001, 172.016.057.015, 2762, 36003, 0, 0",
        "106613 11:18:57 AM 1/8/2013 713.48 RTCSrv.exe (1504) TCPIP_MicrosoftWindowsTCPIP TCPIP_MicrosoftWindowsTCPIP:TCP: endpoint created.",
        "took 12 0.5 seconds from 10.0.0.1 to 10.0.0.2",
        '10.0.0.1 - - [06/Jan/2013:09:52:15 +0000] "GET / HTTP/1.1" 200 512',
    ],
)
def test_texts_with_numbers_and_addresses_are_no_records(text: str) -> None:
    assert list(find_records(text)) == []
