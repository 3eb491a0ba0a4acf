"""Sides change keys when both have said what keys are made from, in whatever order the capture holds them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support import tls_lab
from tests.support.opened import open_written
from tests.support.tls_captures import cut_up, write_segments
from tests.support.tls_lab import TLS13, Setup
from tests.support.tls_scripts import Script
from wireproof.decrypt import keyed
from wireproof.decrypt.outcome import Reason, Status


@pytest.mark.parametrize(
    "setup", [Setup(), Setup(suite="AES128-SHA"), Setup(version=TLS13)], ids=["ECDHE", "RSA", "TLS 1.3"]
)
@pytest.mark.parametrize("first", ["client", "server"])
def test_one_side_may_stand_before_the_other_in_the_capture(tmp_path: Path, setup: Setup, first: str) -> None:
    session = tls_lab.play(setup)
    segments = sorted(cut_up(session, 1460), key=lambda one: one.by != first)
    found = open_written(write_segments(tmp_path / "sorted.pcapng", session, segments))[0]
    assert found.whole, found.told()


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_packets_opens_alike(tmp_path: Path, seed: int) -> None:
    session = tls_lab.play(Setup(version=TLS13))
    segments = cut_up(session, 700)
    random.Random(seed).shuffle(segments)
    found = open_written(write_segments(tmp_path / "shuffled.pcapng", session, segments))[0]
    # Which side is the client is told by the SYN.
    assert found.whole, found.told()


def test_one_side_alone_has_no_keys(tmp_path: Path) -> None:
    session = tls_lab.play(Setup())
    for by in ("client", "server"):
        segments = [one for one in cut_up(session, 1460) if one.by == by]
        found = open_written(write_segments(tmp_path / "half.pcapng", session, segments))[0]
        assert (found.outcome.status, found.outcome.reason) == (Status.CLOSED, Reason.NO_HANDSHAKE), found.told()


def test_keys_that_change_without_end_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyed, "EPOCHS_MOST", 10)
    script = Script(version=0x0304, suite=0x1301)
    script.hellos()
    script.finish_13()
    for _ in range(30):
        script.say("server", b"x")
        script.update("server")
    session = script.session()
    found = open_written(write_segments(tmp_path / "updates.pcapng", session, cut_up(session, 1460)))[0]
    assert (found.outcome.status, found.outcome.reason) == (Status.PARTLY, Reason.TOO_MUCH), found.told()
    assert len(found.said[1]) <= 10
