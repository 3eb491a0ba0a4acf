"""Every reason has one sentence and one piece of advice."""

from __future__ import annotations

import pytest

from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.reasons import Facts, advice_of, text_of


@pytest.mark.parametrize("reason", [one for one in Reason if one])
def test_every_reason_has_words(reason: Reason) -> None:
    text = text_of(reason, Facts(suite=0x009C, side="server", offset=7))
    assert text[0].isupper()
    assert text.endswith(".")
    assert "-1" not in text
    assert advice_of(reason, Facts())


def test_what_was_read_needs_no_words() -> None:
    assert text_of(Reason.NONE, Facts()) == advice_of(Reason.NONE, Facts()) == ""


def test_sentences_name_what_is_known() -> None:
    assert "the server's stream at offset 7, and what follows" in text_of(
        Reason.MISSING_BYTES, Facts(side="server", offset=7, closed_behind=True)
    )
    assert (
        text_of(Reason.MISSING_BYTES, Facts(side="client", offset=7, cut=True))
        == "The capture ends within a record: the client's stream at offset 7."
    )
    assert "handshake_failure" in text_of(
        Reason.NOT_FINISHED, Facts(alert="the server sent the alert handshake_failure")
    )
    assert "wireproof check" in advice_of(
        Reason.NOT_FINISHED, Facts(alert="the server sent the alert handshake_failure")
    )
    assert "run on" in advice_of(Reason.NOT_FINISHED, Facts())
    assert "lacks a part" in text_of(Reason.FORWARD_SECRECY, Facts(has_log=True, has_some=True))
    assert "key log has no secret" in text_of(Reason.NO_KEY, Facts(has_log=True))
    assert "shared beforehand" in text_of(Reason.FORWARD_SECRECY, Facts(exchange="PSK"))
    assert "RSA" not in advice_of(Reason.FORWARD_SECRECY, Facts(exchange="PSK"))
    assert "Pre-Shared-Key" in advice_of(Reason.FORWARD_SECRECY, Facts(exchange="PSK"))
    assert "Pre-Shared-Key" not in advice_of(Reason.FORWARD_SECRECY, Facts(exchange="ECDHE_PSK"))
    assert "QUIC" in text_of(Reason.FORWARD_SECRECY, Facts(quic=True))
    assert "--disable-quic" in advice_of(Reason.FORWARD_SECRECY, Facts(quic=True))
    assert "TLS_RSA_WITH_NULL_SHA" in text_of(Reason.UNKNOWN_SUITE, Facts(suite=0x0002))
