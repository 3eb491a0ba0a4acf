"""The client's own output beside frames of each stage, beside frames that say otherwise, and alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from examples.filler import dns_answer, dns_question
from tests.cases import d13_iphttps_certificate as d13
from tests.cases import d14_iphttps as d14
from tests.support.directaccess import scene_case
from tests.support.files import write_capture
from tests.support.log_texts import with_logs
from tests.support.path import Link, Point, World
from tests.support.scripted import Row, frames
from tests.support.talk import Ask, Close, Host, Talk
from tests.support.tls_handshakes import SERVER, Pair, client_context, server_context
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

RULE = "directaccess-stopped"


def output(
    code: str,
    name: str = "da1.contoso.com",
    status: str = "failed to connect to the IPHTTPS server. Waiting to reconnect",
) -> str:
    return (
        d13.HTTPSTUNNEL.replace("0x800b0109", code)
        .replace("UAGDAServer-FQDN", name)
        .replace("failed to connect to the IPHTTPS server. Waiting to reconnect", status)
    )


def scene(folder: Path, text: str, **fields: Any) -> Case:
    """A scene's case with an output; its server is renamed to that of the scene."""
    case = scene_case(folder, **fields)
    timeline = case.points[0].directaccess
    assert timeline is not None
    return with_logs(case, {"client.txt": text.replace("da1.contoso.com", timeline.endpoint or "da1.contoso.com")})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"stop": "endpoint-resolved", "how": "name error"}, "0x2af9"),
        ({"stop": "transport-connected"}, "0x274c"),
        ({"stop": "transport-connected", "how": "refused"}, "0x274d"),
        ({"stop": "tls-done", "how": "certificate"}, "0x800b010f"),
        ({"stop": "tls-done", "how": "certificate"}, "0x80092013"),
        ({"stop": "tunnel-up", "how": "no router"}, "0x2afc"),
    ],
    ids=str,
)
def test_a_code_that_fits_the_stage_is_joined_with_its_frames(
    tmp_path: Path, fields: dict[str, Any], code: str
) -> None:
    finding = only(scene(tmp_path, output(code), **fields), RULE)
    assert f"shows the last error {code} " in finding.summary
    assert "which fits" in finding.summary
    assert finding.facts["last_error"] == code
    assert [piece.line for piece in finding.evidence if piece.line] == [5]
    assert any(piece.frame for piece in finding.evidence)
    assert finding.confidence is Confidence.HIGH


def test_a_code_of_another_stage_is_told_as_of_another_attempt(tmp_path: Path) -> None:
    finding = only(scene(tmp_path, output("0x800b0109"), stop="transport-connected"), RULE)
    assert "which is not what these frames lead to" in finding.summary


def test_an_output_of_another_server_is_its_own_finding(tmp_path: Path) -> None:
    case = with_logs(
        scene_case(tmp_path, stop="transport-connected"), {"client.txt": output("0x800b0109", "elsewhere.example.org")}
    )
    of_frames, alone = judge(case, RULE).findings
    assert "0x800b0109" not in of_frames.summary
    assert "elsewhere.example.org" in alone.title
    assert "No capture at hand shows where this client's attempt stopped" in alone.summary


def test_a_capture_in_which_it_works_silences_the_output(tmp_path: Path) -> None:
    assert judge(scene(tmp_path, output("0x274c")), RULE).findings == []


def test_a_name_that_says_nothing_is_known_by_the_output(tmp_path: Path) -> None:
    """Windows 7 offers usual suites: without the output nothing in these frames speaks of DirectAccess."""
    world = World([Point("client", at="client"), Link(5)])
    client = Host("10.1.0.5")
    Ask(
        world,
        client,
        Host("10.1.0.53"),
        (50900, 53),
        (dns_question(7, "www.example.com"), dns_answer(7, "www.example.com", "1.1.1.2")),
        0.0,
    )
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    Talk(world, client, Host("1.1.1.2"), [*pair.steps, Close("client")], (50001, 443), 0.2)
    case = open_case({"client": write_capture(tmp_path / "client.pcapng", world.captures()["client"])})
    assert judge(case, RULE).findings == []
    finding = only(with_logs(case, {"client.txt": output("0x80092013", "www.example.com")}), RULE)
    assert (finding.severity, finding.confidence, finding.facts["endpoint"]) == (
        Severity.ERROR,
        Confidence.HIGH,
        "www.example.com",
    )
    assert "CRYPT_E_REVOCATION_OFFLINE" in finding.summary


def test_an_output_that_was_taken_twice_is_told_once(tmp_path: Path) -> None:
    outputs = {
        "first.txt": d13.HTTPSTUNNEL,
        "second.txt": d13.HTTPSTUNNEL,
        "other.txt": output("0x274c", "da9.fabrikam.com"),
    }
    first, other = judge(with_logs(open_case(d13.build(tmp_path)), outputs), RULE).findings
    assert "0x800b0109" in first.summary
    assert other.title == "IP-HTTPS to https://da9.fabrikam.com:443/IPHTTPS does not connect: 0x274c (WSAETIMEDOUT)"


