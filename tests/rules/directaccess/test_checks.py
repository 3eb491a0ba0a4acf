"""What is advised follows from what the frames show: names, suites, status, silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.directaccess import scene_timeline
from wireproof.processes.stage import Outcome, Stage
from wireproof.processes.timeline import Timeline
from wireproof.rules.directaccess._check import Check
from wireproof.rules.directaccess._checks import check, fits


def of(stage: Stage, **fields: str) -> Check:
    return check(Timeline("directaccess", "10.0.0.1", (stage,), stopped_at=stage.name, **fields), stage)  # type: ignore[arg-type]


def test_a_name_without_address_is_told_from_one_that_does_not_exist() -> None:
    facts = {"name": "da.example.org", "servers": ["10.0.0.53"], "code": 0}
    assert of(Stage("endpoint-resolved", "", Outcome.FAILED, facts=facts)).codes == ("0x2afc (WSANO_DATA)",)
    failed = of(Stage("endpoint-resolved", "", Outcome.FAILED, facts=facts | {"code": 2}))
    assert failed.codes[1] == "0x2afa (WSATRY_AGAIN)"
    assert "10.0.0.53" in failed.meaning


def test_an_icmp_error_or_half_a_handshake_has_no_code() -> None:
    made = of(Stage("transport-connected", "", Outcome.FAILED, facts={"refused": 0, "icmp_errors": 1}))
    assert made.codes == ()


def test_a_server_that_leaves_after_its_certificate_wants_one_of_the_client() -> None:
    facts = {"server_answered": True, "ended_by": "server", "end_kind": "rst", "alert_from": ""}
    made = of(Stage("tls-done", "", Outcome.FAILED, facts=facts))
    assert "0x103 (ERROR_NO_MORE_ITEMS)" in made.codes


def test_the_error_of_a_certificate_follows_from_its_name_and_issuer(tmp_path: Path) -> None:
    timeline = scene_timeline(tmp_path, stop="tls-done", how="certificate")
    assert timeline.stopped is not None
    assert [code.split()[0] for code in check(timeline, timeline.stopped).codes] == [
        "0x800b0109",
        "0x800b010f",
        "0x80092013",
    ]
    facts = {"server_answered": True, "ended_by": "client", "names": ["da.example.org"], "self_signed": True}
    same = of(Stage("tls-done", "", Outcome.FAILED, facts=facts), endpoint="da.example.org")
    assert same.codes == ("0x800b0109 (CERT_E_UNTRUSTEDROOT)",)


@pytest.mark.parametrize(
    ("wanted", "name", "is_for"),
    [
        ("da.example.org", "da.example.org", True),
        ("da.example.org", "*.example.org", True),
        ("a.da.example.org", "*.example.org", False),
        ("example.org", "*.example.org", False),
    ],
)
def test_a_star_stands_for_one_label(wanted: str, name: str, is_for: bool) -> None:
    assert fits(wanted, name) is is_for


def test_6to4_is_a_matter_of_protocol_41() -> None:
    made = of(Stage("transport-connected", "", Outcome.UNANSWERED), transport="6to4")
    assert any("protocol 41" in step for step in made.fix)
