"""The pairs of a session and kind of media together: blocked, working, or not to be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from tests.support.telephony import SUCCESS, check, datagram, dialog, sdp, sip, stun
from tests.support.verdicts import make_case
from wireproof.rules.ice._groups import Group, find_groups

HOST, FAR_HOST, RELAY, FAR_RELAY = ("10.0.0.1", 21000), ("10.9.0.1", 22000), ("2.2.2.2", 58138), ("1.1.1.1", 50704)


def described(relay: tuple[str, int], host: tuple[str, int]) -> str:
    lines = [
        f"a=candidate:1 1 UDP 9 {host[0]} {host[1]} typ host",
        f"a=candidate:2 1 UDP 1 {relay[0]} {relay[1]} typ relay",
    ]
    return sdp(relay[0], f"audio {relay[1]} RTP/AVP 0", lines)


def groups(folder: Path, frames: list[Frame]) -> list[Group]:
    ends = ("10.9.9.1", 5060), ("10.9.9.2", 5060)
    signalling = [
        datagram(0, *ends, sip("INVITE sip:b@x SIP/2.0", dialog(), described(RELAY, HOST))),
        datagram(1, *ends[::-1], sip("SIP/2.0 200 OK", dialog(answered=True), described(FAR_RELAY, FAR_HOST))),
    ]
    return find_groups(make_case(folder, {"one": [*signalling, *frames, datagram(30, *ends, b"later")]}))


DIRECT = [datagram(2 + turn, HOST, FAR_HOST, check("a")) for turn in range(4)]
RELAYED = [datagram(2 + turn, RELAY, FAR_RELAY, check("b")) for turn in range(4)]
ANSWER = datagram(6, FAR_RELAY, RELAY, stun(1 | SUCCESS, [], "b"))


@pytest.mark.parametrize(
    ("frames", "blocked", "works", "failed"),
    [
        ([*DIRECT, *RELAYED], True, False, 2),
        ([*DIRECT, *RELAYED, ANSWER], False, True, 1),
        (DIRECT[:1], False, False, 0),
    ],
)
def test_a_group_is_blocked_when_pairs_fail_and_none_works(
    tmp_path: Path, frames: list[Frame], blocked: bool, works: bool, failed: int
) -> None:
    (group,) = groups(tmp_path, frames)
    assert (group.media, group.is_blocked, group.works, len(group.failed)) == ("audio", blocked, works, failed)


def test_direct_pairs_are_not_the_last_resort_where_relays_are_named(tmp_path: Path) -> None:
    (group,) = groups(tmp_path, [*DIRECT, *RELAYED])
    assert [tried.is_last_resort for tried in group.tried] == [False, True]


def test_without_signalling_there_is_no_group(tmp_path: Path) -> None:
    assert find_groups(make_case(tmp_path, {"one": DIRECT})) == []