def test_the_rhythm_of_syns_and_the_code_make_it_an_error_of_medium_confidence(tmp_path: Path) -> None:
    case = with_logs(open_case(d14.build(tmp_path)), {"httpstunnel.txt": d14.HTTPSTUNNEL})
    finding = only(case, RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.MEDIUM)
    assert finding.title.startswith("DirectAccess of 192.168.99.7 stops")


SILENT, DA = ("192.168.178.30", 50100), ("203.0.113.9", 443)


def unanswered(folder: Path, address: str, *clients: str) -> Case:
    """Attempts of clients that no rhythm tells to be IP-HTTPS, without any lookup, and an output whose URL has an address."""
    rows = [Row(at_s, "c", "S") for at_s in (0.0, 1.0, 3.0, 7.0, 30.0)]
    sent = [frame for client in clients or SILENT[:1] for frame in frames(rows, (client, SILENT[1]), DA)]
    case = make_case(folder, {"client": sorted(sent, key=lambda frame: frame.time_ns)})
    return with_logs(case, {"client.txt": output("0x274c", address)})


def test_a_url_with_an_address_is_joined_with_the_attempts_to_it(tmp_path: Path) -> None:
    case = unanswered(tmp_path, "203.0.113.9")
    findings = {finding.rule: finding for finding in judge(case).findings}
    stopped = findings[RULE]
    assert (stopped.facts["stopped_at"], stopped.facts["last_error"]) == ("transport-connected", "0x274c")
    assert stopped.confidence is Confidence.HIGH
    assert "which fits" in stopped.summary
    assert stopped.id in findings["tcp-syn-unanswered"].explains
    assert not any("No capture at hand" in question.reason for question in judge(case).undecided)


def test_a_url_with_another_address_or_port_is_not(tmp_path: Path) -> None:
    elsewhere = unanswered(tmp_path, "203.0.113.10")
    other_port = unanswered(tmp_path, "203.0.113.9")
    other_port.logs.clear()
    with_logs(other_port, {"client.txt": output("0x274c", "203.0.113.9").replace(":443", ":8443")})
    for case in (elsewhere, other_port):
        assert "No capture at hand shows where this client's attempt stopped" in only(case, RULE).summary


def test_of_several_clients_at_that_address_none_is_taken_for_the_one_that_was_asked(tmp_path: Path) -> None:
    finding = only(unanswered(tmp_path, "203.0.113.9", "192.168.178.30", "192.168.178.31"), RULE)
    assert "No capture at hand shows" in finding.summary


@pytest.mark.parametrize(
    ("code", "advice", "capture"),
    [
        ("0x274c", "Test-NetConnection da1.contoso.com -Port 443", "whether the SYNs to port 443 arrive there"),
        ("0x800b0109", "netsh http show sslcert", "which certificate comes from which address"),
        ("0x2af9", "nslookup da1.contoso.com", "the lookups of the name"),
        ("0x274d", "IP-HTTPS listens there on port 443", "on the DirectAccess server"),
        ("0x80090326", "TLS_RSA_WITH_NULL_SHA", "whether a ServerHello answers the ClientHello"),
        ("0x643", "event logs", "on the DirectAccess server"),
    ],
)
def test_an_output_alone_says_what_its_code_says_and_what_to_capture(code: str, advice: str, capture: str) -> None:
    verdicts = judge(with_logs(Case([]), {"client.txt": output(code)}), RULE)
    (finding,), (open_question,) = verdicts.findings, verdicts.undecided
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.MEDIUM)
    assert "the error says at which step the client gave up, not why" in finding.summary
    assert advice in finding.fix[0]
    assert capture in open_question.capture_next
    assert [(piece.capture, piece.line) for piece in finding.evidence] == [("folder/client.txt", 5)]


def test_an_error_of_the_handshake_leaves_open_whether_suites_or_a_certificate_are_lacking() -> None:
    (finding,) = judge(with_logs(Case([]), {"client.txt": output("0x80090326")}), RULE).findings
    assert finding.facts["kind"] == "handshake"
    assert any("load balancer" in step for step in finding.fix)
    assert any("client certificate" in step for step in finding.fix)
    assert not any(
        "NULL" in step for step in judge(with_logs(Case([]), {"a.txt": output("0x274c")}), RULE).findings[0].fix
    )


def test_an_excerpt_alone_is_of_low_confidence() -> None:
    (finding,) = judge(with_logs(Case([]), {"client.txt": d14.HTTPSTUNNEL}), RULE).findings
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LOW)


def test_bindings_at_hand_say_where_the_certificate_is() -> None:
    case = with_logs(Case([]), {"client.txt": d13.HTTPSTUNNEL, "server.txt": d13.SSLCERT + d13.CERTUTIL})
    (finding,) = judge(case, RULE).findings
    assert "is bound to 1.1.1.1:443 on the server: see whether DNS gives the clients that address" in finding.summary
    assert {piece.capture for piece in finding.evidence} == {"folder/client.txt", "folder/server.txt"}


@pytest.mark.parametrize("status", ["IPHTTPS interface active", "IPHTTPS interface deactivated"])
def test_an_interface_that_is_up_or_off_stays_silent(status: str) -> None:
    verdicts = judge(with_logs(Case([]), {"client.txt": output("0x274c", status=status)}), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])
