"""What events say in words: ends, named codes, and nothing where nothing went wrong."""

from __future__ import annotations

import string
import uuid
from typing import Any

import pytest

from tests.support.etl_fields import pack_event_data
from wireproof.logs.etl_events import EtlFact, decode_event
from wireproof.logs.etl_layouts import LAYOUTS, TCPIP
from wireproof.logs.etl_layouts_services import DNS_CLIENT, IPHLPSVC, NCSI, SCHANNEL, SCHANNEL_EVENTS, WFP
from wireproof.logs.etl_wording import FAILURES, STATES, WORDS, say, tells
from wireproof.logs.tcpip_facts import KINDS

ENDS = {"local": ("10.0.0.1", 50000), "remote": ("2001:db8::2", 443)}
MADE = {"ends", "local", "remote", "way", "from", "to"}
"""Names in sentences that several fields make."""


def fact_of(provider: uuid.UUID, number: int, **values: Any) -> EtlFact:
    fact = decode_event(provider, number, pack_event_data(provider, number, **values))
    assert fact is not None
    return fact


def said(provider: uuid.UUID, number: int, **values: Any) -> str:
    fact = fact_of(provider, number, **values)
    return say(fact, fact.endpoint("local"), fact.endpoint("remote"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (said(TCPIP, 1044, **ENDS, status=0xC000020D), "10.0.0.1:50000 > [2001:db8::2]:443 shut down: STATUS_CONNECTION_RESET"),
        (
            said(WFP, 1001, **ENDS, layer=44, direction=0x3901, filter=7, application="a.exe"),
            "WFP: packet dropped (arriving), local 10.0.0.1:50000, remote [2001:db8::2]:443, layer receive/accept, filter 7, a.exe",
        ),
        (
            said(WFP, 1007, **ENDS, status=13805),
            "IPsec: quick mode failure, local 10.0.0.1:50000, peer [2001:db8::2]:443: ERROR_IPSEC_IKE_TIMED_OUT",
        ),
        (said(SCHANNEL, 36887, alert=48), "Schannel: fatal alert received: unknown_ca"),
        (said(SCHANNEL, 36888, alert=7, state=10), "Schannel: fatal alert sent: 7, state 10"),
        (said(SCHANNEL, 36876, status=0x800B0109), "Schannel: server's certificate not valid: CERT_E_UNTRUSTEDROOT"),
        (said(DNS_CLIENT, 3011, name="a.b", server="10.0.0.9", status=9003), "DNS: 10.0.0.9 answers for a.b: DNS_ERROR_RCODE_NAME_ERROR"),
        (said(NCSI, 4042, family=1, previous=2, capability=1), "NCSI: IPv6 capability changes from internet to local"),
        (said(IPHLPSVC, 4302, error=0x274C, reason=3), "IP-HTTPS server failed to start: WSAETIMEDOUT, reason 3"),
        (
            said(TCPIP, 1215, source_v4="10.0.0.1", destination_v4="10.0.0.2", packets=1, reason=9),
            "dropped at the network layer: 1 from 10.0.0.1 to 10.0.0.2, inspection drop",
        ),
        (said(TCPIP, 1214, packets=1, reason=4), "dropped at the transport layer: 1, local ?, remote ?, reason 4"),
        (said(TCPIP, 1004, tcb=0xAB), "connection ab sends its SYN"),
    ],
)  # fmt: skip
def test_an_event_in_words(text: str, words: str) -> None:
    assert text == words


def test_a_status_tells_something_where_it_is_an_error() -> None:
    done, refused = (fact_of(SCHANNEL_EVENTS, 514, status=status) for status in (0x00090312, 0x80090331))
    assert (tells(done), tells(refused)) == (False, True)
    assert say(refused, None, None) == "Schannel: handshake refused: SEC_E_ALGORITHM_MISMATCH"


def test_every_sentence_names_fields_that_its_event_has() -> None:
    layouts = [layout for known in LAYOUTS.values() for layouts in known.values() for layout in layouts]
    for name, words in {**WORDS, **FAILURES}.items():
        asked = {field for _, field, _, _ in string.Formatter().parse(words) if field} - MADE
        own = [layout for layout in layouts if layout.name == name]
        assert own, name
        for layout in own:
            assert asked <= {field.partition(":")[0] for field in layout.fields.split()}, name


def test_what_rules_ask_for_has_words() -> None:
    assert KINDS.keys() <= WORDS.keys()
    assert WORDS.keys() >= STATES
