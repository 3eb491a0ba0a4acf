"""Tables of packets whose columns are others than those of the usual list, put in order."""

from __future__ import annotations

import pytest

from wireproof.capture.listing.columns import rearrange
from wireproof.capture.listing.records import EMPTY, Record, find_records, settle_cells

SYN = "55010 > 80 [SYN] Seq=0 Win=8192 Len=0"
MONITOR = "TCP:Flags=......S., SrcPort=49811, DstPort=2179, PayloadLen=0, Seq=3998212, Ack=0, Win=8192"


def read(text: str) -> list[Record]:
    """The records of a text after its tables are in order."""
    records = list(find_records(rearrange(text + "\n", 1 << 20)))
    settle_cells(records)
    return records


def table(heading: str, *lines: str, by: str) -> str:
    """A table whose cells, written with `|`, are parted by something else."""
    return "\n".join(line.replace("|", by) for line in (heading, *lines))


@pytest.mark.parametrize("by", ["\t", "  "])
@pytest.mark.parametrize(
    ("heading", "line"),
    [
        (
            "No.|Time|Source|Src Port|Destination|Dst Port|Protocol|Length|Info",
            f"1|0.5|10.0.0.1|55010|10.0.0.2|80|TCP|66|{SYN}",
        ),
        (
            "No.|Time|Source|Destination|Source port (unresolved)|Dest port|Protocol|Length|Info",
            f"1|0.5|10.0.0.1|10.0.0.2|55010|80|TCP|66|{SYN}",
        ),
        (
            "No.|Time|Source|Destination|Protocol|Length|Source Port|Destination Port|Info",
            f"1|0.5|10.0.0.1|10.0.0.2|TCP|66|55010|80|{SYN}",
        ),
        (
            "No.|Time|Source|SPort|Destination|DPort|Protocol|Length|Info",
            f"1|0.5|10.0.0.1|55010|10.0.0.2|http|TCP|66|{SYN}",
        ),
    ],
)
def test_ports_beside_addresses_are_columns(heading: str, line: str, by: str) -> None:
    (record,) = read(table(heading, line, by=by))
    assert (record.source, record.target, record.protocol, record.length, record.info) == (
        "10.0.0.1",
        "10.0.0.2",
        "TCP",
        66,
        SYN,
    )
    assert (record.cells["source_port"], record.cells["target_port"]) == (55010, 80)


@pytest.mark.parametrize("by", ["\t", "  "])
@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Length|No.|Time|Source|Destination|Protocol|Info", f"66|1|0.5|10.0.0.1|10.0.0.2|TCP|{SYN}"),
        ("No.|Length|Time|Source|Destination|Protocol|Info", f"1|66|0.5|10.0.0.1|10.0.0.2|TCP|{SYN}"),
        ("No.|Time|Source|Destination|Length|Info", f"1|0.5|10.0.0.1|10.0.0.2|66|{SYN}"),
        ("No.|Time|Destination|Source|Protocol|Length|Info", f"1|0.5|10.0.0.2|10.0.0.1|TCP|66|{SYN}"),
        (
            "No.|Time|Source|Destination|DSCP|Protocol|Length|Info",
            f"1|0.5|10.0.0.1|10.0.0.2|Class Selector 6,Default|TCP|66|{SYN}",
        ),
        ("No.|Time|Source|Destination|Protocol|Length|Delta|Info", f"1|0.5|10.0.0.1|10.0.0.2|TCP|66|0.000102|{SYN}"),
        (
            "No.|Time|HW src|Source|Destination|Protocol|Length|Info",
            f"1|0.5|02:00:00:00:00:01|10.0.0.1|10.0.0.2|TCP|66|{SYN}",
        ),
        ("No.|Time|Source|Destination|Protocol|Length|TTL|Info", f"1|0.5|10.0.0.1|10.0.0.2|TCP|66|64,63|{SYN}"),
        ("Time|Source|Destination|Protocol|Length|Info", f"0.5|10.0.0.1|10.0.0.2|TCP|66|{SYN}"),
    ],
)
def test_columns_stand_in_any_order(heading: str, line: str, by: str) -> None:
    (record,) = read(table(heading, line, by=by))
    assert (record.number, record.clocks.seconds[0], record.source, record.target) == (
        1,
        500_000_000,
        "10.0.0.1",
        "10.0.0.2",
    )
    assert (record.protocol, record.length, record.info) == ("TCP", 66, SYN)


