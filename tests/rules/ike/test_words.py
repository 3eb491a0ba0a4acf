"""Sentences about failed negotiations: what other captures show, and what sets a lost message apart."""

from __future__ import annotations

from pathlib import Path

from tests.support.ike import COOKIE_I, MAIN, NO_COOKIE, at, authip, datagram
from tests.support.verdicts import make_case, only

BEGIN = datagram(authip(MAIN, [], cookies=(COOKIE_I, NO_COOKIE)))
ASKED = at((0, BEGIN), (2, BEGIN), (6, BEGIN), (30, datagram(b"end" * 20, port=1500)))


def test_requests_that_another_capture_lacks_are_lost_before_it(tmp_path: Path) -> None:
    other = datagram(b"x" * 60, "server", port=1500)
    finding = only(make_case(tmp_path, {"client": ASKED, "server": at((-1, other), (29, other))}), "ike-failed")
    assert "server shows none of these messages" in finding.summary


def test_a_capture_without_any_packet_of_the_peer_proves_nothing(tmp_path: Path) -> None:
    other = datagram(b"x" * 60, port=1500, client="10.7.0.1", server="10.7.0.2")
    finding = only(make_case(tmp_path, {"client": ASKED, "elsewhere": at((-1, other), (29, other))}), "ike-failed")
    assert "shows none" not in finding.summary


def test_a_capture_of_another_hour_proves_nothing(tmp_path: Path) -> None:
    other = datagram(b"x" * 60, "server", port=1500)
    finding = only(make_case(tmp_path, {"client": ASKED, "later": at((3600, other), (3700, other))}), "ike-failed")
    assert "shows none" not in finding.summary
