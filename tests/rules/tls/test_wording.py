"""How findings speak of certificates, of giving up, and of where to look."""

from __future__ import annotations

from pathlib import Path

from tests.support.path import EPOCH_NS
from tests.support.talk import Close
from tests.support.tls_handshakes import ROOT, SERVER, Pair, capture, client_context, issue, server_context
from tests.support.verdicts import open_case
from wireproof.messages.certificates import read_certificate
from wireproof.rules.tls import _wording
from wireproof.rules.tls._handshakes import Handshake, Stop, handshakes


def shaken(folder: Path) -> Handshake:
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    return next(handshakes(open_case(capture(folder, [*pair.steps, Close("client")]))))


def test_days_are_in_utc() -> None:
    assert _wording.day(EPOCH_NS) == "2024-03-05 09:00 UTC"


def test_a_certificate_is_told_by_name_and_issuer() -> None:
    assert _wording.certificate_text(read_certificate(SERVER.der)) == (
        '"www.example.com" (for www.example.com and example.com; issued by CN=Example Root CA)'
    )
    assert (
        _wording.certificate_text(read_certificate(issue("Default Web Site").der)) == '"Default Web Site" (self-signed)'
    )
    assert _wording.certificate_facts(read_certificate(ROOT.der))["self_signed"] is True


def test_giving_up_is_told_in_words() -> None:
    assert (
        _wording.stop_text(Stop("alert", 9, 31_000_000, "unknown_ca"))
        == "answered with the alert unknown_ca 31 ms after the server's last message"
    )
    assert "without an alert" in _wording.stop_text(Stop("closed", 9, 642_000))
    assert "no Finished" in _wording.stop_text(Stop("encrypted alert", 9, -1))


def test_evidence_names_the_frames(tmp_path: Path) -> None:
    found = shaken(tmp_path)
    assert [row.frame for row in _wording.hello_rows(found)] == [4]
    assert [row.note for row in _wording.stop_rows(found, found.stop())] == ["client closes"]
    assert _wording.stop_rows(found, None) == []
    assert "server's certificate" in _wording.certificate_rows(found)[0].note
    assert _wording.session_facts(found)["version"] == "TLS 1.2"


def test_the_filter_shows_the_servers_handshakes(tmp_path: Path) -> None:
    assert _wording.tls_filter(shaken(tmp_path)).startswith("ip.addr==10.9.0.2 && tcp.port==443 && (tls.handshake")
