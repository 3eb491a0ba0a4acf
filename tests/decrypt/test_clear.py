"""Opened sessions as others see them."""

from __future__ import annotations

from pathlib import Path

from tests.support.said_over import opened, said
from wireproof.decrypt.clear import Clear, ClearTalk
from wireproof.decrypt.outcome import Outcome, Status
from wireproof.streams import open_streams


def test_an_opened_conversation_is_given_as_streams_by_role_and_with_its_suite(tmp_path: Path) -> None:
    with opened(tmp_path, said([("client", b"question"), ("server", b"answer")])) as tables:
        raw = next(open_streams(tables, [0]))
        outcome = Outcome(conversation=0, status=Status.DECRYPTED, suite=0x2F)
        clear = Clear({0: ClearTalk(0, raw.client_side, raw.sides, ({}, {}), outcome)}, [outcome])
        ((talk, suite),) = clear.inside()
        assert (talk.client.read(0, 99), talk.server.read(0, 99), suite) == (b"question", b"answer", 0x2F)


def test_without_an_opened_session_it_is_false_whatever_became_of_the_others() -> None:
    assert not Clear(outcomes=[Outcome(conversation=3, status=Status.CLOSED)])
    assert Clear().inside() == []
