"""tls-issuer-list-full: lists of issuers that come to Schannel's limit, and long ones that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close, Send, Step
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    Pair,
    capture,
    client_context,
    issue,
    name_issuers,
    server_context,
)
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Confidence, Severity

RULE = "tls-issuer-list-full"


def names(total: int, each: int = 120) -> list[bytes]:
    """DER names of which the list takes at most `total` bytes, as many as fit."""
    made = []
    for turn in range(total // (each + 2)):
        text = f"Certification Authority {turn:04d} ".ljust(each - 13, "x").encode()
        value = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(text)]) + text
        pair = b"\x30" + bytes([len(value)]) + value
        one = b"\x31" + bytes([len(pair)]) + pair
        made.append(b"\x30" + bytes([len(one)]) + one)
    return made


def asked(listed: list[bytes], own: object = None, require: bool = True) -> list[Step]:
    pair = Pair(client_context(own=own), server_context(SERVER, ask=[ROOT], require=require), "www.example.com")  # type: ignore[arg-type]
    if pair.handshake():
        pair.exchange()
        pair.close()
    else:
        pair.steps.append(Close("server"))
    return name_issuers(pair.steps, listed)


@pytest.mark.parametrize("most", [16_384, 12_228])
def test_a_full_list_and_a_client_without_certificate_are_an_error(tmp_path: Path, most: int) -> None:
    finding = only(open_case(capture(tmp_path, asked(names(most)))), RULE)
    assert finding.severity is Severity.ERROR
    assert finding.facts["limit_bytes"] == most
    assert finding.facts["client_answer"] == "empty"
    assert most - 130 < finding.facts["issuers_bytes"] <= most


def test_a_full_list_alone_is_a_warning(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, asked(names(16_384), own=issue("user", (), ROOT)))), RULE)
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("total", [2_000, 11_000, 14_500, 20_000])
def test_a_list_with_room_or_beyond_is_silent(tmp_path: Path, total: int) -> None:
    assert judge(open_case(capture(tmp_path, asked(names(total)))), RULE).findings == []


def test_it_explains_the_missing_certificate(tmp_path: Path) -> None:
    findings = {finding.rule: finding for finding in judge(open_case(capture(tmp_path, asked(names(16_384))))).findings}
    assert findings["tls-client-certificate-missing"].id in findings[RULE].explains


def test_a_client_that_sent_none_and_went_on_is_a_warning_of_both_rules(tmp_path: Path) -> None:
    case = open_case(capture(tmp_path, asked(names(16_384), require=False)))
    full, missing = only(case, RULE), only(case, "tls-client-certificate-missing")
    assert (full.severity, missing.severity, missing.confidence) == (Severity.WARNING, Severity.WARNING, Confidence.LOW)
    assert "sent no certificate" in full.summary
    assert "encryption hides" in missing.summary


@pytest.mark.parametrize(("size", "asks"), [(18_000, True), (4_000, False)])
def test_a_large_renegotiation_is_a_question(tmp_path: Path, size: int, asks: bool) -> None:
    steps = asked([], require=False)
    hello = Send("client", b"\x16\x03\x03\x00\x80" + bytes(128))
    records = [
        b"\x16\x03\x03" + len(part).to_bytes(2, "big") + part
        for part in (bytes(min(16_384, size - at)) for at in range(0, size, 16_384))
    ]
    place = len(steps) - 2
    case = open_case(capture(tmp_path, [*steps[:place], hello, Send("server", b"".join(records)), *steps[place:]]))
    verdicts = judge(case, RULE)
    assert verdicts.findings == []
    assert [f"{size:,} bytes of encrypted handshake" in question.reason for question in verdicts.undecided] == [
        True
    ] * asks
