"""http-error: responses that stop a user, and those that clients meet every day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.path import Link, Point
from tests.support.verdicts import judge, make_case, only, open_case
from tests.support.web import CLIENT, SERVER, play, request, response, steps, web_case
from wireproof.finding import Finding, Severity

RULE = "http-error"


def findings(folder: Path, *messages: bytes) -> list[Finding]:
    return judge(web_case(folder, *messages), RULE).findings


def test_a_server_that_fails_is_named_with_request_and_response(tmp_path: Path) -> None:
    finding = only(
        web_case(tmp_path, request("/app"), response("503 Service Unavailable", "Server: Microsoft-HTTPAPI/2.0")), RULE
    )
    assert (finding.severity, finding.facts["status"], finding.facts["host"]) == (
        Severity.ERROR,
        503,
        "www.example.com",
    )
    assert [(piece.frame, piece.note) for piece in finding.evidence] == [
        (4, "GET /app"),
        (5, "503 Service Unavailable"),
    ]
    assert "application pool" in finding.fix[0]
    assert finding.where == f"at {SERVER}:80"


def test_one_failure_among_many_answers_is_a_warning(tmp_path: Path) -> None:
    good = [message for turn in range(3) for message in (request(f"/{turn}"), response())]
    (finding,) = findings(tmp_path, *good, request("/bad"), response("500 Internal Server Error"))
    assert finding.severity == Severity.WARNING


def test_a_failure_that_the_next_try_mends_is_information(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, request("/a"), response("503 Busy"), request("/a"), response())
    assert (finding.severity, finding.facts["answered_on_retry"]) == (Severity.INFO, 1)


def test_failures_of_one_host_and_status_are_one_finding(tmp_path: Path) -> None:
    turns = [message for turn in range(20) for message in (request(f"/{turn}"), response("500 Internal Server Error"))]
    (finding,) = findings(tmp_path, *turns)
    assert (finding.facts["count"], len(finding.evidence)) == (20, 12)


def test_hosts_and_status_codes_are_kept_apart(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        *(request("/", host="a.example"), response("500 No")),
        *(request("/", host="b.example"), response("500 No")),
        *(request("/x", host="b.example"), response("403 No")),
    )
    assert {(one.facts["host"], one.facts["status"]) for one in found} == {
        ("a.example", 500),
        ("b.example", 500),
        ("b.example", 403),
    }


NTLM = "WWW-Authenticate: NTLM"
AUTHORIZED = "Authorization: NTLM TlRMTVNTUAAB"


def test_authentication_that_succeeds_stays_silent(tmp_path: Path) -> None:
    rounds = [
        *(request(), response("401 Unauthorized", NTLM)),
        *(request("/", AUTHORIZED), response("401 Unauthorized", NTLM + " TlRMTVNTUAAC")),
        *(request("/", AUTHORIZED), response()),
    ]
    assert findings(tmp_path, *rounds) == []


def test_credentials_that_are_turned_away_are_an_error(tmp_path: Path) -> None:
    rounds = [
        *(request(), response("401 Unauthorized", NTLM)),
        *(request("/", AUTHORIZED), response("401 Unauthorized", NTLM + " TlRMTVNTUAAC")),
        *(request("/", AUTHORIZED), response("401 Unauthorized", NTLM)),
    ]
    (finding,) = findings(tmp_path, *rounds)
    assert (finding.severity, finding.facts["status"], finding.facts["schemes"]) == (Severity.ERROR, 401, ["ntlm"])
    assert "2 times" in finding.summary


def test_a_proxy_that_refuses_credentials_is_told_from_the_server(tmp_path: Path) -> None:
    asked = request("web.example:443", "Proxy-Authorization: Basic abc", method="CONNECT", host="web.example:443")
    (finding,) = findings(tmp_path, asked, response("407 Proxy Authentication Required", "Proxy-Authenticate: Basic"))
    assert (finding.facts["host"], finding.severity) == ("web.example:443", Severity.ERROR)
    assert "proxy" in finding.summary


def test_a_client_that_gives_a_proxy_no_credentials_is_a_warning_once_it_had_time(tmp_path: Path) -> None:
    asked, refused = (
        request("web.example:443", method="CONNECT"),
        response("407 Proxy Authentication Required", "Proxy-Authenticate: NTLM"),
    )
    ended = findings(tmp_path, asked, refused)
    (tmp_path / "on").mkdir()
    frames = play(steps(asked, refused), [], [], [], steps(request("/later"), response()))
    (finding,) = judge(make_case(tmp_path / "on", frames), RULE).findings
    assert ended == []
    assert (finding.severity, finding.facts["status"]) == (Severity.WARNING, 407)
    assert "gives none" in finding.summary


def test_rounds_that_succeeded_do_not_count_as_refusals(tmp_path: Path) -> None:
    challenge = response("401 Unauthorized", NTLM + " TlRMTVNTUAAC")
    turn = [request("/", AUTHORIZED), challenge, request("/", AUTHORIZED), response()]
    assert findings(tmp_path, *turn, *turn, request("/", AUTHORIZED), challenge) == []


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (request("/favicon.ico"), response("404 Not Found")),
        (request("/favicon.ico"), response("403 Forbidden")),
        (request("/missing"), response("404 Not Found")),
        (request("/a"), response("304 Not Modified", body=b"")),
        (request("/", method="OPTIONS"), response("405 Method Not Allowed")),
        (request("/", method="PROPFIND"), response("501 Not Implemented")),
        (request("/a", method="PUT", body=b"x"), response("412 Precondition Failed")),
        (request("/"), response("401 Unauthorized", "WWW-Authenticate: Basic")),
        (request("/"), response("200 OK")),
    ],
)
def test_what_clients_meet_every_day_stays_silent(tmp_path: Path, asked: bytes, answered: bytes) -> None:
    assert findings(tmp_path, asked, answered) == []


def test_a_missing_revocation_list_is_told(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, request("/ca.crl", host="pki.example"), response("404 Not Found"))
    assert "revocation" in finding.summary


def test_tls_to_a_port_of_plain_http_is_recognised(tmp_path: Path) -> None:
    hello = bytes.fromhex("16030100310100002d0303") + bytes(43)
    (finding,) = findings(tmp_path, hello, response("400 Bad Request"))
    assert "TLS" in finding.summary


def test_the_same_response_at_two_points_is_one_finding(tmp_path: Path) -> None:
    path = [Point("client", at="client"), Link(5), Point("server", at="server")]
    case = make_case(tmp_path, play(steps(request(), response("500 No"), request("/2"), response("500 No")), path=path))
    finding = only(case, RULE)
    assert finding.conversations == [("client", 0)]
    assert finding.facts["count"] == 2
    assert CLIENT in str(finding.talk)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("nDPI__http_auth.pcap", [401]),
        ("Wireshark__http_redirects.pcapng", []),
        ("Wireshark__http_with_jpegs.cap.gz", []),
        ("Wireshark__NTLM-wenchao.pcap", []),
        ("zeek__100-continue.pcap", []),
        ("zeek__1000-requests-one-dropped-response.pcap.gz", []),
        ("zeek__bro.org-filtered.pcap", []),
        ("zeek__docker-http-upgrade.pcap", []),
        ("zeek__percent-end-of-line.pcap", [400]),
        ("zeek__websocket.pcap", []),
    ],
)
def test_real_captures_show_only_the_errors_that_they_hold(captures: Path, name: str, statuses: list[int]) -> None:
    found = judge(open_case({"client": captures / "http" / name}), RULE).findings
    assert [finding.facts["status"] for finding in found] == statuses
