"""tls-name-mismatch: certificates for another name than the client wants, and what only looks like it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from examples.filler import dns_answer, dns_question
from tests.support.files import write_capture
from tests.support.path import Link, Point, World
from tests.support.talk import Ask, Close, Host, Send, Step, Talk
from tests.support.tls_handshakes import ROOT, SERVER, TLS13, Pair, capture, client_context, issue, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

RULE = "tls-name-mismatch"
OTHER = issue("Default Web Site")


def alerted(name: str = "www.example.com") -> list[Step]:
    """A client that checks names gets a certificate for another one from an issuer that it trusts."""
    pair = Pair(client_context([ROOT]), server_context(issue("mail.example.com", ("mail.example.com",), ROOT)), name)
    assert not pair.handshake()
    return [*pair.steps, Close("client")]


def closed(name: str | None, issued: object = OTHER, data: bool = False) -> list[Step]:
    """A client that checks nothing during the handshake; it closes right after it, or goes on."""
    pair = Pair(client_context(), server_context(issued), name)  # type: ignore[arg-type]
    assert pair.handshake()
    if data:
        pair.exchange()
    return [*pair.steps, Close("client")]


def case(folder: Path, *talks: list[Step]) -> Case:
    return open_case(capture(folder, *talks))


def with_dns(
    folder: Path, steps: list[Step], *asked: tuple[str, str], ask_at_s: float = 0.0, start_s: float = 0.2
) -> Case:
    """A DNS question and answer (name, address) each, then a conversation of the same client with 1.1.1.2."""
    world = World([Point("client", at="client"), Link(5)])
    client = Host("10.1.0.5")
    for turn, (name, address) in enumerate(asked):
        question, answer = dns_question(7 + turn, name), dns_answer(7 + turn, name, address)
        Ask(world, client, Host("10.1.0.53"), (50900 + turn, 53), (question, answer), ask_at_s)
    Talk(world, client, Host("1.1.1.2"), steps, (50001, 443), start_s)
    return open_case({"client": write_capture(folder / "client.pcapng", world.captures()["client"])})


def test_a_client_that_refuses_the_name_by_an_alert_is_an_error(tmp_path: Path) -> None:
    finding = only(case(tmp_path, alerted()), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert (finding.facts["wanted"], finding.facts["wanted_from"]) == ("www.example.com", "sni")
    assert finding.facts["names"] == ["mail.example.com"]
    assert len(finding.evidence) == 3


def test_a_client_that_closes_after_the_handshake_is_an_error_too(tmp_path: Path) -> None:
    finding = only(case(tmp_path, closed("www.example.com")), RULE)
    assert finding.severity is Severity.ERROR
    assert "Default Web Site" in finding.title
    assert "closed the connection" in finding.summary


def test_a_client_that_goes_on_is_information(tmp_path: Path) -> None:
    assert only(case(tmp_path, closed("www.example.com", data=True)), RULE).severity is Severity.INFO


def test_without_sni_the_dns_answer_tells_the_name(tmp_path: Path) -> None:
    finding = only(with_dns(tmp_path, closed(None), ("UAGDAServer-FQDN", "1.1.1.2")), RULE)
    assert (finding.facts["wanted"], finding.facts["wanted_from"]) == ("UAGDAServer-FQDN", "dns")
    assert finding.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    ("asked", "ask_at_s", "start_s"),
    [((), 0.0, 0.2), ((("other.example.com", "1.1.1.9"),), 0.0, 0.2), ((("www.example.com", "1.1.1.2"),), 5.0, 0.2)],
    ids=["no-dns", "another-address", "asked-later"],
)
def test_without_any_name_it_is_silent(
    tmp_path: Path, asked: tuple[tuple[str, str], ...], ask_at_s: float, start_s: float
) -> None:
    assert judge(with_dns(tmp_path, closed(None), *asked, ask_at_s=ask_at_s, start_s=start_s), RULE).findings == []


def test_one_of_several_names_of_an_address_is_enough(tmp_path: Path) -> None:
    steps = closed(None, SERVER)
    assert (
        judge(
            with_dns(tmp_path, steps, ("www.example.com", "1.1.1.2"), ("intranet.example.com", "1.1.1.2")), RULE
        ).findings
        == []
    )


@pytest.mark.parametrize("name", ["www.example.com", "WWW.Example.com", "a.wild.example.com", "example.com"])
def test_a_name_that_fits_is_silent(tmp_path: Path, name: str) -> None:
    issued = issue("anything", ("www.example.com", "example.com", "*.wild.example.com"))
    assert judge(case(tmp_path, closed(name, issued)), RULE).findings == []


@pytest.mark.parametrize("name", ["a.b.wild.example.com", "wild.example.com", "wwww.example.com"])
def test_a_wildcard_stands_for_one_label(tmp_path: Path, name: str) -> None:
    issued = issue("anything", ("www.example.com", "*.wild.example.com"))
    assert only(case(tmp_path, closed(name, issued)), RULE).facts["wanted"] == name


def test_encrypted_certificates_are_not_judged(tmp_path: Path) -> None:
    pair = Pair(client_context(), server_context(OTHER, version=TLS13), "www.example.com")
    pair.handshake()
    assert judge(case(tmp_path, [*pair.steps, Close("client")]), RULE).findings == []


def test_a_client_that_gives_another_reason_makes_it_a_warning(tmp_path: Path) -> None:
    steps = closed("www.example.com")
    expired = bytes.fromhex("15030300020200")[:6] + bytes([45])
    assert (
        only(case(tmp_path, [*steps[:2], Send("client", expired), Close("client")]), RULE).severity is Severity.WARNING
    )


def test_a_hundred_connections_are_one_finding(tmp_path: Path) -> None:
    steps = closed("www.example.com")
    finding = only(open_case(capture(tmp_path, *[steps] * 100, apart_s=1.0)), RULE)
    assert finding.facts["count"] == 100
    assert len(finding.evidence) <= 4


def test_a_certificate_that_is_made_anew_each_time_is_one_finding(tmp_path: Path) -> None:
    finding = only(case(tmp_path, *[closed("www.example.com", issue("Default Web Site")) for _ in range(3)]), RULE)
    assert finding.title.endswith("(3 connections)")
    assert len(finding.conversations) == 3


def test_a_single_connection_is_not_counted(tmp_path: Path) -> None:
    assert "connection" not in only(case(tmp_path, closed("www.example.com")), RULE).title


def test_a_name_with_spaces_is_printed_as_it_is(tmp_path: Path) -> None:
    served = issue("Default Web Site", ("Default Web Site",))
    assert "for Default Web Site instead of" in only(case(tmp_path, closed("www.example.com", served)), RULE).title


def test_a_name_behind_a_proxy_is_that_of_the_connect_request(tmp_path: Path) -> None:
    steps = [
        Send("client", b"CONNECT shop.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
        Send("server", b"HTTP/1.1 200 OK\r\n\r\n"),
        *closed(None),
    ]
    finding = only(case(tmp_path, steps), RULE)
    assert (finding.facts["wanted"], finding.facts["wanted_from"]) == ("shop.example.com", "connect")


def test_an_address_as_name_is_silent(tmp_path: Path) -> None:
    steps = [
        Send("client", b"CONNECT 10.9.0.2:443 HTTP/1.1\r\n\r\n"),
        Send("server", b"HTTP/1.1 200 OK\r\n\r\n"),
        *closed(None),
    ]
    assert judge(case(tmp_path, steps), RULE).findings == []


def test_findings_have_one_cause_a_certificate(tmp_path: Path) -> None:
    finding = only(case(tmp_path, closed("www.example.com")), RULE)
    assert dataclasses.asdict(finding)["cause"][1] == "www.example.com"
