"""tls-client-certificate-missing: servers that insist on a client certificate, and those that only ask."""

from __future__ import annotations

import ssl
from pathlib import Path

from tests.support.talk import Close, Step
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    TLS12,
    TLS13,
    Issued,
    Pair,
    capture,
    client_context,
    issue,
    name_issuers,
    server_context,
)
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Confidence, Severity

RULE = "tls-client-certificate-missing"
NAMES = [ROOT.certificate.subject.public_bytes()]


def asked(own: Issued | None = None, require: bool = True, version: ssl.TLSVersion = TLS12) -> list[Step]:
    """A server asks for a certificate; the client has one or none."""
    pair = Pair(
        client_context(own=own), server_context(SERVER, ask=[ROOT], require=require, version=version), "www.example.com"
    )
    if pair.handshake():
        pair.exchange()
        pair.close()
    else:
        pair.steps.append(Close("server"))
    return name_issuers(pair.steps, NAMES)


def test_a_server_that_insists_is_an_error_at_the_client(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, asked())), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert finding.facts["accepted_issuers"] == ["CN=Example Root CA"]
    assert len(finding.evidence) == 3
    assert "at 10.1.0.5" in finding.where


def test_in_tls_1_3_the_lengths_of_records_tell_it(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, asked(version=TLS13))), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.MEDIUM)
    assert "encrypted alert" in finding.summary


def test_in_tls_1_3_too_a_server_may_go_on_without(tmp_path: Path) -> None:
    assert judge(open_case(capture(tmp_path, asked(require=False, version=TLS13))), RULE).findings == []


def test_a_server_that_goes_on_without_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(capture(tmp_path, asked(require=False))), RULE).findings == []


def test_a_client_that_sends_one_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(capture(tmp_path, asked(issue("user", (), ROOT)))), RULE).findings == []


def test_it_explains_the_alert(tmp_path: Path) -> None:
    findings = {finding.rule: finding for finding in judge(open_case(capture(tmp_path, asked()))).findings}
    assert findings["tls-alert"].id in findings[RULE].explains
