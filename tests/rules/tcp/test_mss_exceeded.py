"""tcp-mss-exceeded: segments above the announced MSS that never arrive; offloaded segments and ordinary losses stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import mss
from tests.cases import d4_smtp_mss
from tests.cases.healthy import HEALTHY
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case

RULE = "tcp-mss-exceeded"
COPIES = (0.1, 0.7, 1.9, 4.3)


def case_of(folder: Path, announced: int, size: int, *more: Row, v6: bool = False) -> Case:
    rows = [
        *handshake(options=(mss(1460), mss(announced))),
        Row(0.05, "c", "PA", 1, 1, 100),
        Row(0.06, "s", "A", 1, 101),
    ]
    rows += [Row(at, "c", "A", 101, 1, size) for at in COPIES]
    ends = (("2001:db8::1", 50000), ("2001:db8::2", 25)) if v6 else (("10.0.0.1", 50000), ("10.9.0.2", 25))
    return make_case(folder, {"sender": frames([*rows, *more], *ends)})


def test_the_smtp_case_names_both_sizes_and_every_copy(tmp_path: Path) -> None:
    finding = only(open_case(d4_smtp_mss.build(tmp_path)), RULE)
    assert tuple(row.frame for row in finding.evidence) == d4_smtp_mss.EXPECT["evidence"]["capture"]  # type: ignore[index]
    assert (finding.facts["announced_mss_bytes"], finding.facts["sent_bytes"]) == (512, 536)
    assert "536 = 576 − 40" in finding.summary
    assert finding.toward == "server"
    assert finding.talk is not None
    assert (finding.talk.client, finding.talk.server) == d4_smtp_mss.EXPECT["conversation"]


@pytest.mark.parametrize("v6", [False, True])
def test_a_sender_that_keeps_its_own_mss_is_told_so(tmp_path: Path, v6: bool) -> None:
    finding = only(case_of(tmp_path, 1200, 1460, v6=v6), RULE)
    assert "is the MSS that the sender announced itself" in finding.summary
    assert finding.facts["implied_mtu_bytes"] == (1520 if v6 else 1500)


def test_the_client_can_be_the_one_that_announced(tmp_path: Path) -> None:
    rows = [*handshake(options=(mss(512), mss(1460))), *(Row(at, "s", "A", 1, 1, 536) for at in COPIES)]
    assert only(make_case(tmp_path, {"client": frames(rows)}), RULE).toward == "client"


def test_oversized_segments_that_arrive_are_silent(tmp_path: Path) -> None:
    acknowledged = Row(5, "s", "A", 1, 101 + 1460)
    assert judge(case_of(tmp_path, 1200, 1460, acknowledged), RULE).findings == []


def test_segments_joined_by_an_adapter_are_silent(tmp_path: Path) -> None:
    assert judge(case_of(tmp_path, 512, 1460), RULE).findings == []
    for name in ("nat_with_offloads", "bulk_with_receive_offload"):
        folder = tmp_path / name
        folder.mkdir()
        assert judge(open_case(HEALTHY[name](folder)), RULE).findings == []


def test_a_loss_within_the_mss_is_silent(tmp_path: Path) -> None:
    assert judge(case_of(tmp_path, 1460, 1460), RULE).findings == []
