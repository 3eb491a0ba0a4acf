"""path-loss: packets that leave one point and never reach the next, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import UDP
from tests.cases import d1_sccm, d14_iphttps, d15_rpc
from tests.support.alignments import Scene, align, client_point, questions, server_point, short_path
from tests.support.files import Frame, interface_statistics, pcapng_bytes
from tests.support.middleboxes import Lose, data_numbers
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Reset, Send, Talk
from tests.support.trouble import LeakyPoint, every
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Finding, Severity


def transfer(*parts: object, **far: object) -> dict[str, list[Frame]]:
    world = World([Point("client", at="client"), Link(5), *parts, Link(5), Point("server", at="server", **far)])
    steps = [
        Send("client", 400),
        Send("server", 60_000),
        Send("client", 9_000),
        Send("server", 800),
        Close("client", 900),
    ]
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


def findings(case: Case) -> list[Finding]:
    return judge(case, "path-loss").findings


def test_behind_a_middle_point_the_senders_own_frames_are_named_as_well(tmp_path: Path) -> None:
    lose = Lose(data_numbers(True, 3))
    scene = Scene([client_point(), Link(2), Point("middle", offset_s=9.0), lose, Link(2), server_point()])
    case = align(tmp_path, scene, [questions(8)])
    finding = only(case, "path-loss")
    assert finding.where == "between middle and server"
    lost = [(piece.capture, piece.frame) for piece in finding.evidence if piece.mark == "lost"]
    assert lost == [("client", scene.truth("client")[0]), ("middle", scene.truth("middle")[0])]


def test_of_an_offloaded_segment_the_lost_bytes_are_told(tmp_path: Path) -> None:
    lose = Lose(lambda packet, upward, _: upward and getattr(packet.upper, "seq", 0) == first[0])
    first: list[int] = [-1]
    parts = [client_point(merge_sent=True), Link(1, megabit=1000), lose, Link(1), server_point(merge_received=True)]
    world = World(parts)
    talk = Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 40_000), Send("server", 9)])
    first[0] = talk.client.seq + 1 + 1460
    talk.reset_at("server", 60.0)
    finding = only(make_case(tmp_path, world.captures()), "path-loss")
    assert finding.summary.startswith("1,460 of the ")
    assert "bytes that frame 4 of client hands to the adapter are in no frame of server." in finding.summary
    assert finding.evidence[0].note.startswith("1,460 of ")


def datagrams(folder: Path, lost: Lose) -> Case:
    world = World([client_point(), Link(5), lost, Link(5), server_point()])
    hosts = {True: (Host("10.1.1.9"), "10.1.2.8", 50000, 4000), False: (Host("10.1.2.8"), "10.1.1.9", 4000, 50000)}
    for turn in range(300):
        for upward, (host, target, *ports) in hosts.items():
            packet = host.wrap(target, UDP(*ports, turn.to_bytes(4, "big") * 40))
            world.at(turn * 20_000_000, lambda packet=packet, upward=upward: world.send(packet, upward=upward))
    return make_case(folder, world.captures())


@pytest.mark.parametrize(("step", "severity"), [(140, Severity.INFO), (20, Severity.WARNING), (1, Severity.ERROR)])
def test_datagrams_that_nobody_repeats_are_weighed_by_their_share(
    tmp_path: Path, step: int, severity: Severity
) -> None:
    finding = only(datagrams(tmp_path, Lose(every(step, upward=True))), "path-loss")
    assert finding.severity is severity
    assert finding.title.startswith("UDP packets from the client are lost")
    assert "copies" not in finding.summary


def test_a_receiver_whose_capture_dropped_frames_is_told_nothing_of_losses(tmp_path: Path) -> None:
    leaky = LeakyPoint("client", at="client", choose=every(17))
    assert findings(align(tmp_path, Scene([leaky, Link(5), server_point()]), [questions(20)])) == []


def test_where_the_capture_provably_has_holes_a_loss_is_less_sure(tmp_path: Path) -> None:
    leaky = LeakyPoint("client", at="client", choose=every(17))
    parts = [leaky, Link(5), Lose(data_numbers(False, 20)), Link(5), server_point()]
    assert {finding.confidence for finding in findings(align(tmp_path, Scene(parts), [questions(20)]))} == {
        Confidence.MEDIUM
    }


def test_a_loss_right_before_the_capture_ends_is_not_called_final(tmp_path: Path) -> None:
    def last_answer(packet: object, upward: bool, _seen: int) -> bool:
        return not upward and b"answer   39" in getattr(packet.upper, "payload", b"")  # type: ignore[attr-defined]

    lose = Lose(last_answer)
    captures = Scene(short_path(lose)).captures([questions(40)])
    until = captures["server"][0].time_ns - 5_000_000 + lose.dropped[0][0] + 900_000_000
    cut = {name: [frame for frame in frames if frame.time_ns <= until] for name, frames in captures.items()}
    for found in findings(make_case(tmp_path, cut)):
        assert found.severity is not Severity.ERROR


def test_both_directions_are_told_apart(tmp_path: Path) -> None:
    case = two_points(tmp_path, Lose(data_numbers(False, 7)), Lose(data_numbers(True, 3)))
    assert sorted(finding.toward for finding in findings(case)) == ["client", "server"]


def test_resets_lost_after_the_close_are_everyday_life(tmp_path: Path) -> None:
    lost = Lose(lambda packet, upward, _: upward and "R" in getattr(packet.upper, "flags", ""))
    steps = [*questions(3), Reset("client", 60)]
    case = align(tmp_path, Scene(short_path(lost)), [steps, questions(30, "football")])
    assert [(finding.severity, finding.title.split(" from ")[0]) for finding in findings(case)] == [
        (Severity.INFO, "Reset")
    ]


def test_many_conversations_with_one_fate_are_one_finding_with_sums(tmp_path: Path) -> None:
    case = align(
        tmp_path,
        Scene(short_path(Lose(every(15, upward=False, data_only=True)))),
        [questions(10, f"topic {turn}") for turn in range(6)],
    )
    (finding,) = findings(case)
    flows = [flow for journey in case.alignment.journeys for flow in journey.hops[0].flows]
    assert finding.facts["lost_packets"] == sum(len(flow.lost) for flow in flows)
    assert finding.facts["lost_share"] == pytest.approx(
        finding.facts["lost_packets"] / finding.facts["sent_packets"], abs=1e-4
    )
