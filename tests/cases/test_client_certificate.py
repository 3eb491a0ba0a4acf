"""The web server whose list of issuers is full, seen inside the session: one chain from the list to the 403.7."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from tests.cases import d12_client_certificate as d12
from tests.support.opened import ring_of
from tests.support.tls_renegotiation import Renegotiation
from tests.support.verdicts import judge, open_case, open_with_keys
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.finding import Confidence, Severity
from wireproof.messages.certificates import CertificateAtHand, read_certificate
from wireproof.rules.run import Verdicts

failed = functools.cache(d12.failed)
worked = functools.cache(d12.worked)


def ring() -> KeyRing:
    return ring_of(d12.SERVED.key_pem())


def judged(folder: Path, session: Renegotiation, *, users: bool = False) -> Verdicts:
    case = open_with_keys(d12.record(folder, session.steps), ring())
    if users:
        hand = {"user.cer": d12.issue("user", (), d12.USERS_CA), "roots.pem": d12.USERS_CA}
        case.certificates += [CertificateAtHand(file, read_certificate(one.der)) for file, one in hand.items()]
    return judge(case)


def errors(verdicts: Verdicts) -> list[str]:
    return [finding.rule for finding in verdicts.findings if finding.severity is not Severity.INFO]


def test_the_full_list_explains_the_missing_certificate_and_both_the_403_7(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, failed())
    assert errors(verdicts) == list(d12.EXPECT["rules"])
    full, missing, refused = verdicts.findings[:3]
    assert {finding.severity for finding in (full, missing, refused)} == {Severity.ERROR}
    assert set(full.explains) == {missing.id, refused.id}
    assert missing.explains == [refused.id]
    assert full.facts["limit_bytes"] == d12.LIMIT
    assert "HTTP 403.7 Forbidden" in missing.summary


def test_the_evidence_shows_renegotiation_request_empty_answer_and_refusal(tmp_path: Path) -> None:
    (full,) = (f for f in judged(tmp_path, failed()).findings if f.rule == "tls-issuer-list-full")
    notes = [piece.note for piece in full.evidence]
    assert [note.split(" ")[0] for note in notes] == ["renegotiation", "CertificateRequest", "client", "server:"]
    assert notes[2] == "client sends no certificate"
    frames = [piece.frame for piece in full.evidence]
    assert frames == sorted(frames)


def test_the_clients_certificate_at_hand_names_the_issuer_that_is_missing(tmp_path: Path) -> None:
    full, missing = judged(tmp_path, failed(), users=True).findings[:2]
    assert full.facts["missing_issuers"] == missing.facts["missing_issuers"] == [d12.EXPECT["missing"]]
    assert full.facts["unlisted_roots"] == [d12.EXPECT["missing"]]
    assert full.confidence is Confidence.HIGH


def test_without_a_key_the_size_of_the_renegotiation_raises_the_question(tmp_path: Path) -> None:
    verdicts = judge(open_case(d12.record(tmp_path, failed().steps)))
    assert errors(verdicts) == []
    (question,) = (one for one in verdicts.undecided if one.rule == "tls-issuer-list-full")
    assert "--key server.pfx" in question.capture_next


@pytest.mark.parametrize("with_key", [True, False])
def test_the_session_that_worked_is_quiet(tmp_path: Path, with_key: bool) -> None:
    session = worked()
    verdicts = judged(tmp_path, session) if with_key else judge(open_case(d12.record(tmp_path, session.steps)))
    assert errors(verdicts) == []
    assert not [one for one in verdicts.undecided if one.rule.startswith("tls")]
