"""What TLS messages hold in common is kept once."""

from __future__ import annotations

from pathlib import Path

from tests.support.tls_handshakes import ROOT, SERVER, Pair, capture, client_context, server_context
from tests.support.verdicts import open_case
from wireproof.messages.certificates import thumbprint
from wireproof.messages.tls_table import Store


def test_a_certificate_is_kept_once() -> None:
    store = Store()
    assert store.keep(SERVER.der) == store.keep(bytes(bytearray(SERVER.der))) == thumbprint(SERVER.der)
    assert store.keep(ROOT.der) != store.keep(SERVER.der)
    assert list(store.ders.values()) == [SERVER.der, ROOT.der]


def test_a_name_is_read_once() -> None:
    store, name = Store(), ROOT.certificate.subject.public_bytes()
    assert store.name(name) == "CN=Example Root CA"
    assert store.name(name) is store.name(bytes(bytearray(name)))


def test_a_table_opens_the_certificates_that_its_messages_name(tmp_path: Path) -> None:
    pair = Pair(client_context(), server_context(SERVER, (ROOT,)), "www.example.com")
    assert pair.handshake()
    table = open_case(capture(tmp_path, pair.steps)).points[0].said.tls
    (message,) = table.where(lambda one: one.kind == "certificate")
    assert [table.certificate(mark).common_name for mark in message.certificates] == [
        "www.example.com",
        "Example Root CA",
    ]
    assert table.certificate(message.certificates[0]) is table.certificate(message.certificates[0])
    assert table.tables.packets.number(message.row) > 4
