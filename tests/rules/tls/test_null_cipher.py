"""tls-null-cipher: suites without encryption, chosen, offered, and in IP-HTTPS."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import frames_case
from tests.support.files import write_capture
from tests.support.path import Link, Point, World
from tests.support.talk import Host, Talk
from tests.support.tls_handshakes import SERVER, TLS12, Pair, capture, client_context, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Severity

RULE = "tls-null-cipher"
NULL = "ECDHE-ECDSA-NULL-SHA"


NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def pair(
    offered: str, asked: bytes = b"GET / HTTP/1.1\r\n\r\n", chosen: str = NULL, answered: bytes = NO_CONTENT
) -> Pair:
    made = Pair(
        client_context(suites=f"{offered}:@SECLEVEL=0", version=TLS12),
        server_context(SERVER, suites=f"{chosen}:@SECLEVEL=0"),
        "www.example.com",
    )
    assert made.handshake()
    made.exchange(asked, answered)
    made.close()
    return made


def test_a_null_suite_that_is_chosen_is_a_warning(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA").steps)), RULE)
    assert (finding.severity, finding.facts["suite"]) == (Severity.WARNING, "TLS_ECDHE_ECDSA_WITH_NULL_SHA")


def test_ip_https_is_information(tmp_path: Path) -> None:
    steps = pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA", b"POST /IPHTTPS HTTP/1.1\r\n\r\n").steps
    assert only(open_case(capture(tmp_path, steps)), RULE).severity is Severity.INFO


def test_a_client_that_offers_nothing_else_is_taken_for_ip_https(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, pair(NULL).steps)), RULE)
    assert finding.facts["ip_https"] is True
    # What it offers proves no tunnel.
    assert "by design" not in finding.summary
    assert "in anything else nothing does" in finding.summary


def test_a_server_that_does_ip_https_is_one_for_all_its_connections(tmp_path: Path) -> None:
    mixed = f"{NULL}:ECDHE-ECDSA-AES128-SHA"
    finding = only(open_case(capture(tmp_path, pair(mixed).steps, pair(NULL).steps)), RULE)
    assert (finding.severity, finding.facts["count"], finding.fix) == (Severity.INFO, 2, [])
    assert "IPsec" in finding.summary


def test_the_servers_side_alone_is_enough(tmp_path: Path) -> None:
    tunnel = pair(
        NULL,
        b"POST /IPHTTPS HTTP/1.1\r\nHost: da.example.com\r\nContent-Length: 18446744073709551615\r\n\r\n",
        answered=b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n",
    )
    world = World([Point("client", at="client"), Link(5)])
    Talk(world, Host("10.1.0.5"), Host("10.9.0.2"), tunnel.steps, (50001, 443), 0.0)
    frames = [one for one in world.captures()["client"] if one.data[26:30] == bytes((10, 9, 0, 2))]
    finding = only(open_case({"server": write_capture(tmp_path / "server.pcapng", frames)}), RULE)
    assert (finding.severity, finding.facts["ip_https"]) == (Severity.INFO, True)


def test_packets_that_the_server_sends_inside_are_enough(tmp_path: Path) -> None:
    frames = [one for one in d21.frames(d21.Scene(shown="outer")) if one.data[26:30] == bytes((131, 107, 0, 5))]
    finding = only(frames_case(tmp_path, frames), RULE)
    assert (finding.severity, len(finding.conversations)) == (Severity.INFO, 1)


def test_another_client_of_a_directaccess_server_is_information(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5)])
    mixed = pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA").steps
    Talk(world, Host("192.168.137.77"), Host("131.107.0.5"), mixed, (50001, 443), 0.0)
    frames = [*d21.frames(d21.Scene(shown="outer")), *world.captures()["client"]]
    found = judge(frames_case(tmp_path, frames), RULE).findings
    assert {(one.severity, one.facts["suite"]) for one in found} == {
        (Severity.INFO, "TLS_RSA_WITH_NULL_SHA"),
        (Severity.INFO, "TLS_ECDHE_ECDSA_WITH_NULL_SHA"),
    }


def test_an_offer_alone_is_silent(tmp_path: Path) -> None:
    steps = pair(f"{NULL}:ECDHE-ECDSA-AES128-SHA", chosen="ECDHE-ECDSA-AES128-SHA").steps
    assert judge(open_case(capture(tmp_path, steps)), RULE).findings == []
