"""tls-issuer-list-full: lists of issuers that come to Schannel's limit, and long ones that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close, Step
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
from wireproof.finding import Severity

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
