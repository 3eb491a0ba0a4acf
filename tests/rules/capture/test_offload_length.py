"""capture-offload-length: IP lengths of 0 are segments that the adapter still had to cut."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d7_tso
from tests.cases.healthy import bulk_with_receive_offload
from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, Ethernet, IPv4, IPv6
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def test_the_offloaded_answer_is_named_once_with_its_real_length(tmp_path: Path) -> None:
    finding = only(open_case(d7_tso.build(tmp_path)), "capture-offload-length")
    assert finding.severity == Severity.INFO
    assert [piece.frame for piece in finding.evidence] == [8852]
    assert finding.facts["payload_bytes"] == d7_tso.EXPECT["payload_bytes"]
    assert finding.facts["hosts"] == ["192.168.121.51"]
    assert (finding.talk.client, finding.talk.server) == d7_tso.EXPECT["conversation"]  # type: ignore[union-attr]


def test_nothing_else_is_said_of_that_capture(tmp_path: Path) -> None:
    assert [finding.rule for finding in judge(open_case(d7_tso.build(tmp_path))).findings] == ["capture-offload-length"]


def test_many_frames_are_one_finding_a_capture(tmp_path: Path) -> None:
    large = [
        IPv4("10.1.1.1", "10.1.1.2", TCP(80, 5000, 100 + turn * 9000, payload=bytes(9000 + turn)), total_length=0)
        for turn in range(30)
    ]
    frames = [Frame(turn * SECOND, bytes(Ethernet(*MACS, packet))) for turn, packet in enumerate(large)]
    finding = only(make_case(tmp_path, {"server": frames}), "capture-offload-length")
    assert (finding.facts["frames"], finding.facts["largest_bytes"]) == (30, 9029)
    assert finding.evidence[1].frame == 30


def test_the_v6_form_counts_as_well(tmp_path: Path) -> None:
    packet = IPv6("2001:db8::1", "2001:db8::2", TCP(80, 5000, 100, payload=bytes(9000)), payload_length=0)
    finding = only(
        make_case(tmp_path, {"server": [Frame(0, bytes(Ethernet(*MACS, packet)))]}), "capture-offload-length"
    )
    assert finding.facts["hosts"] == ["2001:db8::1"]


def test_large_segments_with_a_right_length_stay_silent(tmp_path: Path) -> None:
    assert judge(open_case(bulk_with_receive_offload(tmp_path)), "capture-offload-length").findings == []


def test_an_empty_packet_with_length_zero_stays_silent(tmp_path: Path) -> None:
    packet = IPv4("10.1.1.1", "10.1.1.2", TCP(80, 5000, 100), total_length=0)
    assert (
        judge(
            make_case(tmp_path, {"server": [Frame(0, bytes(Ethernet(*MACS, packet)))]}), "capture-offload-length"
        ).findings
        == []
    )
