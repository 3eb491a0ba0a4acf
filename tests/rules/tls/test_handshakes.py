"""Handshakes as the rules see them: once a conversation, and how their client gave up."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.opened import ring_of
from tests.support.path import Link, Part, Point
from tests.support.talk import Close, Reset, Send, Step
from tests.support.tls_handshakes import ROOT, SERVER, TLS12, TLS13, Pair, capture, client_context, server_context
from tests.support.verdicts import open_case, open_with_keys
from wireproof.rules.tls._handshakes import grouped, handshakes


def shaken() -> list[Step]:
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    return pair.steps


def test_a_conversation_that_two_points_show_is_looked_at_once_near_its_client(tmp_path: Path) -> None:
    path: list[Part] = [Point("client", at="client"), Link(5), Point("server", at="server")]
    case = open_case(capture(tmp_path, [*shaken(), Close("client")], path=path))
    found = list(handshakes(case))
    assert [one.point.name for one in found] == ["client"]
    assert (found[0].client, found[0].server, found[0].server_address) == ("10.1.0.5", "10.9.0.2:443", "10.9.0.2")
    assert found[0].own == ("client", 0)


def test_a_case_without_tls_has_none(tmp_path: Path) -> None:
    case = open_case(capture(tmp_path, [Send("client", b"hello"), Send("server", b"hello")], port=80))
    assert list(handshakes(case)) == []
    assert "tls" not in vars(case.points[0].said)  # nothing was read for it


ALERT = Send("client", bytes.fromhex("1503030002022a"))


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([*shaken()[:2], ALERT, Close("client")], "alert"),
        ([*shaken(), Close("client", 100)], "closed"),
        ([*shaken()[:2], Reset("client")], "closed"),
        ([*shaken(), Close("client", 20_000)], None),
        ([*shaken(), Close("server")], None),
        (shaken(), None),
        ([shaken()[0], Close("client")], None),
    ],
    ids=["alert", "close", "reset", "later", "server", "open", "no-certificate"],
)
def test_how_a_client_gave_up(tmp_path: Path, steps: list[Step], kind: str | None) -> None:
    (found,) = handshakes(open_case(capture(tmp_path, steps)))
    stop = found.stop()
    assert (stop.kind if stop else None) == kind
    assert stop is None or stop.after_ns > 0


def test_handshakes_are_grouped_in_order_of_the_first(tmp_path: Path) -> None:
    case = open_case(capture(tmp_path, shaken(), shaken(), shaken()))
    one, two, three = handshakes(case)
    assert list(grouped([(("b",), one), (("a",), two), (("b",), three)]).values()) == [[one, three], [two]]


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_an_opened_session_that_ends_in_good_order_without_data_gave_nothing_up(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    log = tmp_path / "keys.log"
    client = client_context([ROOT])
    client.keylog_filename = str(log)
    pair = Pair(client, server_context(SERVER, version=version), "www.example.com")
    assert pair.handshake()
    pair.close()
    case = open_with_keys(capture(tmp_path, pair.steps), ring_of(log.read_bytes()))
    (handshake,) = handshakes(case)
    assert any(message.kind == "finished" for message in handshake.session.messages)
    assert handshake.stop() is None
