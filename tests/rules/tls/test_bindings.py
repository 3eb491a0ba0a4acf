"""Bindings beside a capture: which one has the right certificate, which was served, and what to bind or to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.filler import dns_answer, dns_question
from tests.support.files import write_capture
from tests.support.log_texts import with_logs
from tests.support.path import Link, Point, World
from tests.support.talk import Ask, Close, Host, Step, Talk
from tests.support.tls_handshakes import Issued, Pair, client_context, issue, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.case import Case
from wireproof.finding import Finding
from wireproof.messages.certificates import CertificateAtHand, read_certificate, thumbprint

RULE, NAME = "tls-name-mismatch", "da.contoso.com"
OTHER = issue("Default Web Site")
RIGHT = "ab" * 20
APP = "{5d8e2743-ef20-4d38-8751-7e400f200e65}"


def handshake(
    folder: Path, address: str = "203.0.113.7", sni: str | None = NAME, issued: Issued = OTHER, port: int = 443
) -> Case:
    """A client that asks DNS for the name, connects to the address it gets, and closes after the certificate."""
    world = World([Point("client", at="client"), Link(5)])
    six = ":" in address
    client = Host("2001:db8:1::5" if six else "10.1.0.5")
    if not six:
        question, answer = dns_question(7, NAME), dns_answer(7, NAME, address)
        Ask(world, client, Host("10.1.0.53"), (50900, 53), (question, answer), 0.0)
    pair = Pair(client_context(), server_context(issued), sni)
    assert pair.handshake()
    steps: list[Step] = [*pair.steps, Close("client")]
    Talk(world, client, Host(address), steps, (50001, port), 0.2)
    return open_case({"client": write_capture(folder / "client.pcapng", world.captures()["client"])})


def binding(end: str, hash_: str = RIGHT, by_name: bool = False) -> str:
    key = "Hostname:port" if by_name else "IP:port"
    return f"{key} : {end}\nCertificate Hash : {hash_}\nApplication ID : {APP}\nCertificate Store Name : MY\nNegotiate Client Certificate : Disabled\n\n"


def stored(
    hash_: str = RIGHT, name: str = NAME, until: str = "18/04/2040 16:49", key: str = "Key Container = x"
) -> str:
    spaced = " ".join(hash_[at : at + 2] for at in range(0, 40, 2))
    return (
        f"================ Certificate 1 ================\nSerial Number: 5485200900\nIssuer: CN=Contoso CA\nNotBefore: 18/04/2012 16:49\nNotAfter: {until}\n"
        f"Subject: CN={name}\nCert Hash(sha1): {spaced}\n{key}\n"
    )


def found(case: Case, *texts: str) -> Finding:
    return only(with_logs(case, {"server.txt": "".join(texts)}), RULE)


def served_hash() -> str:
    return thumbprint(OTHER.der)


def test_the_right_certificate_at_another_address_names_record_and_command(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path), binding("203.0.113.6:443"), stored())
    assert "is bound to 203.0.113.6:443, and da.contoso.com leads to 203.0.113.7" in finding.summary
    assert "No binding there has the one that 203.0.113.7:443 served" in finding.summary
    assert "change the A record of da.contoso.com from 203.0.113.7 to 203.0.113.6" in finding.fix[0]
    assert (
        f"`netsh http add sslcert ipport=203.0.113.7:443 certhash={RIGHT} appid={APP} certstorename=MY`"
        in finding.fix[1]
    )
    assert finding.facts["bound_right"] == ["203.0.113.6:443"]
    assert [(piece.capture, piece.line) for piece in finding.evidence if piece.line] == [
        ("folder/server.txt", 1),
        ("folder/server.txt", 13),
    ]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("203.0.113.6", "the host of that output has other addresses"),
        ("203.0.113.7", "a program that does not use HTTP.sys answers there"),
    ],
)
def test_ipconfig_beside_the_bindings_tells_whose_the_address_is(tmp_path: Path, address: str, told: str) -> None:
    ipconfig = f"Ethernet adapter Internet:\n\n   IPv4 Address. . . . . . . . . . . : {address}\n\n"
    assert told in found(handshake(tmp_path), ipconfig, binding("203.0.113.6:443"), stored()).summary


def test_the_binding_that_was_served_is_named_and_taken_away_first(tmp_path: Path) -> None:
    texts = binding("203.0.113.6:443"), binding("203.0.113.7:443", served_hash()), stored()
    finding = found(handshake(tmp_path), *texts)
    assert "The one served is that of the binding 203.0.113.7:443." in finding.summary
    assert "first `netsh http delete sslcert ipport=203.0.113.7:443`, then `netsh http add" in finding.fix[1]
    assert finding.facts["bound_served"] == ["203.0.113.7:443"]


def test_ipv6_addresses_are_named_in_brackets_with_their_record(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path, "2001:db8::7"), binding("[2001:db8::6]:443"), stored())
    assert "AAAA record of da.contoso.com from 2001:db8::7 to 2001:db8::6" in finding.fix[0]
    assert "ipport=[2001:db8::7]:443" in finding.fix[1]


def test_a_translated_address_is_a_matter_of_the_firewall(tmp_path: Path) -> None:
    texts = binding("10.0.0.6:443"), binding("10.0.0.7:443", served_hash()), stored()
    assert (
        "correct the translation of 8.8.4.7 on the firewall, so that it leads to 10.0.0.6"
        in found(handshake(tmp_path, "8.8.4.7"), *texts).fix[0]
    )


def test_a_binding_of_the_name_needs_sni(tmp_path: Path) -> None:
    texts = binding("da.contoso.com:443", by_name=True), binding("0.0.0.0:443", served_hash()), stored()
    finding = found(handshake(tmp_path, sni=None), *texts)
    assert "counts only for clients that send SNI; this one sent none" in finding.summary
    assert "ipport=203.0.113.7:443" in finding.fix[0]


def test_a_binding_of_the_address_goes_before_that_of_the_name(tmp_path: Path) -> None:
    texts = binding("da.contoso.com:443", by_name=True), binding("203.0.113.7:443", served_hash()), stored()
    finding = found(handshake(tmp_path), *texts)
    assert "a binding of the address itself, 203.0.113.7:443, goes before names" in finding.summary


def test_the_right_binding_here_and_another_certificate_served_points_at_something_between(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path), binding("0.0.0.0:443"), stored())
    assert "something else answers at 203.0.113.7:443 (a load balancer" in finding.summary
    assert "Find out what answers" in finding.fix[0]


def test_a_second_binding_elsewhere_does_not_hide_that_the_right_one_is_here(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path), binding("203.0.113.6:443"), binding("0.0.0.0:443"), stored())
    assert "binds the certificate for da.contoso.com to 0.0.0.0:443, and another one was served" in finding.summary
    assert "change the A record" not in " ".join(finding.fix)


@pytest.mark.parametrize(
    ("store", "first"),
    [
        (stored(until="18/04/2014 16:49"), "Renew the certificate"),
        (stored(key="No key provider information"), "Import"),
        (stored(key="(1.3.6.1.5.5.7.3.2)"), "issued for server authentication"),
    ],
    ids=["expired", "no-key", "usage"],
)
def test_a_certificate_that_is_not_fit_is_mended_first(tmp_path: Path, store: str, first: str) -> None:
    assert first in found(handshake(tmp_path), binding("203.0.113.6:443"), store).fix[0]


def test_without_the_store_the_bindings_are_told_and_nothing_is_guessed(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path), binding("203.0.113.6:443"))
    assert (
        f"binds {RIGHT} to 203.0.113.6:443; whose names these certificates have, `certutil -store -v my` tells"
        in finding.summary
    )
    assert not any("ipport=" in step for step in finding.fix)


def test_a_certificate_given_as_a_file_names_a_binding_too(tmp_path: Path) -> None:
    right = issue(NAME, (NAME,))
    case = handshake(tmp_path)
    case.certificates = [CertificateAtHand("right.cer", read_certificate(right.der))]
    finding = found(case, binding("203.0.113.6:443", thumbprint(right.der)))
    assert finding.facts["bound_right"] == ["203.0.113.6:443"]


def test_a_store_without_the_name_says_so(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path), binding("203.0.113.6:443"), stored(name="mail.contoso.com"))
    assert "No binding on port 443 in the output at hand has a certificate for da.contoso.com" in finding.summary
    assert "change the A record" not in " ".join(finding.fix)


def test_bindings_of_other_ports_say_nothing(tmp_path: Path) -> None:
    finding = found(handshake(tmp_path), binding("203.0.113.6:8443"), stored())
    assert "bound" not in finding.summary
    assert "bound_right" not in finding.facts


def test_a_certificate_that_fits_stays_silent_whatever_is_bound(tmp_path: Path) -> None:
    case = with_logs(
        handshake(tmp_path, issued=issue(NAME, (NAME,))), {"server.txt": binding("203.0.113.6:443") + stored()}
    )
    assert judge(case, RULE).findings == []
