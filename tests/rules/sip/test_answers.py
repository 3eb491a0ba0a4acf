"""What the SIP rules share: failures once each, and what their diagnostics name."""

from __future__ import annotations

from pathlib import Path

from tests.support.telephony import datagram, dialog, sip
from tests.support.verdicts import make_case
from wireproof.rules.sip._answers import find_answers
from wireproof.rules.sip._waited import waited_for

ENDS = ("10.0.0.1", 5060), ("10.0.0.2", 5060)


def test_a_response_sent_three_times_is_one_answer_with_its_request(tmp_path: Path) -> None:
    said = 'ms-diagnostics: 1008;reason="Unable to resolve DNS SRV record";domain="fabrikam.com"'
    answer = sip("SIP/2.0 504 Server time-out", [*dialog(answered=True), said])
    frames = [datagram(0, *ENDS, sip("INVITE sip:b@fabrikam.com SIP/2.0", dialog()))]
    frames += [datagram(0.3 + turn, *ENDS[::-1], answer) for turn in range(3)]
    case = make_case(tmp_path, {"proxy": frames})
    (found,) = find_answers(case, lambda message: message.status >= 400)
    assert (found.responder, found.asker, found.status) == ("10.0.0.2:5060", "10.0.0.1:5060", "504 Server time-out")
    assert (found.wait_s, found.code, found.named["domain"]) == (0.3, "1008", "fabrikam.com")
    assert found.explained == " Its diagnostics: 1008 (Unable to resolve DNS SRV record), about fabrikam.com."
    assert [row.frame for row in found.evidence(case)] == [2, 1]
    assert waited_for(case, found) == []


def test_without_the_request_nothing_is_said_to_have_been_waited_for(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"proxy": [datagram(0, *ENDS[::-1], sip("SIP/2.0 503 No", dialog(answered=True)))]})
    (found,) = find_answers(case, lambda message: message.status >= 400)
    assert (found.wait_s, found.named, found.code, found.explained) == (-1.0, {}, "", "")
    assert waited_for(case, found) == []
