"""What a capture lacks of a session is named: a snap length, and a last record that only its FIN tells of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.opened import ring_of
from tests.support.tls_captures import frames_of
from tests.support.tls_lab import Session, Setup, lab
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.short import hellos


@pytest.fixture(scope="module")
def session() -> Session:
    with lab(Setup(suite="AES128-SHA")) as opened:
        return opened.play()


def outcome_of(folder: Path, session: Session, frames: list[Frame]) -> Outcome:
    tables = read_capture(write_pcap(folder / "a.pcap", frames))
    with tables.capture:
        (outcome,) = open_tls(tables, ring_of(session.private_key)).outcomes
    return outcome


@pytest.mark.parametrize("size", [96, 200])
def test_a_snap_length_is_named_and_not_the_keys(tmp_path: Path, session: Session, size: int) -> None:
    outcome = outcome_of(tmp_path, session, frames_of([session], snap_length=size))
    assert f"at most {size} bytes of each frame" in outcome.text
    assert "snap length" in outcome.advice
    assert outcome.reason in {Reason.NO_HANDSHAKE, Reason.MISSING_BYTES}


def test_a_last_record_that_was_lost_is_told_by_the_fin(tmp_path: Path, session: Session) -> None:
    frames = frames_of([session])
    whole = outcome_of(tmp_path, session, frames)
    assert whole.status is Status.DECRYPTED
    data = [place for place, frame in enumerate(frames) if len(frame.data) > 70]
    outcome = outcome_of(tmp_path, session, [frame for place, frame in enumerate(frames) if place != data[-1]])
    assert (outcome.status, outcome.reason) == (Status.PARTLY, Reason.MISSING_BYTES)
    assert "which its FIN proves" in outcome.text


def test_what_a_short_session_lacks_is_told_as_of_any_other(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = frames_of([session])
    data = [place for place, frame in enumerate(frames) if len(frame.data) > 70]
    captures = [frames, *([one for place, one in enumerate(frames) if place != lost] for lost in data[-3:])]
    short = [outcome_of(tmp_path, session, capture) for capture in captures]
    monkeypatch.setattr(hellos, "SHORT", -1)
    assert short == [outcome_of(tmp_path, session, capture) for capture in captures]
    assert len({one.text for one in short}) > 1


def test_a_whole_session_has_no_shortcoming(tmp_path: Path, session: Session) -> None:
    assert outcome_of(tmp_path, session, frames_of([session])).text == ""
