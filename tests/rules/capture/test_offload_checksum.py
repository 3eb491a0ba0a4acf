"""capture-offload-checksum: checksums left to the adapter, damaged packets, edited captures."""

from __future__ import annotations

from pathlib import Path

from tests.rules.capture.talking import CLIENT, SERVER, session
from tests.support.files import SECOND, Frame
from tests.support.packets import OFFLOADED, RIGHT, TCP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case, only
from wireproof.finding import Finding, Severity


def findings(folder: Path, frames: list[Frame]) -> list[Finding]:
    return judge(make_case(folder, {"tap": frames}), "capture-offload-checksum").findings


def offloaded(_turn: int) -> int:
    return OFFLOADED


def test_partial_checksums_of_the_capturing_host_are_said_once(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": session(20, up=offloaded)}), "capture-offload-checksum")
    assert (finding.severity, finding.facts["hosts"], finding.facts["count"]) == (Severity.INFO, [CLIENT], 1)
    assert finding.facts["frames"] == 22
    assert finding.evidence[0].frame == 1


def test_odd_values_of_the_capturing_host_are_offload_as_well(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, session(20, up=lambda turn: 0x1234 + turn))
    assert (finding.severity, finding.facts["hosts"]) == (Severity.INFO, [CLIENT])
    assert "adapter" in finding.title


def test_damaged_segments_that_are_sent_again_are_a_warning(tmp_path: Path) -> None:
    good, bad = session(12), session(12, down=lambda turn: 0xBEEF if turn in {10, 16} else RIGHT)
    frames = []
    for turn, frame in enumerate(bad):
        frames.append(frame)
        if turn in {10, 16}:
            frames.append(Frame(frame.time_ns + 5_000_000, good[turn].data))
    (finding,) = findings(tmp_path, frames)
    assert (finding.severity, finding.facts["host"], finding.facts["sent_again"]) == (Severity.WARNING, SERVER, 2)
    assert [piece.frame for piece in finding.evidence] == [11, 18, 12, 19]
    assert finding.toward == "client"


def test_wrong_checksums_that_nobody_minds_are_an_edited_capture(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, session(12, up=lambda turn: 0x1111 + turn, down=lambda turn: 0x2222 + turn)[3:])
    assert finding.severity == Severity.INFO


def test_right_checksums_stay_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, session(20)) == []


def test_cut_frames_are_not_verified(tmp_path: Path) -> None:
    cut = [
        Frame(frame.time_ns, frame.data[:60], len(frame.data)) if len(frame.data) > 60 else frame
        for frame in session(20)
    ]
    wrong = session(20, down=lambda turn: 0xBEEF if turn > 3 else RIGHT)
    assert findings(tmp_path, [frame if len(frame.data) <= 60 else cut[turn] for turn, frame in enumerate(wrong)]) == []


def test_repeats_of_right_segments_stay_silent(tmp_path: Path) -> None:
    frames = session(12)
    again = [Frame(frame.time_ns + SECOND, frame.data) for frame in frames[-2:]]
    assert findings(tmp_path, frames + again) == []


def test_a_healthy_capture_on_a_host_is_not_bothered_with_its_offload(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": session(20, up=offloaded)})
    assert judge(case).findings == []
    assert [one.rule for one in judge(case, "capture-offload-checksum", "capture-incomplete").findings] == [
        "capture-offload-checksum"
    ]


def test_offload_is_told_beside_what_else_is_wrong(tmp_path: Path) -> None:
    refused = (
        Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", IPv4(CLIENT, SERVER, TCP(50001, 81, 1, flags="S"))),
        Ethernet("02:00:00:00:00:02", "02:00:00:00:00:01", IPv4(SERVER, CLIENT, TCP(81, 50001, 0, 2, "RA"))),
    )
    frames = session(20, up=offloaded)
    frames += [Frame(frames[-1].time_ns + SECOND * turn, bytes(each)) for turn, each in enumerate(refused, start=1)]
    found = {one.rule for one in judge(make_case(tmp_path, {"client": frames})).findings}
    assert {"tcp-connection-refused", "capture-offload-checksum"} <= found
