"""Two cases judged and compared: whose findings are whose, and which of them explain the first difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.compared import Run, frames_of
from tests.support.files import write_pcap
from wireproof.analyse.compare import ComparedReport, analyse_pair
from wireproof.errors import WireproofError
from wireproof.finding import Finding

OTHER = Run(client="10.7.7.7", port=51234, start_s=100.0)


def compared(folder: Path, good: Run, bad: Run) -> ComparedReport:
    """Both runs as files, judged and compared; the files are closed again."""
    files = [
        write_pcap(folder / f"{name}.pcap", frames_of(run), nanoseconds=True)
        for name, run in (("good", good), ("bad", bad))
    ]
    made = analyse_pair(*map(str, files))
    made.close()
    return made


def rules(findings: Iterable[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def test_a_finding_of_the_bad_capture_explains_the_first_difference(tmp_path: Path) -> None:
    made = compared(tmp_path, Run(), replace(OTHER, connects=False))
    assert rules(made.because) == ["tcp-syn-unanswered"]
    assert made.because == made.only_bad
    assert made.only_good == []


def test_a_finding_about_the_same_service_is_in_both_whatever_the_addresses(tmp_path: Path) -> None:
    good = Run(status="503 Busy", address="198.51.100.7")
    made = compared(tmp_path, good, replace(OTHER, status="503 Busy"))
    assert rules(made.both) == ["http-error"]
    assert (made.only_bad, made.only_good, made.because) == ([], [], [])


def test_a_finding_of_the_good_capture_is_kept_apart(tmp_path: Path) -> None:
    made = compared(tmp_path, Run(status="503 Busy"), OTHER)
    assert rules(made.only_good) == ["http-error"]


def test_of_several_captures_those_of_one_name_are_compared(tmp_path: Path) -> None:
    for folder in ("good", "bad"):
        (tmp_path / folder).mkdir()
        for name, start_s in (("server", 0.0), ("client", 0.5)):
            write_pcap(tmp_path / folder / f"{name}.pcap", frames_of(Run(start_s=start_s)), nanoseconds=True)
    with analyse_pair(str(tmp_path / "good"), str(tmp_path / "bad")) as made:
        assert made.good_point.name == made.bad_point.name
    with analyse_pair(str(tmp_path / "good"), str(tmp_path / "bad" / "server.pcap")) as made:
        assert made.bad_point.name == "server"
        assert made.good_point in made.good.case.points
        assert len(made.notes) == 1
        assert "of 2 captures only" in made.notes[0]


def test_what_can_not_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    good = write_pcap(tmp_path / "good.pcap", frames_of(Run()), nanoseconds=True)
    with pytest.raises(WireproofError, match="gone"):
        analyse_pair(str(good), str(tmp_path / "gone.pcap"))


def test_an_empty_capture_is_compared_with_nothing_in_common(tmp_path: Path) -> None:
    good = write_pcap(tmp_path / "good.pcap", frames_of(Run()), nanoseconds=True)
    empty = write_pcap(tmp_path / "empty.pcap", [])
    for pair in ((good, empty), (empty, good), (empty, empty)):
        with analyse_pair(*map(str, pair)) as made:
            assert made.comparison.first is None
