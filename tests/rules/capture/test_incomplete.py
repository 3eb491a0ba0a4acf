"""capture-incomplete: dropped and cut frames, one direction, data that is missing, clock steps."""

from __future__ import annotations

from pathlib import Path

from tests.cases.healthy import captures_that_overlap_partly, cut_frames, small_loss_recovered, syn_repeated_once
from tests.rules.capture.talking import CLIENT, SERVER, session
from tests.support.files import SECOND, Frame, interface_statistics, pcapng_bytes
from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Finding, Severity

RULE = "capture-incomplete"
DAYS = 2 * 86_400 * SECOND
"""Frames of 1970 count as not stamped at all."""


def findings(case: Case) -> list[Finding]:
    return judge(case, RULE).findings


def with_drops(folder: Path, dropped: int, turns: int) -> Finding:
    frames = session(turns)
    path = folder / "tap.pcapng"
    path.write_bytes(pcapng_bytes(frames, last=interface_statistics(0, len(frames), dropped)))
    return only(open_case({"tap": path}), RULE)


def test_frames_that_the_capturing_program_dropped_are_a_warning(tmp_path: Path) -> None:
    finding = with_drops(tmp_path, 12, 20)
    assert (finding.severity, finding.facts["kind"], finding.facts["dropped"]) == (Severity.WARNING, "dropped", 12)
    assert "path-loss" in finding.summary


def test_one_dropped_frame_of_many_is_information(tmp_path: Path) -> None:
    assert with_drops(tmp_path, 1, 1200).severity == Severity.INFO


def test_cut_frames_are_information_with_their_length(tmp_path: Path) -> None:
    found = findings(open_case(cut_frames(tmp_path)))
    assert {finding.severity for finding in found} == {Severity.INFO}
    assert [
        (finding.facts["kind"], finding.facts["snap_length_bytes"], finding.facts["headers_cut"]) for finding in found
    ] == [("cut", 96, 0)] * 2


def test_frames_cut_inside_their_headers_are_a_warning(tmp_path: Path) -> None:
    cut = [Frame(frame.time_ns, frame.data[:40], len(frame.data)) for frame in session(9)]
    finding = only(make_case(tmp_path, {"tap": cut}), RULE)
    assert (finding.severity, finding.facts["headers_cut"]) == (Severity.WARNING, len(cut))


def one_side(address: str) -> list[Frame]:
    mark = bytes(map(int, address.split(".")))
    return [frame for frame in session(9) if frame.data[26:30] == mark]


def test_one_direction_alone_is_a_warning(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"tap": one_side(SERVER)}), RULE)
    assert (finding.severity, finding.facts["kind"], finding.facts["conversations"]) == (
        Severity.WARNING,
        "one_sided",
        1,
    )
    assert finding.conversations == [("tap", 0)]
    assert f"{SERVER}:80" in finding.evidence[0].note


def test_one_sided_conversations_among_many_are_information(tmp_path: Path) -> None:
    port = b"\xc3\x51"
    others = [
        Frame(
            frame.time_ns,
            (frame.data[:34] + port + frame.data[36:])
            if frame.data[26:30] == bytes((10, 1, 1, 9))
            else frame.data[:36] + port + frame.data[38:],
        )
        for frame in session(9)
    ]
    third = [Frame(frame.time_ns, frame.data[:34] + b"\xc3\x52" + frame.data[36:]) for frame in one_side(CLIENT)]
    finding = only(make_case(tmp_path, {"tap": sorted(session(9) + others + third)}), RULE)
    assert (finding.severity, finding.facts["conversations"]) == (Severity.INFO, 1)


def lacking(*turns: int) -> list[Frame]:
    return [frame for turn, frame in enumerate(session(20)) if turn not in turns]


def test_data_that_is_acknowledged_but_missing_is_a_warning(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"tap": lacking(6, 12, 18, 24)}), RULE)
    assert (finding.severity, finding.facts["kind"]) == (Severity.WARNING, "unseen")
    assert finding.facts["acks"] >= 4
    assert "no proof of loss" in finding.summary


def test_one_missing_segment_stays_silent(tmp_path: Path) -> None:
    assert findings(make_case(tmp_path, {"tap": lacking(6)})) == []


def test_data_captured_just_after_its_ack_is_not_missing(tmp_path: Path) -> None:
    frames = session(20)
    for turn in (6, 12, 18, 24):
        frames[turn], frames[turn + 1] = frames[turn + 1], frames[turn]
    assert [finding.facts["kind"] for finding in findings(make_case(tmp_path, {"tap": frames}))] == []


def test_a_clock_that_is_set_back_is_told(tmp_path: Path) -> None:
    early, late = DAYS + 100 * SECOND, DAYS + 300 * SECOND
    moved = [Frame(frame.time_ns + (late if turn < 10 else early), frame.data) for turn, frame in enumerate(session(9))]
    again = [Frame(frame.time_ns + 50 * SECOND, frame.data) for frame in moved[10:12]]
    finding = next(f for f in findings(make_case(tmp_path, {"tap": moved + again})) if f.facts["kind"] == "stepped")
    assert (finding.severity, finding.facts["steps"], finding.evidence[0].frame) == (Severity.INFO, 1, 11)
    assert round(finding.facts["largest_s"]) == 200


def test_frames_out_of_order_by_milliseconds_stay_silent(tmp_path: Path) -> None:
    frames = [
        Frame(DAYS + frame.time_ns - (3_000_000 if turn % 2 else 0), frame.data)
        for turn, frame in enumerate(session(9))
    ]
    assert findings(make_case(tmp_path, {"tap": frames})) == []


def test_unanswered_syns_are_no_missing_direction(tmp_path: Path) -> None:
    syn = bytes(
        Ethernet("02:00:00:00:00:09", "02:00:00:00:00:08", IPv4(CLIENT, SERVER, TCP(50000, 80, 100, flags="S")))
    )
    assert findings(make_case(tmp_path, {"tap": [Frame(turn * SECOND, syn) for turn in (0, 1, 3, 7)]})) == []


def test_healthy_captures_with_loss_on_the_network_stay_silent(tmp_path: Path) -> None:
    for build in (small_loss_recovered, syn_repeated_once, captures_that_overlap_partly):
        folder = tmp_path / build.__name__
        folder.mkdir()
        assert findings(open_case(build(folder))) == []
