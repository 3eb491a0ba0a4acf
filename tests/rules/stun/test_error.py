"""stun-error: what a TURN server refuses for good, and errors that a later request puts right."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from tests.support.telephony import (
    ALLOCATE,
    BINDING,
    CHANNEL_BIND,
    ERROR,
    PERMISSION,
    REFRESH,
    SUCCESS,
    check,
    datagram,
    error_code,
    stun,
    xor_address,
)
from tests.support.verdicts import judge, make_case, only
from wireproof.finding import Severity

RULE = "stun-error"
CLIENT, SERVER = ("10.0.0.7", 50020), ("198.51.100.3", 3478)
USER = (0x0006, b"user")
REALM = (0x0014, b"example.org")


def exchange(
    at_s: float, kind: int, error: int = 0, *, key: bytes = b"key", client: tuple[str, int] = CLIENT
) -> list[Frame]:
    """One request, with credentials when there is a key, and its response."""
    name = f"{at_s}"
    ask = stun(kind, [USER, REALM] if key else [], name, key)
    if error:
        answer = stun(kind | ERROR, [error_code(error, "as it says"), REALM], name)
    else:
        answer = stun(kind | SUCCESS, [(0x0016, xor_address(("198.51.100.3", 60001), b"\0" * 12))], name)
    return [datagram(at_s, client, SERVER, ask), datagram(at_s + 0.02, SERVER, client, answer)]


HEALTHY = [*exchange(0, ALLOCATE, 401, key=b""), *exchange(1, ALLOCATE)]


def quiet(folder: Path, frames: list[Frame]) -> bool:
    return judge(make_case(folder, {"client": frames}), RULE).findings == []


def test_a_challenge_and_then_success_stays_silent(tmp_path: Path) -> None:
    assert quiet(tmp_path, HEALTHY)
    assert quiet(tmp_path, HEALTHY[:2])


@pytest.mark.parametrize("error", [403, 437, 441, 442, 486, 508])
def test_an_allocation_that_is_refused(tmp_path: Path, error: int) -> None:
    finding = only(make_case(tmp_path, {"client": [*HEALTHY[:2], *exchange(1, ALLOCATE, error)]}), RULE)
    assert (finding.severity, finding.facts["error"]) == (Severity.ERROR, error)
    assert {row.frame for row in finding.evidence} == {4, 3}
    assert finding.fix


def test_credentials_that_are_not_accepted(tmp_path: Path) -> None:
    finding = only(
        make_case(tmp_path, {"client": [*HEALTHY[:2], *exchange(1, ALLOCATE, 401), *exchange(2, ALLOCATE, 401)]}), RULE
    )
    assert finding.facts["errors"] == 3
    assert "the credentials are not accepted" in finding.summary
    assert "example.org" in finding.summary


def test_a_stale_nonce_once_is_everyday_life_and_again_and_again_is_not(tmp_path: Path) -> None:
    assert quiet(tmp_path, [*HEALTHY, *exchange(5, REFRESH, 438), *exchange(6, REFRESH)])
    stale = [frame for turn in range(4) for frame in exchange(5 + turn, REFRESH, 438)]
    assert only(make_case(tmp_path, {"stale": [*HEALTHY, *stale]}), RULE).severity is Severity.WARNING


@pytest.mark.parametrize("kind", [PERMISSION, CHANNEL_BIND])
def test_a_forbidden_peer_is_a_warning(tmp_path: Path, kind: int) -> None:
    finding = only(make_case(tmp_path, {"client": [*HEALTHY, *exchange(3, kind, 403)]}), RULE)
    assert finding.severity is Severity.WARNING


def test_refusals_beside_an_allocation_that_stands(tmp_path: Path) -> None:
    second = (CLIENT[0], 50099)
    full = only(make_case(tmp_path, {"full": [*HEALTHY, *exchange(3, ALLOCATE, 486, client=second)]}), RULE)
    assert full.severity is Severity.WARNING
    other = only(make_case(tmp_path, {"other": [*HEALTHY, *exchange(3, ALLOCATE, 442, client=second)]}), RULE)
    assert other.severity is Severity.INFO


def test_giving_up_an_allocation_that_is_gone_and_being_sent_elsewhere_stay_silent(tmp_path: Path) -> None:
    assert quiet(tmp_path, [*HEALTHY, *exchange(9, REFRESH, 437)])
    assert quiet(tmp_path, exchange(0, ALLOCATE, 300))


def test_role_conflicts_and_refused_checks_are_not_the_servers(tmp_path: Path) -> None:
    far = ("10.0.0.8", 50021)
    answer = stun(BINDING | ERROR, [error_code(487, "Role Conflict")], "one")
    assert quiet(tmp_path, [datagram(0, CLIENT, far, check("one")), datagram(0.1, far, CLIENT, answer)])


def test_the_same_refusal_for_many_clients_is_one_finding(tmp_path: Path) -> None:
    frames = [
        frame for turn in range(300) for frame in exchange(turn * 0.1, ALLOCATE, 508, client=("10.0.0.7", 20000 + turn))
    ]
    assert only(make_case(tmp_path, {"server": frames}), RULE).facts["count"] == 300
