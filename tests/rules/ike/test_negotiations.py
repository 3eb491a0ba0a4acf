"""Negotiations: what belongs to one cookie, and what counts as request, answer and repeat."""

from __future__ import annotations

from pathlib import Path

from tests.support.ike import COOKIE_I, MAIN, NO_COOKIE, QUICK, at, authip, datagram, proposal_v1, sealed
from tests.support.verdicts import make_case
from wireproof.rules.ike._negotiations import find_negotiations, find_trouble

BEGIN = datagram(authip(MAIN, [proposal_v1([b""])], cookies=(COOKIE_I, NO_COOKIE)))


def test_a_negotiation_goes_on_when_it_changes_its_port(tmp_path: Path) -> None:
    answer = datagram(authip(MAIN, [proposal_v1([b""])]), "server")
    floated = datagram(bytes(4) + sealed(QUICK, message_id=4), port=4500)
    [one] = find_negotiations(make_case(tmp_path, {"client": at((0, BEGIN), (1, answer), (2, floated))}))
    assert (len(one.messages), len(one.conversations), one.answered) == (3, 2, True)
    assert one.established_ns == one.messages[-1].time_ns
    assert find_trouble(one) is None


def test_each_cookie_is_a_negotiation(tmp_path: Path) -> None:
    other = datagram(authip(MAIN, [], cookies=(bytes(7) + b"\x01", NO_COOKIE)))
    found = find_negotiations(make_case(tmp_path, {"client": at((0, BEGIN), (1, other))}))
    assert [len(one.messages) for one in found] == [1, 1]


def test_a_case_without_ike_has_none(tmp_path: Path) -> None:
    assert find_negotiations(make_case(tmp_path, {"client": at((0, datagram(b"x" * 60, port=1500)))})) == []
