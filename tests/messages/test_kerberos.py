"""Kerberos messages over TCP and UDP, with names instead of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asn1 import framed, krb_error, nt_status_data, reply, request
from tests.support.oracle import tshark_rows
from tests.support.said_over import datagram, opened, said
from wireproof.conversations import read_capture
from wireproof.messages.kerberos import KerberosMessage, measure
from wireproof.messages.said import Said
from wireproof.wire.kerberos_names import KINDS


def messages(folder: Path, frames: list[bytes]) -> list[KerberosMessage]:
    with opened(folder, frames) as tables:
        return list(Said(tables).kerberos)


@pytest.mark.parametrize("size", [7, 1400])
def test_messages_over_tcp_are_told_with_names(tmp_path: Path, size: int) -> None:
    asked = framed(request(12, sname="cifs/srv.corp", etypes=(18, 23)))
    answered = framed(krb_error(7, "cifs/srv.corp", data=nt_status_data(0xC0000225)))
    first, second = messages(tmp_path, said([("client", asked), ("server", answered)], ports=(50001, 88), size=size))
    assert (first.kind, first.sname, first.etypes) == (
        "TGS-REQ",
        "cifs/srv.corp",
        ("aes256-cts-hmac-sha1-96", "rc4-hmac"),
    )
    assert (second.kind, second.code, second.error) == ("KRB-ERROR", 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN")
    assert (second.nt_status, second.side) == ("STATUS_NOT_FOUND", 1)


def test_messages_over_udp_are_told_too(tmp_path: Path) -> None:
    asked = datagram("client", request(10, "bob", "krbtgt/CORP"), (50001, 88))
    first, second = messages(tmp_path, [asked, datagram("server", reply(11, "bob", "krbtgt/CORP"), (50001, 88))])
    assert (first.kind, first.cname, second.kind, second.ticket_etype) == (
        "AS-REQ",
        "bob",
        "AS-REP",
        "aes256-cts-hmac-sha1-96",
    )


def test_a_message_needs_its_length_to_agree() -> None:
    whole = framed(krb_error(6))
    assert measure(whole[:16]) == len(whole)
    assert measure(b"\0\0\0\x09" + whole[4:16]) is None
    assert measure(b"\0\0\0") is None


@pytest.mark.parametrize("name", ["offload-length/zeek__kerberos_tso.pcapng", "tls-keys/wiki_krb-816.cap"])
def test_real_captures_hold_the_messages_that_tshark_counts(
    captures: Path, program: Callable[[str], str], name: str
) -> None:
    tables = read_capture(captures / name)
    with tables.capture:
        ours = [message.kind for message in Said(tables).kerberos]
    # Tickets within requests and messages within SMB count apart.
    rows = tshark_rows(
        program("tshark"), captures / name, ("kerberos.msg_type",), "kerberos && !gss-api", occurrence="f"
    )
    assert sorted(ours) == sorted(KINDS[int(row[0])] for row in rows)
