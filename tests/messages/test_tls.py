"""The table of TLS messages, from handshakes that OpenSSL made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.talk import Close, Reset, Send
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    TLS10,
    TLS12,
    TLS13,
    Pair,
    capture,
    client_context,
    issue,
    name_issuers,
    server_context,
)
from tests.support.verdicts import open_case
from wireproof.messages.tls_table import TlsMessage, TlsTable


def read(folder: Path, *talks: object, port: int = 443) -> TlsTable:
    """The TLS messages of conversations."""
    return open_case(capture(folder, *talks, port=port)).points[0].said.tls  # type: ignore[arg-type]


def kinds(messages: list[TlsMessage], from_client: bool) -> list[str]:
    return [message.kind for message in messages if message.from_client == from_client]


def talk(version: object = TLS12, name: str | None = "www.example.com") -> Pair:
    pair = Pair(client_context([ROOT]), server_context(SERVER, version=version), name)  # type: ignore[arg-type]
    assert pair.handshake()
    pair.exchange()
    pair.close()
    return pair


def test_a_handshake_of_tls_1_2_is_told_message_by_message(tmp_path: Path) -> None:
    table = read(tmp_path, talk().steps)
    assert kinds(list(table), True) == [
        "client_hello", "client_key_exchange", "change_cipher_spec", "encrypted_handshake", "application_data", "encrypted_alert",
    ]  # fmt: skip
    assert kinds(list(table), False) == [
        "server_hello", "certificate", "server_key_exchange", "server_hello_done", "new_session_ticket", "change_cipher_spec",
        "encrypted_handshake", "application_data",
    ]  # fmt: skip
    assert not any(message.cut for message in table)


def test_the_hellos_fields_are_those_of_openssl(tmp_path: Path) -> None:
    pair = talk()
    hello, answer = (
        next(m for m in read(tmp_path, pair.steps) if m.kind == kind) for kind in ("client_hello", "server_hello")
    )
    assert hello.server_name == "www.example.com"
    assert 0x0304 in hello.versions
    assert (hello.version, answer.version) == (0x0304, 0x0303)
    assert {suite & 0xFFFF for suite in hello.suites} >= {
        one["id"] & 0xFFFF for one in pair.client.context.get_ciphers() if "ECDSA-AES" in one["name"]
    }
    shared = pair.client.cipher()
    assert shared
    assert [one["id"] & 0xFFFF for one in pair.client.context.get_ciphers() if one["name"] == shared[0]] == [
        answer.suite
    ]
    assert len(hello.random) == 64
    assert (hello.version_name, answer.version_name) == ("TLS 1.3", "TLS 1.2")
    assert answer.suite_names[0] in hello.suite_names


def test_certificates_are_read_once_and_by_thumbprint(tmp_path: Path) -> None:
    table = read(tmp_path, talk().steps, talk().steps)
    marks = [message.certificates for message in table if message.kind == "certificate"]
    assert len(marks) == 2
    assert marks[0] == marks[1]
    certificate = table.certificate(marks[0][0])
    assert (certificate.names, certificate.der) == (("www.example.com", "example.com"), SERVER.der)


def test_tls_1_3_shows_hellos_and_sizes_only(tmp_path: Path) -> None:
    table = read(tmp_path, talk(TLS13).steps)
    assert kinds(list(table), True)[:2] == ["client_hello", "change_cipher_spec"]
    assert set(kinds(list(table), False)) == {"server_hello", "change_cipher_spec", "application_data"}
    assert next(m for m in table if m.kind == "server_hello").version == 0x0304


def test_a_null_suite_shows_the_finished_messages(tmp_path: Path) -> None:
    contexts = (
        client_context(suites="NULL-SHA256:ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0", version=TLS12),
        server_context(SERVER, suites="ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"),
    )
    pair = Pair(*contexts)
    assert pair.handshake()
    pair.exchange()
    pair.close()
    found = list(read(tmp_path, pair.steps))
    assert [m.kind for m in found].count("finished") == 2
    assert [(m.alert_level, m.alert) for m in found if m.kind == "alert"] == [(1, "close_notify")]


def test_an_alert_in_clear_has_its_name(tmp_path: Path) -> None:
    pair = Pair(client_context([issue("Other Root", ca=True)]), server_context(SERVER), "www.example.com")
    assert not pair.handshake()
    alert = next(m for m in read(tmp_path, [*pair.steps, Reset("client")]) if m.kind == "alert")
    assert (alert.from_client, alert.alert_level, alert.alert) == (True, 2, "unknown_ca")


def test_a_request_for_a_client_certificate_names_the_issuers(tmp_path: Path) -> None:
    roots = [ROOT, issue("Second Root", ca=True, organisation="Example, Inc.")]
    pair = Pair(client_context(), server_context(SERVER, ask=roots), "www.example.com")
    assert not pair.handshake()
    names = [root.certificate.subject.public_bytes() for root in roots]
    request = next(m for m in read(tmp_path, name_issuers(pair.steps, names)) if m.kind == "certificate_request")
    assert request.authorities == ("CN=Example Root CA", "O=Example\\, Inc.,CN=Second Root")
    assert request.authorities_bytes == sum(2 + len(name) for name in names)


@pytest.mark.parametrize(
    ("prologue", "inside"),
    [
        (
            [
                ("server", b"220 mail ESMTP\r\n"),
                ("client", b"EHLO me\r\n"),
                ("server", b"250 STARTTLS\r\n"),
                ("client", b"STARTTLS\r\n"),
                ("server", b"220 go\r\n"),
            ],
            "starttls",
        ),
        (
            [("client", b"CONNECT www.example.com:443 HTTP/1.1\r\n\r\n"), ("server", b"HTTP/1.1 200 OK\r\n\r\n")],
            "http-connect",
        ),
        (
            [
                ("client", b"\x05\x01\x00"),
                ("server", b"\x05\x00"),
                ("client", b"\x05\x01\x00\x01\x0a\x09\x00\x02\x01\xbb"),
                ("server", b"\x05\x00\x00\x01" + bytes(6)),
            ],
            "socks",
        ),
        ([("client", b"\0\0\0\x08\x04\xd2\x16\x2f"), ("server", b"S")], "postgresql"),
    ],
    ids=["smtp", "proxy", "socks", "postgresql"],
)
def test_tls_within_another_protocol_is_found(tmp_path: Path, prologue: list[tuple[str, bytes]], inside: str) -> None:
    steps = [Send(by, data) for by, data in prologue]
    table = read(tmp_path, [*steps, *talk().steps], port=8080)
    assert [m.kind for m in table][:2] == ["client_hello", "server_hello"]
    assert {m.inside for m in table} == {inside}


def test_tls_in_the_packets_of_sql_server_is_found(tmp_path: Path) -> None:
    def packed(kind: int, data: bytes) -> bytes:
        return bytes([kind, 1]) + (len(data) + 8).to_bytes(2, "big") + bytes(4) + data

    pair = talk()
    steps = [Send("client", packed(0x12, bytes(30))), Send("server", packed(0x04, bytes(30)))]
    shaken = 4  # both hellos and both Finished travel in PRELOGIN packets, what follows is bare
    steps += [
        Send(step.by, packed(0x12, step.data))
        for step in pair.steps[:shaken]
        if isinstance(step, Send) and isinstance(step.data, bytes)
    ]
    table = read(tmp_path, [*steps, *pair.steps[shaken:]], port=1433)
    assert {m.inside for m in table} == {"tds"}
    assert kinds(list(table), True)[:4] == [
        "client_hello",
        "client_key_exchange",
        "change_cipher_spec",
        "encrypted_handshake",
    ]
    assert "application_data" in kinds(list(table), True)


def test_a_hello_in_front_of_something_else_ends_as_not_tls(tmp_path: Path) -> None:
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    pair.handshake()
    table = read(tmp_path, [pair.steps[0], Send("server", b"HTTP/1.1 400 Bad Request\r\n\r\n"), Close("server")])
    assert [m.kind for m in table] == ["client_hello", "not_tls"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 1400), st.integers(0, 255)), min_size=1, max_size=8),
    st.sampled_from([TLS10, TLS12]),
)
def test_damaged_handshakes_are_read_as_far_as_they_go(
    tmp_path: Path, damage: list[tuple[int, int]], version: object
) -> None:
    pair = talk(version)
    steps = []
    for step in pair.steps[:4]:
        assert isinstance(step, Send)
        assert isinstance(step.data, bytes)
        data = bytearray(step.data)
        for at, value in damage:
            data[at % len(data)] = value
        steps.append(Send(step.by, bytes(data)))
    table = read(tmp_path, steps)
    assert len(table) < 60
    assert all(0 <= message.row <= message.last_row for message in table)
    assert all(table.certificate(mark).thumbprint == mark for message in table for mark in message.certificates)
