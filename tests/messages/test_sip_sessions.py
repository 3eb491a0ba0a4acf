"""Media sessions: offer and answer by Call-ID, over several captures, with what became of the call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.telephony import sdp
from wireproof.messages.sip import SipMessage
from wireproof.messages.sip_sessions import find_sessions

OFFER = sdp("2.2.2.2", "audio 58138 RTP/AVP 0", ["a=candidate:1 1 UDP 1 10.0.0.1 5000 typ host"])
ANSWER = sdp("1.1.1.1", "audio 50704 RTP/AVP 0")


def message(time_ns: int, status: int = 0, method: str = "INVITE", **fields: Any) -> SipMessage:
    """A message of one call; a response comes from the called party."""
    made = SipMessage(
        conversation=0,
        side=int(bool(status)),
        row=time_ns,
        last_row=time_ns,
        time_ns=time_ns,
        method=method,
        status=status,
        call_id="c",
        from_tag="a",
        to_tag="b" if status else "",
    )
    return replace(made, **fields)


def test_offer_and_answer_make_an_agreement() -> None:
    (session,) = find_sessions([[message(1, sdp=(OFFER,)), message(2, 180), message(3, 200, sdp=(ANSWER,))]])
    assert session.is_wanted
    assert session.uses_ice
    assert session.status == 200
    assert [(kind, one.address, one.port) for kind, one in session.addresses(True)] == [
        ("audio", "2.2.2.2", 58138),
        ("audio", "10.0.0.1", 5000),
    ]
    assert [(kind, one.address) for kind, one in session.addresses(False)] == [("audio", "1.1.1.1")]
    assert (session.span_ns(0), session.span_ns(1)) == ((1, 3), None)


def test_the_offer_may_be_in_one_capture_and_the_answer_in_another() -> None:
    (session,) = find_sessions([[message(1, sdp=(OFFER,))], [message(2, 200, sdp=(ANSWER,))]])
    assert session.is_wanted
    assert [described.capture for described in session.descriptions] == [0, 1]


def test_a_re_invite_of_the_called_party_keeps_the_parties_apart() -> None:
    again = message(9, from_tag="b", to_tag="a", sdp=(ANSWER,))
    (session,) = find_sessions([[message(1, sdp=(OFFER,)), message(3, 200, sdp=(ANSWER,)), again]])
    assert len(session.addresses(False)) == 1


def test_without_an_answer_or_after_a_refusal_nothing_is_wanted() -> None:
    offered, refused = message(1, sdp=(OFFER,)), message(5, 486)
    assert [s.is_wanted for s in find_sessions([[offered]])] == [True]
    early = message(2, 183, sdp=(ANSWER,))
    assert [s.is_wanted for s in find_sessions([[offered, early, refused]])] == [False]
    blamed = message(5, 480, diagnostics=('23;reason="Call failed to establish due to a media connectivity failure"',))
    assert [s.is_wanted for s in find_sessions([[offered, early, blamed]])] == [True]


def test_messages_without_media_make_no_session() -> None:
    assert find_sessions([[message(1, method="REGISTER"), message(2), message(3, 200)]]) == []


def test_the_end_of_a_session_is_its_bye() -> None:
    (session,) = find_sessions(
        [[message(1, sdp=(OFFER,)), message(8, method="BYE"), message(9, method="BYE", repeat=True)]]
    )
    assert session.ended is not None
    assert session.ended[1].time_ns == 8