@pytest.mark.parametrize("by", ["\t", "  ", " "])
@pytest.mark.parametrize("process", ["mmc.exe", "System", "mmc.exe (4404)"])
@pytest.mark.parametrize("has_heading", [True, False])
def test_programs_and_names_of_hosts_are_read(process: str, by: str, has_heading: bool) -> None:
    heading = (
        "Frame Number|Time Date Local Adjusted|Time Offset|Process Name|Source|Destination|Protocol Name|Description"
    )
    lines = [
        f"1|10:12:01 2/27/2023|5.0|{process}|CLIENT5|hvhost7.corp.test|TCP|{MONITOR}",
        f"2|10:12:01 2/27/2023|5.1||10.0.0.1|HOST7|TCP|{MONITOR}",
    ]
    records = read(table(*([heading] if has_heading else []), *lines, by=by))
    assert [(record.source, record.target) for record in records] == [
        ("CLIENT5", "hvhost7.corp.test"),
        ("10.0.0.1", "HOST7"),
    ]
    assert [record.process for record in records] == [(4404, "mmc.exe") if "(" in process else None, None]
    assert {(record.style, record.info) for record in records} == {("Network Monitor", MONITOR)}


def test_names_in_a_usual_table_are_ends() -> None:
    heading = "No.     Time       Source       Destination    Protocol Length Info"
    records = read(f"{heading}\n1  0.5  CLIENT5  10.0.0.2  TCP  66  {SYN}\n2  0.6  10.0.0.2  CLIENT5  TCP  54  {SYN}")
    assert [(record.source, record.target, record.length) for record in records] == [
        ("CLIENT5", "10.0.0.2", 66),
        ("10.0.0.2", "CLIENT5", 54),
    ]


def test_empty_cells_of_numbers_shift_nothing() -> None:
    heading = "No.\tTime\tSource\tDestination\tSource Port\tDestination Port\tProtocol\tLength\tInfo"
    text = f"{heading}\n1\t0.5\t10.0.0.1\t10.0.0.2\t\t\tICMP\t74\tEcho (ping) request\n"
    assert EMPTY in rearrange(text, 1 << 20)
    for shown in (text, text.replace("\t", " ")):
        (record,) = read(shown)
        assert (record.protocol, record.cells, record.info) == ("ICMP", {"length": 74}, "Echo (ping) request")


@pytest.mark.parametrize(
    ("lines", "numbers"),
    [
        ([f"{n} {length} 0.{n} 10.0.0.1 10.0.0.2 TCP {SYN}" for n, length in ((1, 66), (2, 54))], [1, 2]),
        ([f"{length} {n} 0.{n} 10.0.0.1 10.0.0.2 TCP {SYN}" for n, length in ((1, 66), (2, 54))], [1, 2]),
        ([f"{n} 0.{n} 10.0.0.1 55010 10.0.0.2 80 TCP {SYN}" for n in (1, 2)], [1, 2]),
        ([f"{n} 0.{n} 10.0.0.2 ← 10.0.0.1 TCP {SYN}" for n in (1, 2)], [1, 2]),
        ([f"{n} 0.{n} 10.0.0.1 → 10.0.0.2 TCP 66 0.000102 {SYN}" for n in (1, 2)], [1, 2]),
        ([f"{n} 0.{n} 10.0.0.1 → 10.0.0.2 66 {SYN}" for n in (1, 2)], [1, 2]),
    ],
)
def test_lines_without_a_heading_are_told_by_their_shape(lines: list[str], numbers: list[int]) -> None:
    records = read("\n".join(lines))
    assert [record.number for record in records] == numbers
    assert {(record.source, record.target, record.info) for record in records} == {("10.0.0.1", "10.0.0.2", SYN)}


@pytest.mark.parametrize(
    "text",
    [
        "4711 12:00:01 INFO Service Starting up\n4712 12:00:02 INFO Service Started",
        "No. Time Source Destination Info\n12 parcels from here to there TCP",
        "106613 11:18:57 AM 1/8/2013 713.48 RTCSrv.exe (1504) TCPIP_Windows TCPIP_Windows:TCP: endpoint created.",
        "12 0.5 10.0.0.1 took 10.0.0.2 80 TCP",
    ],
)
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert read(text) == []
