"""The figures and names of the seed cases and their variants, and the frames of the rule that leads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import d1_sccm, d6_lync_signin, d13_iphttps_certificate, d14_iphttps, d15_rpc, d16_sql_wan
from tests.cases.variants import VARIANTS
from tests.support.verdicts import judge, open_case
from wireproof.finding import Finding


def by_rule(paths: dict[str, Path]) -> dict[str, Finding]:
    return {finding.rule: finding for finding in reversed(judge(open_case(paths)).findings)}


def frames(*findings: Finding) -> set[tuple[str, int]]:
    return {(piece.capture, piece.frame) for finding in findings for piece in finding.evidence}


@pytest.mark.parametrize("module", [d1_sccm, d14_iphttps, d15_rpc])
def test_the_articles_frames_place_and_direction_are_named(tmp_path: Path, module: Any) -> None:
    loss = by_rule(module.build(tmp_path))["path-loss"]
    expect = module.EXPECT
    named = {(point, number) for point, numbers in expect["evidence"].items() for number in numbers}
    own = {place for place in named if place[0] == next(iter(expect["evidence"]))}
    assert own <= frames(loss)
    assert loss.where == expect["where"]
    assert loss.toward == expect.get("toward", "server")


def test_the_sccm_case_has_the_articles_figures(tmp_path: Path) -> None:
    found = by_rule(d1_sccm.build(tmp_path))
    loss, hole = found["path-loss"], found["path-mtu-blackhole"]
    expect = d1_sccm.EXPECT
    assert loss.talk is not None
    assert (loss.talk.client, loss.talk.server) == expect["conversation"]
    assert (loss.facts["lost_payload_min_bytes"], loss.facts["lost_payload_max_bytes"]) == (1460, 1460)
    assert loss.facts["pattern"] == "only the largest segments"
    assert {(point, number) for point, numbers in expect["evidence"].items() for number in numbers} <= frames(loss)
    assert {("client", expect["reset"]["client"]), ("server", expect["reset"]["server"])} <= frames(loss)
    assert "2 min 10 s after the first loss" in loss.summary
    assert "281 and 586 bytes" in hole.summary
    assert loss.id in hole.explains


def test_the_lync_case_names_every_forged_reset_and_what_provoked_it(tmp_path: Path) -> None:
    found = by_rule(d6_lync_signin.build(tmp_path))
    expect = d6_lync_signin.EXPECT
    answers, forged = expect["front_end"]["answer"], expect["front_end"]["forged"]
    assert {("frontend", number) for number in (*answers, *forged)} <= frames(found["path-forged-reset"])
    assert {("edge", number) for number in expect["edge_syns"]} <= frames(found["tcp-syn-unanswered"])
    rewritten = found["path-header-rewritten"]
    assert rewritten.facts["changes"][0]["after"] == str(expect["rewritten"][2])
    assert rewritten.talk is not None
    assert (rewritten.talk.client, rewritten.talk.server) == expect["conversation"]


def test_the_sql_case_has_the_articles_round_trip_and_both_names(tmp_path: Path) -> None:
    found = by_rule(d16_sql_wan.build(tmp_path))
    latency, expect = found["path-latency"], d16_sql_wan.EXPECT
    assert latency.facts["round_trip_ms"] == pytest.approx(expect["rtt_ms"], abs=1)
    assert latency.talk is not None
    assert (latency.talk.client, latency.talk.server) == expect["pairs"]["client"]
    assert dict(latency.talk.seen_as)["server"] == expect["pairs"]["server"]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variants_leading_rule_has_its_frames_names_and_figures(tmp_path: Path, name: str) -> None:
    built = VARIANTS[name](tmp_path)
    found = by_rule(built.paths)
    leading = [found[rule] for rule in built.rules[:2]]
    expected = {(point, number) for point, numbers in built.evidence.items() for number in numbers}
    assert expected <= frames(*leading)
    first = leading[0]
    assert first.toward == built.toward or not built.toward
    if "lost_packets" in built.facts:
        assert first.facts["lost_packets"] == built.facts["lost_packets"]
    if "rtt_ms" in built.facts:
        assert first.facts["round_trip_ms"] == pytest.approx(built.facts["rtt_ms"], abs=1)
    if built.seen_as:
        assert first.talk is not None
        shown = {(first.talk.client, first.talk.server), *dict(first.talk.seen_as).values()}
        assert shown == set(built.seen_as.values())


def test_the_ip_https_case_names_the_name_wanted_the_one_served_and_the_clients_close(tmp_path: Path) -> None:
    found = by_rule(d13_iphttps_certificate.build(tmp_path))
    expect = d13_iphttps_certificate.EXPECT
    mismatch, untrusted = found["tls-name-mismatch"], found["tls-untrusted"]
    assert {(point, number) for point, numbers in expect["evidence"].items() for number in numbers} <= frames(mismatch)
    assert mismatch.facts["wanted"].lower() == expect["wanted"]
    assert mismatch.facts["subject"] == f"CN={expect['served']}"
    assert (mismatch.facts["version"], untrusted.facts["self_signed"]) == ("TLS 1.0", True)
    assert "What the client trusts, a capture does not show" in untrusted.summary
    assert found["tls-closed-after-certificate"].facts["closed_after_s"] == 0.000642
    assert found["tls-closed-after-certificate"].id in mismatch.explains
    assert found["directaccess-stopped"].id in mismatch.explains
