"""Packets of a listing from the words of their records: `packets_of("TCP 1 > 80 [SYN] Seq=0 …")`, all from 10.0.0.1 to 10.0.0.2 and back.

A line whose ports are turned round, or that starts with `<`, comes from 10.0.0.2.
"""

from __future__ import annotations

import re

from wireproof.capture.listing.info import read_info
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.records import find_records, settle_cells


def packets_of(*lines: str) -> list[Packet]:
    """One packet a line, a second apart, numbered from 1."""
    text = ""
    for number, line in enumerate(lines, 1):
        words = line.removeprefix("<")
        turned = line.startswith("<") or re.search(r"\b80 > ", words) is not None
        ends = "10.0.0.2 10.0.0.1" if turned else "10.0.0.1 10.0.0.2"
        text += f"{number} {number}.000000 {ends} {words}\n"
    records = list(find_records(text))
    assert len(records) == len(lines)
    settle_cells(records)
    packets = []
    for record in records:
        said = read_info(record.protocol, record.info)
        assert said is not None
        packets.append(Packet(record, said))
    return packets
