"""Words of outcomes are those that reports and programs read."""

from __future__ import annotations

from wireproof.decrypt.outcome import Outcome, Reason, Status


def test_a_session_that_was_read_gives_no_reason() -> None:
    outcome = Outcome(conversation=1, status=Status.DECRYPTED)
    assert (outcome.reason, outcome.text, outcome.advice) == (Reason.NONE, "", "")
    assert not outcome.reason


def test_states_and_reasons_are_words_of_the_json_report() -> None:
    assert [status.value for status in Status] == ["decrypted", "partly", "closed"]
    assert {"forward-secrecy", "other-key", "resumed", "missing-bytes", "no-handshake", "tampered"} <= set(
        map(str, Reason)
    )
