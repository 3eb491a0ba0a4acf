"""What the file does not say."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, OWN_PREFIX, review
from tests.support.site_text import change
from wireproof.rules.plan.unknown import judge

RULE = "plan-unknown"
FORWARDS = change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: true\n")


def test_a_router_of_which_nobody_said_whether_it_forwards_is_asked_for() -> None:
    (question,) = judge(review(OWN_PREFIX, as_is=True))
    assert question.rule == RULE
    assert "CORE" in question.reason
    assert "forwards-ipv6" in question.capture_next


def test_a_gateway_that_nobody_stated_is_asked_for() -> None:
    (question,) = judge(
        review(change(FORWARDS, 'gateway: "2001:db8:1:7::1"', 'gateway: "2001:db8:1:7::ff"'), as_is=True)
    )
    assert "2001:db8:1:7::ff" in question.reason


def test_a_known_failure_is_no_question() -> None:
    assert list(judge(review(FORWARDS, as_is=True))) == []


def test_clients_whose_prefix_nobody_stated_are_asked_for() -> None:
    text = change(change(ONE_SERVER, "131.107.0.2, 131.107.0.3", "192.168.9.2"), "method: auto", "method: isatap")
    text = change(text, "      - name: DA1\n", "      - name: DA1\n        isatap: {prefix: 2001:db8:5:1::/64}\n")
    (question,) = judge(review(text))
    assert "ip-https-prefix" in question.capture_next
