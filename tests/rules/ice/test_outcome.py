"""What becomes of an agreed pair: it works, or how it fails, or nothing can be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from tests.support.telephony import (
    BINDING,
    ERROR,
    SUCCESS,
    check,
    datagram,
    error_code,
    refused,
    segment,
    silent,
    spoken,
    stun,
)
from tests.support.verdicts import make_case
from wireproof.messages.sip_sessions import MediaSession
from wireproof.rules.ice._outcome import judge_pair
from wireproof.rules.ice._pairs import Pair

A, B = ("10.0.0.1", 50001), ("10.0.0.2", 50002)
OTHERS = [
    datagram(90, ("10.0.0.1", 9), ("10.0.0.9", 99), b"question"),
    datagram(91, ("10.0.0.9", 99), ("10.0.0.1", 9), b"answer"),
]
ASKED = [datagram(turn, A, B, check("one")) for turn in range(4)]
CHECK_OVER_TCP = len(check("one")).to_bytes(2, "big") + check("one")
HELLO = spoken(0, A, B, [])
CASES: dict[str, tuple[list[Frame], str]] = {
    "refused": (refused(0, A, B), "refused"),
    "silent": (silent(0, A, B), "silent"),
    "one SYN at the end of the capture": ([segment(91.5, A, B, "S")], "unclear"),
    "reset after the handshake": ([*HELLO, segment(1, B, A, "RA", (5001, 1001))], "reset"),
    "handshake only": (HELLO, "unclear"),
    "data both ways": (spoken(0, A, B, [(1, "c", b"\0\2hi"), (2, "s", b"\0\2ho")]), "works"),
    "checks over TCP without answer": (spoken(0, A, B, [(t, "c", CHECK_OVER_TCP) for t in (1, 2, 3)]), "silent"),
    "checks": (ASKED, "silent"),
    "two checks": (ASKED[:2], "unclear"),
    "answered": ([*ASKED, datagram(5, B, A, stun(BINDING | SUCCESS, [], "one"))], "works"),
    "denied": ([*ASKED, datagram(5, B, A, stun(BINDING | ERROR, [error_code(401, "Unauthorized")], "one"))], "denied"),
    "role conflict": (
        [*ASKED[:2], datagram(5, B, A, stun(BINDING | ERROR, [error_code(487, "Role Conflict")], "one"))],
        "unclear",
    ),
    "media without checks": ([datagram(1, A, B, b"\x80" * 172), datagram(2, B, A, b"\x80" * 172)], "works"),
    "media one way": ([datagram(t, A, B, b"\x80" * 172) for t in range(9)], "unclear"),
}


@pytest.mark.parametrize("name", CASES)
def test_outcome(tmp_path: Path, name: str) -> None:
    frames, expected = CASES[name]
    case = make_case(tmp_path, {"one": [*frames, *OTHERS]})
    outcome = judge_pair(Pair(MediaSession("c", "a"), "audio", case.points[0], 0, (None, None), (False, False)))
    assert outcome.kind == expected
    assert bool(outcome.evidence) == (expected not in {"works", "unclear"})


def test_a_capture_of_one_direction_proves_no_silence(tmp_path: Path) -> None:
    others = [datagram(90, ("10.0.0.1", 9), ("10.0.0.9", 99 + turn), b"question") for turn in range(10)]
    case = make_case(tmp_path, {"one": [*ASKED, *others]})
    assert (
        judge_pair(Pair(MediaSession("c", "a"), "audio", case.points[0], 0, (None, None), (False, False))).kind
        == "unclear"
    )
