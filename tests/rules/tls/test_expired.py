"""tls-expired: certificates that are out of date at the time of their frame, and those that only are so today."""

from __future__ import annotations

from pathlib import Path

from tests.support.talk import Close, Step
from tests.support.tls_handshakes import ROOT, SERVER, Issued, Pair, capture, client_context, issue, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Confidence, Finding, Severity

RULE = "tls-expired"
OLD = issue("www.example.com", ("www.example.com",), ROOT, valid_days=(-100, -1))


def shaken(issued: Issued, chain: tuple[Issued, ...] = (), data: bool = False) -> list[Step]:
    """A client that checks nothing during the handshake, and closes or goes on."""
    pair = Pair(client_context(), server_context(issued, chain), "www.example.com")
    assert pair.handshake()
    if data:
        pair.exchange()
    return [*pair.steps, Close("client")]


def found(folder: Path, steps: list[Step]) -> Finding:
    return only(open_case(capture(folder, steps)), RULE)


def test_a_client_that_refuses_an_expired_certificate_is_an_error(tmp_path: Path) -> None:
    pair = Pair(client_context([ROOT]), server_context(OLD), "www.example.com")
    assert not pair.handshake()
    finding = found(tmp_path, [*pair.steps, Close("client")])
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert "certificate_expired" in finding.summary
    assert finding.title.endswith("expired on 2024-03-04 09:00 UTC")


def test_a_client_that_closes_makes_it_an_error_of_medium_confidence(tmp_path: Path) -> None:
    finding = found(tmp_path, shaken(OLD))
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.MEDIUM)


def test_a_client_that_goes_on_makes_it_a_warning(tmp_path: Path) -> None:
    assert found(tmp_path, shaken(OLD, data=True)).severity is Severity.WARNING


def test_a_certificate_from_tomorrow_is_told_as_such(tmp_path: Path) -> None:
    tomorrow = issue("www.example.com", ("www.example.com",), ROOT, valid_days=(1, 100))
    assert "is not valid before" in found(tmp_path, shaken(tomorrow)).title


def test_an_expired_issuer_counts_where_the_client_gave_up(tmp_path: Path) -> None:
    middle = issue("Example Issuing CA", (), ROOT, valid_days=(-100, -1), ca=True)
    leaf = issue("www.example.com", ("www.example.com",), middle)
    assert "Example Issuing CA" in found(tmp_path, shaken(leaf, (middle,))).title
    went_on = open_case(capture(tmp_path / "..", shaken(leaf, (middle,), data=True)))
    assert judge(went_on, RULE).findings == []


def test_a_certificate_in_date_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(capture(tmp_path, shaken(SERVER))), RULE).findings == []


def test_a_certificate_that_expired_after_the_capture_is_silent(tmp_path: Path) -> None:
    short = issue("www.example.com", ("www.example.com",), ROOT, valid_days=(-1, 1))
    assert judge(open_case(capture(tmp_path, shaken(short))), RULE).findings == []
