"""Clients that close after a finished handshake: which of them may just not need the connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close, Reset, Step
from tests.support.tls_handshakes import ROOT, SERVER, TLS13, Pair, capture, client_context, issue, server_context
from tests.support.verdicts import open_case
from wireproof.messages.certificates import Certificate
from wireproof.rules.tls._handshakes import Handshake, handshakes
from wireproof.rules.tls._unused import is_used_elsewhere, may_be_unused, names_no_host, uses

EXPIRED = issue("www.example.com", ("www.example.com",), ROOT, valid_days=(-100, -1))


def made(
    issued: object = SERVER, name: str | None = "www.example.com", data: bool = False, **server: object
) -> list[Step]:
    pair = Pair(client_context(), server_context(issued, **server), name)  # type: ignore[arg-type]
    assert pair.handshake()
    if data:
        pair.exchange()
    return pair.steps


def found(folder: Path, *talks: list[Step]) -> list[Handshake]:
    return list(handshakes(open_case(capture(folder, *talks))))


@pytest.mark.parametrize("end", [Close("client"), Reset("client")], ids=["fin", "rst"])
@pytest.mark.parametrize("name", ["www.example.com", None], ids=["right-name", "no-name"])
def test_a_finished_handshake_that_nothing_speaks_against_may_be_unused(
    tmp_path: Path, name: str | None, end: Step
) -> None:
    (handshake,) = found(tmp_path, [*made(name=name), end])
    assert may_be_unused(handshake)


@pytest.mark.parametrize(
    "steps",
    [
        [*made(name="other.example.com"), Close("client")],
        [*made(EXPIRED), Close("client")],
        [*made()[:2], Close("client")],
        [*made(version=TLS13), Close("client")],
        [*made(data=True), Close("client")],
        [*made(), Close("server")],
    ],
    ids=["another-name", "expired", "in-the-handshake", "tls-1.3", "used", "server"],
)
def test_others_are_not(tmp_path: Path, steps: list[Step]) -> None:
    (handshake,) = found(tmp_path, steps)
    assert not may_be_unused(handshake)


def test_data_behind_the_same_certificate_or_one_not_shown_is_use_elsewhere(tmp_path: Path) -> None:
    quiet = [*made(), Close("client")]
    other = made(issue("other"), data=True)
    for turn, (talk, used) in enumerate(
        [(made(data=True), True), (made(version=TLS13, data=True), True), (other, False)]
    ):
        (tmp_path / str(turn)).mkdir()
        both = found(tmp_path / str(turn), quiet, talk)
        assert is_used_elsewhere(both[0], uses(both)) == used


@pytest.mark.parametrize(
    ("names", "none"),
    [
        (("www.example.com",), False),
        (("*.example.com",), False),
        (("UAGDAServer-FQDN",), False),
        (("2001:db8::1", "Default Web Site"), False),
        (("Default Web Site",), True),
        ((), True),
    ],
)
def test_a_name_with_spaces_is_no_hosts(names: tuple[str, ...], none: bool) -> None:
    assert names_no_host(Certificate("", b"", names=names)) == none
