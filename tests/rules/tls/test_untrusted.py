"""tls-untrusted: certificates that one side refuses, and those that it accepts or refuses for another reason."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.files import write_capture
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Reset, Send, Step, Talk
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    TLS12,
    TLS13,
    Pair,
    capture,
    client_context,
    issue,
    server_context,
)
from tests.support.verdicts import judge, only, open_case
from wireproof.case import Case
from wireproof.finding import Confidence, Severity

RULE = "tls-untrusted"
PRIVATE = issue("Private CA", ca=True)
MIDDLE = issue("Private Issuing CA", (), PRIVATE, ca=True)
SELF = issue("www.example.com", ("www.example.com",))
UNKNOWN = issue("www.example.com", ("www.example.com",), PRIVATE)


def case(folder: Path, steps: list[Step]) -> Case:
    return open_case(capture(folder, steps))


def refused(issued: object = UNKNOWN, **client: object) -> list[Step]:
    """A client that knows only the root and checks during the handshake."""
    pair = Pair(client_context([ROOT], **client), server_context(issued), "www.example.com")  # type: ignore[arg-type]
    assert not pair.handshake()
    return [*pair.steps, Close("client")]


def closed(issued: object, chain: tuple[object, ...] = (), data: bool = False) -> list[Step]:
    """A client that checks after the handshake and closes, or goes on."""
    pair = Pair(client_context(), server_context(issued, chain), "www.example.com")  # type: ignore[arg-type]
    assert pair.handshake()
    if data:
        pair.exchange()
    return [*pair.steps, Close("client")]


def client_certificate(own: object, ask: object, version: ssl.TLSVersion = TLS12) -> list[Step]:
    """A server that asks for client certificates from one issuer; the client has one."""
    pair = Pair(client_context(own=own), server_context(SERVER, ask=[ask], version=version), "www.example.com")  # type: ignore[arg-type, list-item]
    pair.handshake()
    return [*pair.steps, Close("server")]


def test_unknown_ca_is_certain(tmp_path: Path) -> None:
    finding = only(case(tmp_path, refused()), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert (finding.facts["refused_by"], finding.facts["issuer"]) == ("client", "CN=Private CA")
    assert "does not show" in finding.summary


def test_where_other_connections_of_the_client_work_it_is_a_warning(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, refused(), closed(UNKNOWN, data=True))), RULE)
    assert finding.severity is Severity.WARNING


def test_in_tls_1_3_the_alert_speaks_for_the_certificate_that_is_hidden(tmp_path: Path) -> None:
    pair = Pair(client_context([ROOT]), server_context(UNKNOWN, version=TLS13), "www.example.com")
    assert not pair.handshake()
    finding = only(case(tmp_path, [*pair.steps, Close("client")]), RULE)
    assert (finding.facts["refused_by"], finding.confidence) == ("client", Confidence.HIGH)
    assert "does not show" in finding.summary


def at_servers(folder: Path, *talks: list[Step]) -> Case:
    """Conversations of one client with a server each."""
    world = World([Point("client", at="client"), Link(5)])
    for turn, steps in enumerate(talks):
        Talk(world, Host("10.1.0.5"), Host(f"10.9.0.{turn}"), steps, (50001 + turn, 443), float(turn))
    return open_case({"client": write_capture(folder / "client.pcapng", world.captures()["client"])})


def test_one_unknown_issuer_at_many_servers_is_one_finding(tmp_path: Path) -> None:
    finding = only(at_servers(tmp_path, *[refused() for _ in range(12)]), RULE)
    assert (finding.facts["servers"], finding.facts["count"]) == (12, 12)
    assert "certificates of 12 servers that CN=Private CA issued" in finding.title


def test_a_scanner_that_collects_certificates_is_silent(tmp_path: Path) -> None:
    scan = at_servers(tmp_path, *[closed(SELF) for _ in range(12)])
    assert judge(scan, RULE).findings == []
    assert [finding.severity for finding in judge(scan, "tls-closed-after-certificate").findings] == [Severity.INFO]


def stopped(issued: object, chain: tuple[object, ...] = ()) -> list[Step]:
    """A client that closes in the middle of the handshake, as soon as it has the certificate."""
    return [*closed(issued, chain)[:2], Close("client")]


@pytest.mark.parametrize(
    "steps", [stopped(SELF), closed(issue("Default Web Site"))], ids=["in-the-handshake", "wrong-name"]
)
def test_a_self_signed_certificate_before_a_close_is_likely(tmp_path: Path, steps: list[Step]) -> None:
    finding = only(case(tmp_path, steps), RULE)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.MEDIUM)


def test_a_certificate_without_its_issuer_is_a_guess(tmp_path: Path) -> None:
    finding = only(case(tmp_path, stopped(UNKNOWN)), RULE)
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LOW)
    assert "CN=Private CA" in finding.summary


def test_a_chain_with_its_own_root_is_a_guess_too(tmp_path: Path) -> None:
    finding = only(case(tmp_path, stopped(UNKNOWN, (PRIVATE,))), RULE)
    assert (finding.confidence, finding.facts["chain"]) == (Confidence.LOW, ["CN=www.example.com", "CN=Private CA"])


@pytest.mark.parametrize("chain", [(), (PRIVATE,)], ids=["alone", "with-its-root"])
def test_a_finished_handshake_for_the_right_name_is_silent(tmp_path: Path, chain: tuple[object, ...]) -> None:
    assert judge(case(tmp_path, closed(UNKNOWN, chain)), RULE).findings == []


def nameless(issued: object) -> list[Step]:
    """A client that sends no server name, finishes the handshake and closes."""
    pair = Pair(client_context(), server_context(issued), None)  # type: ignore[arg-type]
    assert pair.handshake()
    return [*pair.steps, Close("client")]


@pytest.mark.parametrize(
    "steps", [closed(SELF), nameless(issue("Default Web Site", (), PRIVATE))], ids=["self-signed", "of-no-host"]
)
def test_a_finished_handshake_with_a_certificate_of_its_own_kind_is_information(
    tmp_path: Path, steps: list[Step]
) -> None:
    finding = only(case(tmp_path, steps), RULE)
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.LOW)
    assert "may not trust" in finding.title
    assert "health check" in finding.summary


@pytest.mark.parametrize(
    "used", [closed(SELF, data=True), closed(issue("www.example.com", ("www.example.com",)), data=True)]
)
def test_a_certificate_that_the_client_uses_elsewhere_is_silent(tmp_path: Path, used: list[Step]) -> None:
    assert judge(open_case(capture(tmp_path, used, stopped(SELF))), RULE).findings == []


def test_another_certificate_that_the_client_uses_proves_nothing(tmp_path: Path) -> None:
    found = only(open_case(capture(tmp_path, closed(SERVER, data=True), stopped(SELF))), RULE)
    assert found.severity is Severity.WARNING


def test_the_worst_of_several_tells_of_all(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, stopped(UNKNOWN), refused())), RULE)
    assert (finding.severity, finding.confidence, finding.facts["count"]) == (Severity.ERROR, Confidence.HIGH, 2)


def test_beside_another_reason_the_guess_is_a_warning(tmp_path: Path) -> None:
    assert only(case(tmp_path, closed(issue("elsewhere.example.com", (), PRIVATE))), RULE).severity is Severity.WARNING


@pytest.mark.parametrize(
    "steps",
    [
        closed(SELF, data=True),
        closed(issue("www.example.com", ("www.example.com",), MIDDLE), (MIDDLE,)),
        refused(issue("other.example.com", ("other.example.com",), ROOT)),
        refused(issue("www.example.com", ("www.example.com",), ROOT, valid_days=(-100, -1))),
        closed(issue("www.example.com", ("www.example.com",), ROOT, valid_days=(-100, -1))),
    ],
    ids=["accepted", "with-its-issuer", "another-name", "expired", "expired-and-closed"],
)
def test_other_reasons_are_silent(tmp_path: Path, steps: list[Step]) -> None:
    assert judge(case(tmp_path, steps), RULE).findings == []


def test_a_close_after_a_minute_is_silent(tmp_path: Path) -> None:
    assert judge(case(tmp_path, [*closed(SELF)[:-1], Close("client", 60_000)]), RULE).findings == []


def test_a_server_that_closes_is_silent(tmp_path: Path) -> None:
    assert judge(case(tmp_path, [*closed(SELF)[:-1], Reset("server")]), RULE).findings == []


def test_a_server_may_refuse_the_clients_certificate(tmp_path: Path) -> None:
    finding = only(case(tmp_path, client_certificate(issue("user@example.com", (), PRIVATE), ROOT)), RULE)
    assert (finding.facts["refused_by"], finding.facts["subject"]) == ("server", "CN=user@example.com")
    assert finding.toward == "client"


def test_in_tls_1_3_a_servers_refusal_is_a_guess(tmp_path: Path) -> None:
    steps = client_certificate(issue("user@example.com", (), PRIVATE), ROOT, TLS13)
    finding = only(case(tmp_path, steps), RULE)
    assert (finding.severity, finding.confidence, finding.facts["refused_by"]) == (
        Severity.WARNING,
        Confidence.LOW,
        "server",
    )
    taken = client_certificate(issue("user@example.com", (), ROOT), ROOT, TLS13)
    assert judge(case(tmp_path / "..", taken), RULE).findings == []


def test_a_client_certificate_that_is_taken_is_silent(tmp_path: Path) -> None:
    assert judge(case(tmp_path, client_certificate(issue("user@example.com", (), ROOT), ROOT)), RULE).findings == []


def test_a_revoked_certificate_is_named_by_the_alert(tmp_path: Path) -> None:
    revoked = Send("client", bytes.fromhex("15 03 03 00 02 02 2c"))
    finding = only(case(tmp_path, [*closed(SERVER)[:2], revoked, Close("client")]), RULE)
    assert "certificate_revoked" in finding.summary
