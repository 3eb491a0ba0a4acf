"""Failing pairs of ICE beside one that works are left out by the rules on failing connections."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from examples.files import Frame
from tests.support.telephony import dialog, refused, sdp, silent, sip, spoken
from tests.support.verdicts import judge, make_case
from wireproof.case import Case
from wireproof.rules.spares import spares_at, without_spares

HOST, FAR_HOST, RELAY, FAR_RELAY = ("10.0.0.1", 21000), ("10.9.0.1", 22000), ("2.2.2.2", 58138), ("1.1.1.1", 50704)
WORKS = spoken(5, RELAY, FAR_RELAY, [(0.1, "c", b"\0\2hi"), (0.2, "s", b"\0\2ho")])


def described(relay: tuple[str, int], host: tuple[str, int]) -> str:
    lines = [
        f"a=candidate:{n} 1 TCP-PASS 9 {end[0]} {end[1]} typ {kind}"
        for n, end, kind in ((1, host, "host"), (2, relay, "relay"))
    ]
    return sdp(relay[0], f"audio {relay[1]} TCP/RTP/AVP 0", lines)


def made(folder: Path, frames: list[Frame]) -> Case:
    lines = [
        (0.1, "c", sip("INVITE sip:b@x SIP/2.0", dialog(), described(RELAY, HOST))),
        (1.0, "s", sip("SIP/2.0 200 OK", dialog(answered=True), described(FAR_RELAY, FAR_HOST))),
    ]
    signalling = spoken(0, ("10.9.9.1", 50000), ("10.9.9.2", 5060), lines)
    return make_case(folder, {"one": sorted([*signalling, *frames])})


@pytest.mark.parametrize("failing", [refused(4, HOST, FAR_HOST), silent(4, HOST, FAR_HOST)])
def test_a_failing_pair_stays_silent_beside_one_that_works_and_only_then(tmp_path: Path, failing: list[Frame]) -> None:
    rules = ("tcp-connection-refused", "tcp-syn-unanswered")
    assert judge(made(tmp_path, [*failing, *WORKS]), *rules).findings == []
    assert len(judge(made(tmp_path, failing), *rules).findings) == 1


def test_conversations_of_no_session_are_kept(tmp_path: Path) -> None:
    case = made(tmp_path, [*refused(4, HOST, FAR_HOST), *WORKS, *refused(20, ("10.0.0.1", 40000), ("10.0.0.2", 445))])
    (point,) = case.points
    assert spares_at(case, point).tolist() == [1]
    assert without_spares(case, point, np.arange(4)).tolist() == [0, 2, 3]
    assert without_spares(case, point, np.zeros(0, np.int64)).tolist() == []
