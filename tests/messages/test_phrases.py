"""Messages in the words of Wireshark's Protocol and Info columns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from wireproof.messages.dhcp import DhcpMessage
from wireproof.messages.http_message import HttpMessage
from wireproof.messages.ike import IkeMessage
from wireproof.messages.kerberos import KerberosMessage
from wireproof.messages.phrases import TELLERS, tell_row
from wireproof.messages.rpc import RpcMessage
from wireproof.messages.said import TABLES, Said
from wireproof.messages.sip import SipMessage
from wireproof.messages.smb import SmbMessage
from wireproof.messages.stun import StunMessage
from wireproof.messages.table import Message, MessageTable
from wireproof.messages.tls_table import TlsMessage

PLACE: dict[str, Any] = {"conversation": 0, "side": 0, "row": 4, "last_row": 4, "time_ns": 0}


@pytest.mark.parametrize(
    ("table", "message", "words"),
    [
        (
            "tls",
            TlsMessage(kind="client_hello", from_client=True, record_version=0x301, server_name="a.example", **PLACE),
            ("TLSv1", "Client Hello (SNI=a.example)"),
        ),
        (
            "tls",
            TlsMessage(
                kind="alert", from_client=True, record_version=0x303, alert="unknown_ca", alert_level=2, **PLACE
            ),
            ("TLSv1.2", "Alert (Level: Fatal, Description: Unknown CA)"),
        ),
        (
            "http",
            HttpMessage(kind="response", version="1.1", status=504, reason="Gateway Timeout", **PLACE),
            ("HTTP", "HTTP/1.1 504 Gateway Timeout"),
        ),
        (
            "http",
            HttpMessage(kind="request", method="GET", target="/x", version="1.1", **PLACE),
            ("HTTP", "GET /x HTTP/1.1"),
        ),
        (
            "rpc",
            RpcMessage(
                kind="response",
                call_id=2,
                interface_name="epm",
                operation="ept_map",
                sequences=("ncacn_ip_tcp",),
                addresses=("10.1.1.7",),
                endpoints=("41376",),
                ports=(41376,),
                **PLACE,
            ),
            ("EPM", "Response: call_id: 2, epm ept_map, 10.1.1.7:41376"),
        ),
        (
            "rpc",
            RpcMessage(kind="response", call_id=2, interface_name="EPM", **PLACE),
            ("DCERPC", "Response: call_id: 2, EPM"),
        ),
        (
            "sip",
            SipMessage(method="INVITE", status=504, reason="Server time-out", **PLACE),
            ("SIP", "Status: 504 Server time-out (INVITE)"),
        ),
        (
            "stun",
            StunMessage(method="Allocate", kind="error", error=437, reason="Allocation Mismatch", **PLACE),
            ("STUN", "Allocate Error Response error-code: 437 (Allocation Mismatch)"),
        ),
        (
            "ike",
            IkeMessage(protocol="authip", exchange_name="notify", error=13825, error_name="NO_POLICY", **PLACE),
            ("AuthIP", "notify (NO_POLICY)"),
        ),
        (
            "dhcp",
            DhcpMessage(kind="DISCOVER", transaction=0xAB, **PLACE),
            ("DHCP", "DHCP Discover - Transaction ID 0xab"),
        ),
        (
            "kerberos",
            KerberosMessage(kind="KRB-ERROR", error="KRB_AP_ERR_SKEW", code=37, **PLACE),
            ("KRB5", "KRB Error: KRB_AP_ERR_SKEW"),
        ),
        (
            "smb",
            SmbMessage(
                version=2,
                command="SESSION_SETUP",
                is_response=True,
                code=0xC000006D,
                status="STATUS_LOGON_FAILURE",
                **PLACE,
            ),
            ("SMB2", "Session Setup Response, Error: STATUS_LOGON_FAILURE"),
        ),
    ],
)
def test_a_message_is_told_as_wireshark_tells_it(table: str, message: Message, words: tuple[str, str]) -> None:
    assert TELLERS[table](message) == words


def test_every_teller_is_for_a_table() -> None:
    assert set(TELLERS) <= set(TABLES)


class _Said:
    """Tables that are built already."""

    def __init__(self, *messages: HttpMessage) -> None:
        self.table = MessageTable(HttpMessage, messages)

    def built(self) -> list[tuple[str, MessageTable[HttpMessage]]]:
        return [("http", self.table)]


def told(row: int, *messages: HttpMessage) -> tuple[str, str] | None:
    return tell_row(cast("Said", _Said(*messages)), row)


def test_a_message_of_several_segments_is_told_where_it_ends_and_where_it_begins() -> None:
    message = HttpMessage(
        kind="request", method="POST", target="/", version="1.1", conversation=0, side=0, row=4, last_row=6, time_ns=0
    )
    assert told(4, message) == told(6, message) == ("HTTP", "POST / HTTP/1.1")
    assert told(5, message) is None


def test_a_frame_of_many_messages_names_the_first_ones() -> None:
    messages = [
        HttpMessage(kind="request", method="GET", target=f"/{turn}", version="1.1", **PLACE) for turn in range(9)
    ]
    words = told(4, *messages)
    assert words is not None
    assert words[1].startswith("GET /0 HTTP/1.1, GET /1 HTTP/1.1")
    assert words[1].endswith(" and 3 more")


def test_of_an_opened_record_what_it_holds_is_told_and_not_that_it_is_data() -> None:
    held = HttpMessage(kind="request", method="GET", target="/", version="1.1", **PLACE)
    record = TlsMessage(kind="application_data", from_client=True, record_version=0x0303, **PLACE)
    tables = {"http": MessageTable(HttpMessage, [held]), "tls": MessageTable(TlsMessage, [record])}
    both = SimpleNamespace(built=tables.items)
    assert tell_row(cast("Said", both), PLACE["row"]) == ("HTTP", "GET / HTTP/1.1")
    alone = SimpleNamespace(built={"tls": tables["tls"]}.items)
    assert tell_row(cast("Said", alone), PLACE["row"]) == ("TLSv1.2", "Application Data")
