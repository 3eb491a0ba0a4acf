"""Lines above tables of packets: which columns they name."""

from __future__ import annotations

import pytest

from wireproof.capture.listing.headings import read_heading


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        (
            "No.     Time     Source   Destination   Protocol Length Info",
            "number time source target protocol length info",
        ),
        (
            "No.  Time   Delta   Source   Src Port Destination   Dst Port Protocol Length Info",
            "number time delta source source_port target target_port protocol length info",
        ),
        (
            "Frame Number Time Date Local Adjusted Time Offset Process Name Source Destination Protocol Name Description",
            "number time delta process source target protocol info",
        ),
        (
            "No.\tUTC\tSource\tDestination\tSource port (unresolved)\tDSCP\tTCP Flags\tInfo",
            "number time source target source_port other other info",
        ),
        (
            "No.  Time  HW src   Source  Destination  TCP Flags Protocol Info",
            "number time other source target other protocol info",
        ),
        (
            "frame.number\tframe.time_epoch\tip.src\tip.dst\ttcp.seq_raw\t_ws.col.Info",
            "number time source target other info",
        ),
    ],
)
def test_columns_are_told_by_their_names(line: str, kinds: str) -> None:
    heading = read_heading(line)
    assert heading is not None
    assert " ".join(heading.kinds) == kinds
    assert bool(heading.starts) == ("\t" not in line)


@pytest.mark.parametrize(
    "line",
    [
        "No. Time Protocol Info",
        "the source and destination are in the info",
        "1 0.5 10.0.0.1 10.0.0.2 UDP Source port: 53 Destination port: 5353 info",
        "No.  Time  " + "one  " * 6 + "Source  Destination  Protocol  Info",
        "#Fields: date time action protocol src-ip dst-ip src-port dst-port size info path",
    ],
)
def test_other_lines_are_no_heading(line: str) -> None:
    assert read_heading(line) is None
