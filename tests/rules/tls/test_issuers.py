"""Issuers that a request lacks, told by certificates at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.tls.test_issuer_list_full import asked, names
from tests.support.tls_handshakes import ROOT, SERVER, Issued, capture, issue
from tests.support.verdicts import only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence
from wireproof.messages.certificates import CertificateAtHand, read_certificate
from wireproof.rules.tls._handshakes import Handshake, handshakes
from wireproof.rules.tls._issuers import lacking_issuers, unlisted_roots

INTERMEDIATE = issue("Example Users CA", issuer=ROOT, ca=True)
USER = issue("user", (), INTERMEDIATE)
OTHER_ROOT = issue("Forgotten Root", ca=True)
OTHER_USER = issue("other user", (), OTHER_ROOT)


def opened(folder: Path, listed: list[bytes], *hand: Issued) -> tuple[Case, Handshake]:
    case = open_case(capture(folder, asked(listed)))
    case.certificates += [
        CertificateAtHand(f"{place}.cer", read_certificate(one.der)) for place, one in enumerate(hand)
    ]
    return case, next(handshakes(case))


def with_root() -> list[bytes]:
    return [*names(500), ROOT.certificate.subject.public_bytes()]


def test_a_client_whose_issuer_is_not_listed_is_named_with_it(tmp_path: Path) -> None:
    (found,) = lacking_issuers(*opened(tmp_path, with_root(), OTHER_USER))
    assert found.issuers == ("CN=Forgotten Root",)
    assert found.found.certificate.title == "other user"


@pytest.mark.parametrize("hand", [(issue("direct", (), ROOT),), (USER, INTERMEDIATE)])
def test_an_issuer_on_the_list_is_enough_anywhere_in_the_chain(tmp_path: Path, hand: tuple[Issued, ...]) -> None:
    assert lacking_issuers(*opened(tmp_path, with_root(), *hand)) == []


def test_without_the_intermediate_the_chain_ends_at_it(tmp_path: Path) -> None:
    (found,) = lacking_issuers(*opened(tmp_path, with_root(), USER))
    assert found.issuers == ("CN=Example Users CA",)


def test_the_servers_own_certificate_and_authorities_are_no_clients(tmp_path: Path) -> None:
    assert lacking_issuers(*opened(tmp_path, names(500), SERVER, OTHER_ROOT)) == []


def test_a_request_that_names_nobody_takes_anybody(tmp_path: Path) -> None:
    case, handshake = opened(tmp_path, [], OTHER_USER, OTHER_ROOT)
    assert lacking_issuers(case, handshake) == []
    assert unlisted_roots(case, handshake) == []


def test_roots_at_hand_that_the_list_lacks_are_named(tmp_path: Path) -> None:
    assert [root.title for root in unlisted_roots(*opened(tmp_path, with_root(), ROOT, OTHER_ROOT, INTERMEDIATE))] == [
        "Forgotten Root"
    ]


def test_the_finding_on_a_full_list_says_whom_it_lacks(tmp_path: Path) -> None:
    case, _ = opened(tmp_path, names(16_384), OTHER_USER, OTHER_ROOT)
    finding = only(case, "tls-issuer-list-full")
    assert "lacks CN=Forgotten Root, which issued other user (0.cer)" in finding.summary
    assert "Of the roots given, the list lacks Forgotten Root" in finding.summary
    assert finding.facts["missing_issuers"] == ["CN=Forgotten Root"]
    assert finding.confidence is Confidence.HIGH


def test_the_finding_on_a_missing_certificate_says_whom_the_server_does_not_name(tmp_path: Path) -> None:
    case, _ = opened(tmp_path, names(500), OTHER_USER)
    assert (
        "is issued by CN=Forgotten Root, which the server does not name"
        in only(case, "tls-client-certificate-missing").summary
    )
