"""TCP marks over real captures: at least 99.5 % of those that tshark or wireproof sets, both set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.files import write_pcap
from tests.support.oracle import ORACLE_VERSION, tshark_version
from tests.support.packets import LINK_TYPES, TCP, IPv4
from tests.support.tables import read_closed, spaced
from tools.compare_marks import Agreement, Difference, ask_tshark, compare_capture, compare_rows, main, render
from wireproof.errors import CaptureFormatError

TOPICS = ("tcp-connect", "tcp-loss", "tcp-reset", "tcp-slow", "two-sided", "mtu-mss", "offload-length")
SAMPLED = ("dcerpc-dcom", "http", "smb", "tls-handshake")
EACH = 16
"""Of the topics that are about something else, every sixteenth capture."""
SHARE = 0.995
KNOWN = {
    ("netverdict__mtu_blackhole.pcap", 6): "tshark opens a second stream for the SYN that an ICMP error quotes",
    (
        "zeek__syn-then-ack-then-rst.pcap",
        2,
    ): "tshark takes a side's first segment of number 0 for an update of its window",
    ("zeek__syn-then-stuff-then-rst.pcap", 2): "the same",
}
"""Differences that are understood, each with its reason; docs/tcp-marks.md tells them by kind."""


@pytest.fixture(scope="module")
def agreement(captures: Path, program: Callable[[str], str]) -> Agreement:
    """All captures of the TCP topics and some of the others, compared once."""
    if tshark_version(program("tshark")) != ORACLE_VERSION:
        pytest.skip(f"marks follow tshark {ORACLE_VERSION}")
    chosen = [path for topic in TOPICS for path in sorted((captures / topic).iterdir())]
    chosen += [path for topic in SAMPLED for path in sorted((captures / topic).iterdir())[::EACH]]
    found = Agreement()
    for path in chosen:
        try:
            compare_capture(found, path, ask_tshark(path))
        except CaptureFormatError:
            continue
    return found


def test_marks_agree_with_tshark(agreement: Agreement) -> None:
    assert agreement.share >= SHARE, render(agreement)
    assert agreement.marks > 15_000


def test_every_mark_is_compared_and_agrees_for_itself(agreement: Agreement) -> None:
    for mark in agreement.both:
        assert agreement.both[mark] >= 0.99 * (agreement.both + agreement.tshark + agreement.wireproof)[mark], mark
    assert len(agreement.both) == 15


def test_every_difference_is_understood(agreement: Agreement) -> None:
    unknown = [difference for difference in agreement.differences if (difference.file, difference.frame) not in KNOWN]
    assert list(map(str, unknown)) == []


def test_numbers_beside_the_marks_agree_with_tshark(agreement: Agreement) -> None:
    assert agreement.number_share("in_flight") >= SHARE
    assert agreement.number_share("acks_row") == 1.0


def test_every_segment_that_tshark_shows_is_decoded(agreement: Agreement) -> None:
    assert agreement.unseen <= 2, "samples that sFlow carries are no segments of this wire"


# --- the comparison itself ------------------------------------------------------------------------------------------


def test_a_difference_is_counted_on_its_side_and_listed(tmp_path: Path) -> None:
    segments = [IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, seq, 1, payload=b"abc")) for seq in (1, 1, 9)]
    path = write_pcap(tmp_path / "a.pcap", spaced(map(bytes, segments)), link_type=LINK_TYPES["raw"])
    silent = [""] * 15
    answers = [["1", *silent, "3", ""], ["2", "1", *silent[1:], "3", ""], ["3", *silent, "7", ""]]
    found = Agreement()
    compare_rows(found, "a.pcap", read_closed(path), answers)
    assert found.both == {"retransmission": 1}
    assert found.wireproof == {"lost_segment": 1}
    assert found.tshark == {}
    assert found.share == 0.5
    assert found.differences == [Difference("a.pcap", 3, "", "lost_segment")]
    assert found.numbers == {"in_flight": [2, 3], "acks_row": [0, 0]}
    assert "| `lost_segment` | 0 | 0 | 1 |" in render(found)


def test_the_command_prints_one_table_over_all_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, program: Callable[[str], str]
) -> None:
    program("tshark")
    segments = [IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, 1, 1, payload=b"abc"))] * 2
    folder = tmp_path / "captures"
    folder.mkdir()
    write_pcap(folder / "a.pcap", spaced(map(bytes, segments)), link_type=LINK_TYPES["raw"])
    (folder / "notes.txt").write_text("no capture", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["compare_marks.py", "--frames", "--keep", str(tmp_path / "kept"), str(folder)])
    assert main() == 0
    first = capsys.readouterr().out
    assert "1 captures, 2 segments: 100.000% of marks equal" in first
    assert main() == 0
    assert capsys.readouterr().out == first
