"""A client that is told to use TCP and can't is found; one whose connection opened is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import packets
from tests.support.asn1 import framed, krb_error, reply, request
from tests.support.said_over import CLIENT, ISN, MACS, SERVER, datagram, handshake, said, segment
from tests.support.tables import spaced
from tests.support.verdicts import judge, make_case
from wireproof.case import Point
from wireproof.finding import Severity
from wireproof.rules.kerberos._needs_tcp import find_stuck

TCP, UDP = (50002, 88), (50001, 88)
ASKED = request(10, "bob", "krbtgt/CORP")
TOLD = [datagram("client", ASKED, UDP), datagram("server", krb_error(52), UDP)]
SYN = segment("client", -1, flags="S", ports=TCP)
RESET = packets.TCP(88, 50002, 0, ISN["client"] + 1, "RA")
REFUSED = bytes(packets.Ethernet(*MACS[::-1], packets.IPv4(SERVER, CLIENT, RESET)))


def point(folder: Path, *frames: bytes) -> Point:
    return make_case(folder, {"client": spaced(frames)}).points[0]


@pytest.mark.parametrize("after", [[SYN, SYN], [SYN, REFUSED]])
def test_connections_that_do_not_open_leave_the_client_stuck(tmp_path: Path, after: list[bytes]) -> None:
    (stuck,) = find_stuck(point(tmp_path, *TOLD, *after), {0})
    assert (stuck.client, stuck.server, len(stuck.told), stuck.connections) == ("10.0.0.1", "10.0.0.2", 1, [1])


def test_a_connection_that_opens_helps(tmp_path: Path) -> None:
    answered = said([("client", framed(ASKED)), ("server", framed(reply(11, "bob", "krbtgt/CORP")))], ports=TCP)
    assert find_stuck(point(tmp_path, *TOLD, *answered), {0}) == []
    assert find_stuck(point(tmp_path, *TOLD, *handshake(ports=TCP)), {0}) == []


def test_a_client_that_never_tried_is_not_judged(tmp_path: Path) -> None:
    assert find_stuck(point(tmp_path, *TOLD), {0}) == []


def test_the_connections_explain_the_error(tmp_path: Path) -> None:
    verdicts = judge(
        make_case(tmp_path, {"client": spaced([*TOLD, SYN, REFUSED])}), "kerberos-error", "tcp-connection-refused"
    )
    by_rule = {finding.rule: finding for finding in verdicts.findings}
    stuck = by_rule["kerberos-error"]
    assert (stuck.severity, stuck.facts["error"], stuck.facts["connections"]) == (
        Severity.ERROR,
        "KRB_ERR_RESPONSE_TOO_BIG",
        1,
    )
    assert by_rule["tcp-connection-refused"].explains == [stuck.id]
