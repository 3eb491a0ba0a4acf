"""Why a client refused a certificate, as Schannel in the same trace says: only where nothing else can be meant."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.capture.etl.logs import END, RECEIVE, SEND, START, TCPIP, Event, Header, make_log, ndis
from tests.support.etl_fields import pack_event_data
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Step, Talk
from tests.support.tls_handshakes import SERVER, TLS12, Pair, client_context, server_context
from tests.support.verdicts import only, open_case
from wireproof.finding import Confidence, Finding, Severity
from wireproof.logs.etl_layouts_services import SCHANNEL
from wireproof.rules.tls._schannel import ALERTS_ON_CERTIFICATES
from wireproof.wire.tls import ALERTS

RULE = "tls-closed-after-certificate"
CLIENT, FAR = "10.1.0.5", "10.9.0.2"
UNTRUSTED, OTHER_NAME, SENT = 36882, 36884, 36888
S = 1_000_000_000


def refused() -> list[Step]:
    """A handshake whose client closes without a word: finished, with nothing known against the certificate."""
    made = Pair(client_context(), server_context(SERVER, version=TLS12), "www.example.com")
    assert made.handshake()
    return [*made.steps, Close("client")]


def traced(
    folder: Path,
    events: Sequence[Event],
    talks: int = 1,
    at: str = CLIENT,
    apart_s: float = 10.0,
    beside: Sequence[Step] = (),
) -> Finding:
    """A trace of one host with its packets and these events, judged."""
    world = World([Point("client", at="client"), Link(5), Point("far", at="server")])
    for turn in range(talks):
        Talk(world, Host(CLIENT), Host(FAR), refused(), (50001 + turn, 443), turn * apart_s)
    if beside:
        Talk(world, Host(CLIENT), Host(FAR), list(beside), (50009, 8443))
    frames = list(world.captures()["client" if at == CLIENT else "far"])
    first = frames[0].time_ns
    own = bytes(map(int, at.split(".")))
    packets = [
        ndis(one.data, one.time_ns - first, START | END | (SEND if one.data[26:30] == own else RECEIVE))
        for one in frames
    ]
    path = folder / "client.etl"
    path.write_bytes(make_log([*packets, *events], header=Header(start_ns=first)))
    return only(open_case({"client": path}), RULE)


def said(number: int, at_ns: int = S // 10, **values: Any) -> Event:
    return Event(SCHANNEL, number, pack_event_data(SCHANNEL, number, **values), at_ns, process=700)


def owned(pid: int, port: int = 50001) -> Event:
    """The stack names the process of a connection."""
    ends = {"local": (CLIENT, port), "remote": (FAR, 443)}
    return Event(TCPIP, 1033, pack_event_data(TCPIP, 1033, pid=pid, **ends), 1)


def test_without_its_word_the_same_connection_is_information(tmp_path: Path) -> None:
    finding = traced(tmp_path, [])
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.LOW)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (said(UNTRUSTED, certificate=b"der"), "the certificate comes from an authority that is not trusted there"),
        (said(OTHER_NAME, name="www.example.com"), "the certificate is not for the expected name www.example.com"),
        (said(SENT, alert=48, state=1203), "it sent the fatal alert unknown_ca"),
    ],
)
def test_what_schannel_says_of_the_one_handshake_is_why(tmp_path: Path, event: Event, reason: str) -> None:
    finding = traced(tmp_path, [event])
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.MEDIUM)
    assert finding.summary.endswith(f"Schannel on that computer says why: {reason}.")
    assert [piece.line for piece in finding.evidence if piece.line] == [1]


def test_the_process_of_the_connection_makes_it_certain(tmp_path: Path) -> None:
    event = said(UNTRUSTED, pid=4172, process="C:\\a.exe", certificate=b"der")
    finding = traced(tmp_path, [owned(4172), event])
    assert (finding.confidence, finding.facts["schannel"]) == (Confidence.HIGH, "ServerCertificateUntrusted")


@pytest.mark.parametrize(
    "events",
    [
        [said(UNTRUSTED, at_ns=5 * S)],
        [said(OTHER_NAME, name="other.example.com")],
        [said(SENT, alert=40, state=1)],
        [said(36887, alert=48)],
        [owned(4172), said(UNTRUSTED, pid=99, process="C:\\b.exe")],
    ],
    ids=["later", "another-name", "not-of-certificates", "received", "another-process"],
)
def test_what_may_be_of_something_else_says_nothing(tmp_path: Path, events: list[Event]) -> None:
    assert traced(tmp_path, events).severity is Severity.INFO


def test_a_trace_of_the_server_says_nothing_of_the_client(tmp_path: Path) -> None:
    assert traced(tmp_path, [said(UNTRUSTED)], at=FAR).severity is Severity.INFO


def test_of_two_handshakes_at_once_the_process_tells_which_is_meant(tmp_path: Path) -> None:
    assert traced(tmp_path, [said(UNTRUSTED)], talks=2, apart_s=0.01).severity is Severity.INFO
    event = said(UNTRUSTED, pid=2, process="b.exe")
    finding = traced(tmp_path, [owned(1), owned(2, 50002), event], talks=2, apart_s=0.01)
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.HIGH)


def test_a_handshake_that_went_on_at_that_time_may_be_meant_too(tmp_path: Path) -> None:
    made = Pair(client_context(), server_context(SERVER, version=TLS12), "www.example.com")
    assert made.handshake()
    made.exchange()
    # To another port, so that it does not speak for the server whose certificate is refused.
    finding = traced(tmp_path, [said(UNTRUSTED)], beside=made.steps)
    assert finding.severity is Severity.INFO


def test_alerts_on_certificates_are_those_by_which_one_is_refused() -> None:
    names = {ALERTS[number] for number in ALERTS_ON_CERTIFICATES}
    assert {"bad_certificate", "unknown_ca", "certificate_expired", "certificate_unknown"} <= names
    assert not names & {"certificate_required", "handshake_failure", "no_certificate"}


def test_a_damaged_event_says_nothing(tmp_path: Path) -> None:
    event = said(UNTRUSTED)._replace(data=struct.pack("<I", 999))
    assert traced(tmp_path, [event]).severity is Severity.INFO
