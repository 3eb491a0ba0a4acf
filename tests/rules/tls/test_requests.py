"""Lists of issuers at the limit, and what clients answer to a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    Pair,
    capture,
    client_context,
    issue,
    name_issuers,
    server_context,
)
from tests.support.verdicts import open_case
from wireproof.messages.tls_table import TlsMessage
from wireproof.rules.tls._handshakes import Handshake, handshakes
from wireproof.rules.tls._requests import answer, full_at, refusal


def request(size: int, names: int) -> TlsMessage:
    return TlsMessage(
        conversation=0, side=1, row=0, last_row=0, time_ns=0, kind="certificate_request", from_client=False,
        authorities=("CN=x",) * names, authorities_bytes=size,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("size", "names", "full"),
    [
        (16_384, 120, 16_384),
        (16_200, 120, 16_384),
        (12_100, 100, 12_228),
        (12_300, 100, 0),
        (16_100, 120, 0),
        (16_100, 40, 16_384),
        (17_000, 120, 0),
        (16_384, 0, 0),
    ],
)
def test_a_list_is_full_when_one_more_name_would_not_fit(size: int, names: int, full: int) -> None:
    assert full_at(request(size, names), 256) == full


def asked(folder: Path, own: object = None, require: bool = True) -> Handshake:
    pair = Pair(client_context(own=own), server_context(SERVER, ask=[ROOT], require=require), "www.example.com")  # type: ignore[arg-type]
    if pair.handshake():
        pair.exchange()
    steps = name_issuers(pair.steps, [ROOT.certificate.subject.public_bytes()])
    return next(handshakes(open_case(capture(folder, [*steps, Close("server")]))))


def test_what_the_client_answers_is_told(tmp_path: Path) -> None:
    missing = asked(tmp_path)
    assert (answer(missing), missing.carried_data) == ("empty", False)
    alert = refusal(missing)
    assert alert
    assert alert.alert == "handshake_failure"


def test_a_certificate_that_is_sent_and_one_that_is_not_needed(tmp_path: Path) -> None:
    sent = asked(tmp_path, issue("user", (), ROOT))
    assert (answer(sent), sent.carried_data, refusal(sent)) == ("sent", True, None)
    optional = asked(tmp_path, require=False)
    assert (answer(optional), optional.carried_data) == ("empty", True)


def test_without_an_answer_nothing_is_said(tmp_path: Path) -> None:
    pair = Pair(client_context(), server_context(SERVER, ask=[ROOT]), "www.example.com")
    pair.handshake()
    assert answer(next(handshakes(open_case(capture(tmp_path, pair.steps[:2]))))) == "nothing seen"
