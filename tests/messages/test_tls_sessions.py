"""What handshakes agreed on and how they ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close, Reset, Send, Step
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
from tests.support.verdicts import open_case
from wireproof.messages.tls_sessions import TlsSession, TlsSessions


def sessions(folder: Path, *talks: list[Step]) -> TlsSessions:
    return open_case(capture(folder, *talks)).points[0].said.tls_sessions


def session(folder: Path, steps: list[Step]) -> TlsSession:
    return sessions(folder, steps)[0]


def shaken(version: object = TLS12) -> Pair:
    pair = Pair(client_context([ROOT]), server_context(SERVER, version=version), "www.example.com")  # type: ignore[arg-type]
    assert pair.handshake()
    return pair


def used(version: object = TLS12) -> list[Step]:
    pair = shaken(version)
    pair.exchange()
    pair.close()
    return pair.steps


def test_a_session_has_name_version_suite_and_chain(tmp_path: Path) -> None:
    found = session(tmp_path, used())
    assert (found.server_name, found.version, found.completed, found.resumed) == (
        "www.example.com",
        0x0303,
        True,
        False,
    )
    assert [one.title for one in found.certificates] == ["www.example.com"]
    assert found.suite in found.offered
    assert 0x00FF not in found.offered
    assert 0 < found.certificate_row < found.encrypted_from < found.application_from < found.end_row
    assert (found.ended_by, found.end_kind) == ("client", "fin")


def test_tls_1_3_hides_the_chain_and_shows_that_data_passed(tmp_path: Path) -> None:
    found = session(tmp_path, used(TLS13))
    assert (found.version, found.completed, found.certificates) == (0x0304, True, ())
    assert found.application_from > found.encrypted_from > 0


def test_a_session_without_data_has_none(tmp_path: Path) -> None:
    assert [session(tmp_path, [*shaken().steps, Close("client")]).application_from] == [-1]


def test_a_resumed_session_is_told_from_a_new_one(tmp_path: Path) -> None:
    client, server = client_context([ROOT], version=TLS12), server_context(SERVER)
    first = Pair(client, server, "www.example.com")
    assert first.handshake()
    first.exchange()
    second = Pair(client, server, "www.example.com", session=first.client.session)
    assert second.handshake()
    second.exchange()
    found = sessions(tmp_path, first.steps, second.steps)
    assert [one.resumed for one in found.values()] == [False, True]
    assert [one.completed for one in found.values()] == [True, True]


def test_an_alert_ends_an_incomplete_session(tmp_path: Path) -> None:
    pair = Pair(client_context([issue("Other Root", ca=True)]), server_context(SERVER), "www.example.com")
    assert not pair.handshake()
    found = session(tmp_path, [*pair.steps, Reset("client")])
    assert ([alert.alert for alert in found.alerts], found.completed) == (["unknown_ca"], False)
    assert (found.ended_by, found.end_kind) == ("client", "rst")


@pytest.mark.parametrize(("own", "sent"), [(issue("user", (), ROOT), 1), (None, 0)], ids=["certificate", "none"])
def test_the_clients_certificate_and_the_request_are_kept(tmp_path: Path, own: object, sent: int) -> None:
    pair = Pair(client_context(own=own), server_context(SERVER, ask=[ROOT], require=False), "www.example.com")  # type: ignore[arg-type]
    assert pair.handshake()
    found = session(tmp_path, pair.steps)
    assert found.request
    assert found.client_certificate
    assert len(found.client_certificates) == sent


def test_a_hello_as_camouflage_is_no_session(tmp_path: Path) -> None:
    hello, answer = shaken().steps[:2]
    assert isinstance(answer, Send)
    assert isinstance(answer.data, bytes)
    size = 5 + int.from_bytes(answer.data[3:5], "big")
    found = session(
        tmp_path,
        [
            hello,
            Send("server", answer.data[:size]),
            Send("client", b"\x02\0\0\x28" + bytes(40)),
            Send("server", b"\x02\0\0\x28" + bytes(40)),
        ],
    )
    assert found.pseudo
    assert not session(tmp_path, used()).pseudo


def test_a_session_holds_its_messages(tmp_path: Path) -> None:
    paths = capture(tmp_path, used())
    case = open_case(paths)
    messages = case.points[0].said.tls
    assert {m.from_client for m in messages} == {True, False}
    found = case.points[0].said.tls_sessions[0]
    assert found.client_side == 0
    assert list(found.messages) == messages.of(0)


def test_a_handshake_within_the_session_is_a_renegotiation(tmp_path: Path) -> None:
    steps = used()
    again = Send("client", b"\x16\x03\x03\x00\x40" + bytes(64))
    assert session(tmp_path, [*steps[:-2], again, *steps[-2:]]).renegotiated_row > 0
    assert session(tmp_path, steps).renegotiated_row == -1
    # Next Protocol Negotiation stood encrypted before the Finished.
    keys = steps[2]
    assert isinstance(keys, Send)
    assert isinstance(keys.data, bytes)
    place = keys.data.index(b"\x14\x03\x03\x00\x01") + 6
    before = Send("client", keys.data[:place] + again.data + keys.data[place:])  # type: ignore[operator]
    assert session(tmp_path, [*steps[:2], before, *steps[3:]]).renegotiated_row == -1
