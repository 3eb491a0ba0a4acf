"""tls-null-cipher: suites without encryption, chosen, offered, and in IP-HTTPS."""

from __future__ import annotations

from pathlib import Path

from tests.support.tls_handshakes import SERVER, TLS12, Pair, capture, client_context, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Severity

RULE = "tls-null-cipher"
NULL = "ECDHE-ECDSA-NULL-SHA"


def pair(offered: str, asked: bytes = b"GET / HTTP/1.1\r\n\r\n", chosen: str = NULL) -> Pair:
    made = Pair(
        client_context(suites=f"{offered}:@SECLEVEL=0", version=TLS12),
        server_context(SERVER, suites=f"{chosen}:@SECLEVEL=0"),
        "www.example.com",
    )
    assert made.handshake()
    made.exchange(asked)
    made.close()
    return made


def test_a_null_suite_that_is_chosen_is_a_warning(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA").steps)), RULE)
    assert (finding.severity, finding.facts["suite"]) == (Severity.WARNING, "TLS_ECDHE_ECDSA_WITH_NULL_SHA")


def test_ip_https_is_information(tmp_path: Path) -> None:
    steps = pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA", b"POST /IPHTTPS HTTP/1.1\r\n\r\n").steps
    assert only(open_case(capture(tmp_path, steps)), RULE).severity is Severity.INFO


def test_a_client_that_offers_nothing_else_is_taken_for_ip_https(tmp_path: Path) -> None:
    assert only(open_case(capture(tmp_path, pair(NULL).steps)), RULE).facts["ip_https"] is True


def test_an_offer_alone_is_silent(tmp_path: Path) -> None:
    steps = pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA", chosen="ECDHE-ECDSA-AES128-SHA").steps
    assert judge(open_case(capture(tmp_path, steps)), RULE).findings == []
