"""What the lengths of encrypted records tell of TLS 1.3, in handshakes of OpenSSL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Send, Step
from tests.support.tls_handshakes import ROOT, SERVER, TLS13, Pair, capture, client_context, issue, server_context
from tests.support.verdicts import open_case
from wireproof.messages.tls_hidden import Hidden, read_hidden


def hidden(folder: Path, steps: list[Step]) -> Hidden:
    found = open_case(capture(folder, steps)).points[0].said.tls_sessions[0].hidden
    assert found
    return found


def talk(own: object = None, ask: bool = False, require: bool = True, data: bool = True) -> Pair:
    client = client_context(own=own)  # type: ignore[arg-type]
    server = server_context(SERVER, version=TLS13, ask=[ROOT] if ask else [], require=require)
    pair = Pair(client, server, "www.example.com")
    if pair.handshake() and data:
        pair.exchange()
        pair.close()
    return pair


def test_finished_and_data_are_told_apart(tmp_path: Path) -> None:
    found = hidden(tmp_path, talk().steps)
    assert found.finished
    assert found.data
    assert (found.finished.length, found.client_certificate, found.goodbye) == (69, "", True)
    assert found.data.row > found.finished.row
    assert (found.client_alert, found.refusal) == (None, None)


@pytest.mark.parametrize(("own", "told"), [(None, "empty"), (issue("user", (), ROOT), "sent")])
def test_a_client_certificate_shows_before_the_finished(tmp_path: Path, own: object, told: str) -> None:
    found = hidden(tmp_path, talk(own=own, ask=True, require=False).steps)
    assert (found.client_certificate, found.refusal) == (told, None)
    assert found.data


def test_a_servers_alert_answers_the_finished(tmp_path: Path) -> None:
    found = hidden(tmp_path, talk(ask=True).steps)
    assert found.refusal
    assert (found.refusal.from_client, found.refusal.length) == (False, 19)


def test_an_alert_in_place_of_the_finished_is_told(tmp_path: Path) -> None:
    steps = talk(data=False).steps[:2]
    found = hidden(tmp_path, [*steps, Send("client", b"\x17\x03\x03\x00\x13" + bytes(19))])
    assert found.client_alert
    assert found.finished is None


def test_without_any_record_nothing_is_told() -> None:
    assert read_hidden([], 0x1301) == Hidden()
