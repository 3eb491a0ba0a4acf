"""path-loss: packets that leave one point and never reach the next, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d1_sccm, d14_iphttps, d15_rpc
from tests.support.files import Frame, interface_statistics, pcapng_bytes
from tests.support.middleboxes import Lose, data_numbers
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity


def transfer(*parts: object, **far: object) -> dict[str, list[Frame]]:
    world = World([Point("client", at="client"), Link(5), *parts, Link(5), Point("server", at="server", **far)])
    steps = [Send("client", 400), Send("server", 60_000), Send("client", 9_000), Send("server", 800), Close("client", 900)]
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), steps)
    return world.captures()


def two_points(folder: Path, *parts: object, **far: object) -> Case:
    return make_case(folder, transfer(*parts, **far))


def test_the_segment_and_its_repeats_that_never_arrive_are_named_frame_by_frame(tmp_path: Path) -> None:
    finding = only(open_case(d1_sccm.build(tmp_path)), "path-loss")
    lost = [piece.frame for piece in finding.evidence if piece.mark == "lost"]
    assert lost == [1921, 1975, 2071, 2264, 2651, 3475]
    assert (finding.where, finding.toward) == ("between client and server", "server")
    assert finding.facts["lost_packets"] == 6
    assert finding.severity is Severity.ERROR


def test_connection_attempts_that_never_reach_the_host_are_lost_without_a_shared_clock(tmp_path: Path) -> None:
    finding = only(open_case(d14_iphttps.build(tmp_path)), "path-loss")
    assert "1.1.1.1:443" in finding.title
    assert {piece.capture for piece in finding.evidence} == {"client"}
    assert {2657, 2693, 2736, 2839} <= {piece.frame for piece in finding.evidence}


def test_a_blocked_dynamic_port_is_lost_while_port_135_passes(tmp_path: Path) -> None:
    finding = only(open_case(d15_rpc.build(tmp_path)), "path-loss")
    assert [piece.frame for piece in finding.evidence] == [8980, 9390, 11236]
    assert "1431" in finding.title


def test_a_small_loss_that_was_repaired_is_a_remark(tmp_path: Path) -> None:
    case = two_points(tmp_path, Lose(data_numbers(False, 7)))
    finding = only(case, "path-loss")
    assert finding.severity is Severity.INFO
    assert finding.facts["lost_packets"] == 1
    assert finding.facts["segments_never_arrived"] == 0


def test_nothing_is_lost_on_a_healthy_path_with_merged_segments(tmp_path: Path) -> None:
    assert judge(two_points(tmp_path, merge_received=True), "path-loss").findings == []


def test_what_the_other_point_did_not_capture_yet_is_not_lost(tmp_path: Path) -> None:
    assert judge(two_points(tmp_path, from_s=0.06), "path-loss").findings == []


def test_a_capture_that_dropped_frames_proves_nothing_for_sure(tmp_path: Path) -> None:
    captures = transfer(Lose(data_numbers(False, 7)))
    paths = {name: tmp_path / f"{name}.pcapng" for name in captures}
    for name, path in paths.items():
        path.write_bytes(pcapng_bytes(captures[name], last=interface_statistics(0, 100, 12 if name == "client" else 0)))
    case = open_case(paths)
    assert only(case, "path-loss").confidence is Confidence.LOW
