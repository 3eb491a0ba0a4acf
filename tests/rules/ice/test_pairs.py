"""Which conversations are between agreed addresses: in full, behind NAT, from ports nobody named, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from tests.support.telephony import End, check, datagram, dialog, sdp, segment, sip
from tests.support.verdicts import make_case
from wireproof.messages.sip_sessions import find_sessions
from wireproof.rules.ice._pairs import Pair, find_pairs

CALLER, CALLED = ("2.2.2.2", 58138), ("1.1.1.1", 50704)


def pairs(folder: Path, frames: list[Frame], offer: str = "", answer: str = "") -> list[Pair]:
    """The pairs among frames after a call over UDP."""
    ends = ("10.9.9.1", 5060), ("10.9.9.2", 5060)
    offer = offer or sdp(CALLER[0], f"audio {CALLER[1]} RTP/AVP 0")
    answer = answer or sdp(CALLED[0], f"audio {CALLED[1]} RTP/AVP 0")
    signalling = [
        datagram(0, *ends, sip("INVITE sip:b@x SIP/2.0", dialog(), offer)),
        datagram(1, *ends[::-1], sip("SIP/2.0 200 OK", dialog(answered=True), answer)),
    ]
    case = make_case(folder, {"one": [*signalling, *frames]})
    return find_pairs(case, find_sessions(point.said.sip for point in case.points))


@pytest.mark.parametrize(
    ("source", "target", "translated"),
    [
        (CALLER, CALLED, (False, False)),
        (CALLED, CALLER, (False, False)),
        (("10.3.0.40", 58138), CALLED, (True, False)),
        (CALLER, ("172.16.9.9", 50704), (False, True)),
        (("10.3.0.40", 58138), ("172.16.9.9", 50704), (True, True)),
        (("203.0.113.7", 1024), CALLED, (False, False)),
    ],
)
def test_conversations_between_agreed_addresses(
    tmp_path: Path, source: End, target: End, translated: tuple[bool, bool]
) -> None:
    (pair,) = pairs(tmp_path, [datagram(2, source, target, check("one"))])
    assert (pair.media, pair.translated) == ("audio", translated)
    assert pair.end_of(asker=False) is not None
    assert pair.addresses == (source[0], target[0])


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (CALLER, ("203.0.113.7", 3478)),  # asks a STUN server from the media port
        (("203.0.113.7", 5), ("203.0.113.8", 50704)),
        (CALLED, ("203.0.113.8", 50704)),
    ],
)
def test_conversations_with_one_end_in_common_only(tmp_path: Path, source: End, target: End) -> None:
    assert pairs(tmp_path, [datagram(2, source, target, check("one"))]) == []


def test_another_transport_or_another_time_is_another_conversation(tmp_path: Path) -> None:
    assert pairs(tmp_path, [segment(2, CALLER, CALLED, "S")]) == []
    assert pairs(tmp_path, [datagram(5000, CALLER, CALLED, b"x")]) == []


def test_an_active_candidate_comes_from_any_port(tmp_path: Path) -> None:
    active = "a=candidate:1 1 TCP 1 10.0.0.5 9 typ host tcptype active"
    passive = "a=candidate:1 1 TCP 1 10.0.0.6 40000 typ host tcptype passive"
    offer = sdp("10.0.0.5", "audio 9 TCP/RTP/AVP 0", [active])
    answer = sdp("10.0.0.6", "audio 40000 TCP/RTP/AVP 0", [passive])
    (pair,) = pairs(tmp_path, [segment(2, ("10.0.0.5", 51234), ("10.0.0.6", 40000), "S")], offer, answer)
    ends = [pair.end_of(asker) for asker in (True, False)]
    assert [end.tcp_type for end in ends if end] == ["active", "passive"]
