"""Figures and phrases as people read them."""

from __future__ import annotations

import pytest

from tests.support.reports import make_finding
from wireproof.conversations.lines import FrameLine
from wireproof.finding import Evidence, Owner, Talk
from wireproof.report import words
from wireproof.report.captures import CaptureItem
from wireproof.report.outline import EvidenceRow, FindingItem, Outline
from wireproof.report.sightings import Sighting

LINE = FrameLine(13591, 1.0, 10**18, "a", "b", "TCP", 60, "info")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 µs"), (0.00048, "480 µs"), (0.0312, "31.2 ms"), (0.25, "250 ms"), (2.5, "2.50 s"), (80.76, "80.8 s"),
        (119.99, "120.0 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"), (-0.5, "-500 ms"),
    ],
)  # fmt: skip
def test_durations_have_the_unit_that_people_use(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 frames"), (1, "1 frame"), (4452, "4,452 frames")])
def test_counts_agree_with_their_noun(number: int, text: str) -> None:
    assert words.count(number, "frame") == text


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [(912, "912 B"), (48_100, "48.1 kB"), (999_999, "1.0 MB"), (3_200_000, "3.2 MB"), (5 * 10**12, "5000 GB")],
)
def test_sizes_count_in_thousands(bytes_: int, text: str) -> None:
    assert words.size(bytes_) == text


def test_zones_are_hours_and_minutes() -> None:
    assert [words.zone(value) for value in (3600, 0, -12600, 20700)] == ["+01:00", "+00:00", "-03:30", "+05:45"]


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (["folder/a.txt"], "Nothing found in a.txt."),
        (["C:\\t\\a.txt", "b.log", "c.log"], "Nothing found in a.txt, b.log and c.log."),
        ([], "Nothing found in what was given."),
    ],
)
def test_without_captures_the_quiet_line_names_the_logs(files: list[str], text: str) -> None:
    assert words.quiet_line(Outline("", [], [], [], [], logs=files)) == text


def test_moments_are_utc() -> None:
    assert words.moment(1357636733832000000) == "2013-01-08 09:18:53 UTC"
    assert words.iso_time(1357636733832000000) == "2013-01-08T09:18:53.832000Z"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"clock_bound_s": 0.0156}, "clock agrees within 15.6 ms"),
        ({"clock_offset_s": -9.834, "clock_bound_s": 0.0002}, "clock 9.83 s ahead (± 200 µs)"),
        (
            {"clock_offset_s": 1.5, "clock_bound_s": 0.001, "clock_drift_ppm": 12.4},
            "clock 1.50 s behind (± 1.0 ms), drifts +12 ppm",
        ),
        (
            {"clock_offset_s": -9.834, "clock_known": False},
            "clock 9.83 s ahead (a guess: frames match in one direction only)",
        ),
        ({"clock_known": False}, "clock not comparable"),
    ],
)
def test_clocks_are_told_with_their_bound(fields: dict[str, float | bool], text: str) -> None:
    assert words.clock(CaptureItem("b", "b.pcap", "pcap", 1, 1, 0, 1.0, **fields)) == text  # type: ignore[arg-type]


def test_a_direction_is_told_where_the_place_leaves_it_open() -> None:
    assert words.place(make_finding("r", where="between a and b", talk=None)) == "between a and b · toward the server"
    assert words.place(make_finding("r", where="at 10.1.1.5:25", talk=None)) == "at 10.1.1.5:25"
    assert words.place(make_finding("r", where="", toward="")) == "TCP 10.1.1.1:28474 → 10.1.1.5:25"


@pytest.mark.parametrize(
    ("note", "seen", "text"),
    [
        ("arrives", Sighting("server", "seen", LINE), "arrives · in server 13591"),
        ("the same as server 13591", Sighting("server", "seen", LINE), "the same as server 13591"),
        ("never arrives", Sighting("server", "lost"), "never arrives"),
        ("first time", Sighting("server", "lost"), "first time · not in server"),
        ("", Sighting("edge", "not sent"), "not sent at edge"),
        ("", Sighting("server", "cut otherwise"), "in server, cut otherwise"),
        ("", Sighting("server", "something new"), "something new at server"),
    ],
)
def test_what_became_of_a_frame_is_told_once(note: str, seen: Sighting, text: str) -> None:
    assert words.row_remark(EvidenceRow("client", 1, note, "", LINE, sightings=(seen,))) == text


def test_a_filter_that_fits_several_captures_is_told_once() -> None:
    finding = make_finding("r", filters={"a": "tcp.port==1", "b": "tcp.port==2", "c": "tcp.port==1"})
    assert words.filters_of(finding) == {"tcp.port==1": ["a", "c"], "tcp.port==2": ["b"]}


def test_frames_are_listed_by_capture_and_counted() -> None:
    rows = [EvidenceRow("a", number, "", "", None) for number in range(1, 12)] + [EvidenceRow("b", 7, "", "", None)]
    item = FindingItem(make_finding("r", evidence=[Evidence("a", 1)]), tuple(rows))
    assert words.frame_list(item, name_captures=True) == "Frames 1, 2, 3, 4, 5, 6, 7, 8 and 3 more of a; Frame 7 of b"
    assert words.frame_list(FindingItem(item.finding, item.rows[-1:]), name_captures=False) == "Frame 7"


def test_a_process_stands_behind_the_end_that_it_owns() -> None:
    talk = Talk("tcp", "10.1.1.1:28474", "10.1.1.5:25", owners=(Owner(2136, "store.exe"), None))
    assert (
        words.place(make_finding("r", where="", toward="", talk=talk))
        == "TCP 10.1.1.1:28474 [store.exe (2136)] → 10.1.1.5:25"
    )
