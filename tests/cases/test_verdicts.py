"""The cases that wireproof exists for, their variants, and healthy traffic: what all rules together conclude."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.cases import d2_rdp, d5_syn_attack
from tests.cases.healthy import HEALTHY
from tests.cases.variants import VARIANTS
from tests.support.verdicts import judge, open_case
from wireproof.analyse import Report
from wireproof.analyse import open_case as open_inputs
from wireproof.finding import Severity
from wireproof.rules import load_rules
from wireproof.rules.run import Verdicts, run_rules

CONCLUSIONS = {
    "d1_sccm": ("path-mtu-blackhole", "path-loss"),
    "d3_delayed_ack": ("tcp-delayed-ack",),
    "d4_smtp_mss": ("tcp-mss-exceeded",),
    "d6_lync_signin": ("path-forged-reset", "tcp-syn-unanswered", "path-header-rewritten"),
    "d6_sip_in_clear": ("path-forged-reset", "tcp-syn-unanswered", "sip-server-timeout"),
    "d7_tso": ("capture-offload-length",),
    "d8_arp_burst": ("arp-burst",),
    "d9_desktop_sharing": ("ice-media-blocked", "tcp-connection-refused"),
    "d13_iphttps_certificate": (
        "tls-name-mismatch",
        "tls-untrusted",
        "tls-closed-after-certificate",
        "directaccess-stopped",
    ),
    "d14_iphttps": ("path-loss",),
    "d11_outlook": ("rpc-endpoint-elsewhere",),
    "d15_rpc": ("rpc-port-blocked", "path-loss"),
    "d16_sql_wan": ("path-latency", "path-header-rewritten"),
}


def evidence(verdicts: Verdicts) -> set[tuple[str, int]]:
    return {(piece.capture, piece.frame) for finding in verdicts.findings for piece in finding.evidence}


@pytest.mark.parametrize("name", CONCLUSIONS)
def test_a_seed_case_reaches_its_conclusions(tmp_path: Path, name: str) -> None:
    module = importlib.import_module(f"tests.cases.{name}")
    verdicts = judge(open_case(module.build(tmp_path)))
    assert set(CONCLUSIONS[name]) <= {finding.rule for finding in verdicts.findings}
    assert all(finding.evidence for finding in verdicts.findings)


@pytest.mark.parametrize("name", ["d1_sccm", "d6_lync_signin", "d6_sip_in_clear", "d9_desktop_sharing", "d15_rpc"])
def test_the_root_cause_leads(tmp_path: Path, name: str) -> None:
    module = importlib.import_module(f"tests.cases.{name}")
    findings = judge(open_case(module.build(tmp_path))).findings
    assert findings[0].rule == CONCLUSIONS[name][0]
    assert findings[0].explains


def check_folder(folder: Path, texts: dict[str, str]) -> Verdicts:
    """What all rules say of a folder with captures and these logs."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Report(open_inputs([str(folder)])) as report:
        return run_rules(report.case, load_rules().values())


def test_a_stopped_service_leads_to_the_refusals_of_its_host(tmp_path: Path) -> None:
    d2_rdp.build(tmp_path)
    verdicts = check_folder(tmp_path, d2_rdp.LOGS)
    first, *rest = verdicts.findings
    found = {finding.rule: finding for finding in rest}
    stopped, missing, refused = d2_rdp.EXPECT["chain"]
    assert first.rule == stopped
    assert {found[missing].id, found[refused].id} <= set(first.explains)
    assert found[refused].id in found[missing].explains
    lines = {
        (Path(piece.capture).name, piece.line) for finding in (first, found[missing]) for piece in finding.evidence
    }
    assert {(name, line) for name, numbers in d2_rdp.EXPECT["lines"].items() for line in numbers} <= lines


def test_a_flood_leads_to_the_attack_state_of_the_stack(tmp_path: Path) -> None:
    d5_syn_attack.build(tmp_path)
    first, *rest = check_folder(tmp_path, d5_syn_attack.LOGS).findings
    assert first.rule == "tcp-syn-flood"
    assert [finding.id for finding in rest if finding.rule == "windows-syn-attack"] == first.explains


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_reaches_the_same_conclusion_with_its_own_frames(tmp_path: Path, name: str) -> None:
    built = VARIANTS[name](tmp_path)
    verdicts = judge(open_case(built.paths))
    assert set(built.rules) <= {finding.rule for finding in verdicts.findings}
    expected = {(point, frame) for point, frames in built.evidence.items() for frame in frames}
    assert expected <= evidence(verdicts)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_order_of_the_arguments_does_not_matter(tmp_path: Path, name: str) -> None:
    built = VARIANTS[name](tmp_path)
    turned = judge(open_case(dict(reversed(built.paths.items()))))
    assert set(built.rules) <= {finding.rule for finding in turned.findings}


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_traffic_has_no_error_and_no_warning(tmp_path: Path, name: str) -> None:
    found = judge(open_case(HEALTHY[name](tmp_path))).findings
    assert [finding.title for finding in found if finding.severity is not Severity.INFO] == []
