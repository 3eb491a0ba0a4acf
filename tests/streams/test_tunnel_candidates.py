"""Which conversations may hold a readable tunnel: told by the suite, the path or inner packets, never by the port."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.support.files import write_pcap
from tests.support.iphttps import talk_inner, tunnel
from wireproof.conversations import read_capture
from wireproof.streams.tunnel_candidates import Candidate, candidates_of, find_candidates

INNER = talk_inner()


def candidates(folder: Path, start: int = 0, **options: Any) -> list[Candidate]:
    """Those of a tunnel whose capture begins at some frame."""
    tables = read_capture(write_pcap(folder / "t.pcap", tunnel(INNER, **options)[start:]))
    with tables.capture:
        found = find_candidates(tables)
        assert candidates_of(tables) is candidates_of(tables)
        assert candidates_of(tables) == found
        return found


@pytest.mark.parametrize(
    ("suite", "number", "mac"), [("NULL-MD5", 1, 16), ("NULL-SHA", 2, 20), ("NULL-SHA256", 0x3B, 32)]
)
def test_candidates_are_told_without_the_port(tmp_path: Path, suite: str, number: int, mac: int) -> None:
    found = candidates(tmp_path, suites=suite, port=8443, version=ssl.TLSVersion.TLSv1_2)
    assert found == [Candidate(0, number, mac)]


def test_a_suite_that_encrypts_makes_none(tmp_path: Path) -> None:
    assert candidates(tmp_path, suites="AES128-SHA") == []


def test_records_with_whole_packets_tell_the_mac_where_the_handshake_is_missing(tmp_path: Path) -> None:
    frames = tunnel(INNER)
    begin = next(place for place, frame in enumerate(frames) if INNER[0][1] in frame.data)
    (found,) = candidates(tmp_path, begin)
    assert (found.suite, found.mac) == (0, 20)
