"""Failures of logs that belong to no response."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_sip_log
from tests.support.sip_logs import with_log
from tests.support.verdicts import make_case
from wireproof.rules.sip._alone import find_alone


def test_what_a_response_accounts_for_is_not_alone(tmp_path: Path) -> None:
    assert list(find_alone(with_log(make_case(tmp_path, {}), d6_sip_log.LOG))) == []


def test_repeats_of_one_failure_are_one_kind(tmp_path: Path) -> None:
    later = d6_sip_log.CONNECTION.replace("09:19:18.611", "09:20:18.611")
    text = d6_sip_log.CONNECTION + later + d6_sip_log.DIAGNOSTIC
    timed_out, other = find_alone(with_log(make_case(tmp_path, {}), text))
    assert (len(timed_out.troubles), timed_out.timed_out) == (2, True)
    assert (len(other.troubles), other.timed_out) == (1, False)
    assert timed_out.first.line < other.first.line
