"""LDAP requests and results, signed or not, over TCP and UDP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asn1 import (
    KERBEROS,
    bind,
    entry,
    equal,
    gss_token,
    krb_error,
    ldap,
    ntlm_authenticate,
    result,
    sasl_bind,
    search,
    spnego_response,
    tlv,
)
from tests.support.oracle import tshark_rows
from tests.support.said_over import datagram, opened, said
from wireproof.conversations import read_capture
from wireproof.messages.ldap import LdapMessage, windows_error
from wireproof.messages.said import Said

BIND_RESPONSE, DONE = 0x61, 0x65


def messages(folder: Path, lines: list[tuple[str, bytes]], size: int = 1400) -> list[LdapMessage]:
    with opened(folder, said(lines, ports=(50001, 389), size=size)) as tables:
        return list(Said(tables).ldap)


def signed(message: bytes) -> bytes:
    """Behind an NTLM signature."""
    token = b"\1\0\0\0" + bytes(12) + message
    return len(token).to_bytes(4, "big") + token


@pytest.mark.parametrize("size", [9, 1400])
def test_a_result_is_told_with_its_search(tmp_path: Path, size: int) -> None:
    lines = [("client", ldap(1, bind("cn=bob"))), ("server", ldap(1, result(BIND_RESPONSE, 0)))]
    lines += [("client", ldap(2, search("dc=corp", equal("cn", "x"), 3)))]
    lines += [("server", ldap(2, entry("cn=a")) + ldap(2, entry("cn=b")) + ldap(2, result(DONE, 4)))]
    found = messages(tmp_path, lines, size)
    assert [m.operation for m in found] == [
        "bindRequest", "bindResponse", "searchRequest", "searchResEntry", "searchResEntry", "searchResDone",
    ]  # fmt: skip
    last = found[-1]
    assert (last.result, last.code, last.dn, last.filter, last.entries, last.size_limit) == (
        "sizeLimitExceeded", 4, "dc=corp", "(cn=x)", 2, 3,
    )  # fmt: skip
    assert (last.request_row, last.waited_ns > 0, found[3].dn) == (found[2].row, True, "cn=a")


def test_active_directory_tells_the_windows_error(tmp_path: Path) -> None:
    text = "80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 775, v4563"
    lines = [("client", ldap(1, bind("CORP\\bob"))), ("server", ldap(1, result(BIND_RESPONSE, 49, text)))]
    last = messages(tmp_path, lines)[-1]
    assert (last.result, last.error, last.dn, last.mechanism) == (
        "invalidCredentials",
        "ERROR_ACCOUNT_LOCKED_OUT",
        "CORP\\bob",
        "simple",
    )


def test_windows_errors_stand_in_front_or_behind_data() -> None:
    assert windows_error("00002098: SecErr: DSID-03150BC1, problem 4003") == "ERROR_DS_INSUFF_ACCESS_RIGHTS"
    assert windows_error("80090346: LdapErr: DSID-0C09") == "SEC_E_BAD_BINDINGS"
    assert windows_error("no such user") == ""


def test_a_sasl_bind_names_user_and_kerberos_error(tmp_path: Path) -> None:
    lines = [
        ("client", ldap(1, sasl_bind("GSS-SPNEGO", ntlm_authenticate("bob")))),
        ("server", ldap(1, result(BIND_RESPONSE, 0))),
    ]
    assert [(m.user, m.mechanism) for m in messages(tmp_path, lines)] == [("CORP\\bob", "GSS-SPNEGO")] * 2
    token = spnego_response(gss_token(b"\3\0", krb_error(37)), mechanism=KERBEROS)
    lines[1] = ("server", ldap(1, result(BIND_RESPONSE, 49, token=token)))
    assert messages(tmp_path, lines)[1].kerberos_error == "KRB_AP_ERR_SKEW"


def test_signed_messages_are_read_and_sealed_ones_counted(tmp_path: Path) -> None:
    several = ldap(2, entry("cn=a")) + ldap(2, result(DONE, 0))
    lines = [("client", ldap(1, bind("cn=bob"))), ("client", signed(ldap(2, search("dc=corp", equal("cn", "x")))))]
    lines += [("server", signed(several)), ("client", signed(bytes(range(100, 150))))]
    assert [m.operation for m in messages(tmp_path, lines)] == [
        "bindRequest", "searchRequest", "searchResEntry", "searchResDone", "sealed",
    ]  # fmt: skip


def test_what_follows_start_tls_is_passed_over(tmp_path: Path) -> None:
    lines = [("client", ldap(1, tlv(0x77, tlv(0x80, b"1.3.6.1.4.1.1466.20037")))), ("server", ldap(1, result(0x78, 0)))]
    lines += [("client", b"\x16\x03\x01\x00\x05hello"), ("server", b"\x16\x03\x03\x00\x02ok")]
    found = messages(tmp_path, lines)
    assert [(m.operation, m.oid) for m in found] == [
        ("extendedReq", "1.3.6.1.4.1.1466.20037"), ("extendedResp", "1.3.6.1.4.1.1466.20037"),
    ]  # fmt: skip


def test_a_datagram_may_hold_several_messages(tmp_path: Path) -> None:
    asked = datagram("client", ldap(1, search("", equal("DnsDomain", "corp"))), (50001, 389))
    answered = datagram("server", ldap(1, entry("")) + ldap(1, result(DONE, 0)), (50001, 389))
    with opened(tmp_path, [asked, answered]) as tables:
        found = list(Said(tables).ldap)
    assert [(m.operation, m.code) for m in found] == [
        ("searchRequest", -1),
        ("searchResEntry", -1),
        ("searchResDone", 0),
    ]


@pytest.mark.parametrize("name", ["dcerpc-dcom/Wireshark__ntlm_ldap.pcapng", "two-sided/apt29_day2__NEWYORK.cap"])
def test_real_captures_hold_the_messages_that_tshark_counts(
    captures: Path, program: Callable[[str], str], name: str
) -> None:
    tables = read_capture(captures / name)
    with tables.capture:
        ours = sum(message.operation != "sealed" for message in Said(tables).ldap)
    rows = tshark_rows(program("tshark"), captures / name, ("ldap.protocolOp",), "ldap.protocolOp", occurrence="a")
    assert ours == sum(len(row[0].split(",")) for row in rows)
