"""LDAP requests and results give what they ask and answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.asn1 import (
    bind,
    context,
    entry,
    equal,
    integer,
    ldap,
    octets,
    result,
    sasl_bind,
    search,
    sequence,
    tlv,
)
from wireproof.wire.ber import unpack_element
from wireproof.wire.ldap import (
    BIND_RESPONSE,
    SEARCH_DONE,
    LdapFields,
    code_name,
    measure_ldap,
    render_filter,
    unpack_ldap,
)


def fields(operation: bytes) -> LdapFields:
    found = unpack_ldap(ldap(7, operation))
    assert found is not None
    assert found.message == 7
    return found


def text_of(wanted: bytes) -> str:
    element = unpack_element(wanted, 0, len(wanted))
    assert element is not None
    return render_filter(wanted, element)


def test_a_simple_bind_names_the_user_and_keeps_no_password() -> None:
    found = fields(bind("cn=bob,dc=corp", "secret"))
    assert (found.dn, found.mechanism, found.token) == ("cn=bob,dc=corp", "simple", b"")
    assert "secret" not in repr(found)
    assert fields(bind("", "")).mechanism == "anonymous"


def test_a_sasl_bind_keeps_its_token() -> None:
    found = fields(sasl_bind("GSS-SPNEGO", b"token"))
    assert (found.mechanism, found.token) == ("GSS-SPNEGO", b"token")


def test_a_search_tells_where_and_what() -> None:
    found = fields(search("dc=corp", context(0, equal("objectClass", "user"), equal("cn", "bob")), 1, "cn", "mail"))
    assert (found.dn, found.scope, found.size_limit) == ("dc=corp", "wholeSubtree", 1)
    assert (found.filter, found.attributes) == ("(&(objectClass=user)(cn=bob))", ("cn", "mail"))


def test_a_result_tells_code_and_text() -> None:
    found = fields(result(BIND_RESPONSE, 49, "80090308: LdapErr: data 52e, v4563\0", b"tok"))
    assert (found.code, code_name(49), found.token) == (49, "invalidCredentials", b"tok")
    assert found.text == "80090308: LdapErr: data 52e, v4563"


def test_entries_and_deletions_tell_their_names() -> None:
    assert fields(entry("cn=a,dc=corp")).dn == "cn=a,dc=corp"
    assert fields(tlv(0x4A, b"cn=b,dc=corp")).dn == "cn=b,dc=corp"
    assert fields(tlv(0x68, octets("cn=c,dc=corp"), sequence())).dn == "cn=c,dc=corp"
    assert fields(tlv(0x42)).operation == 0x42


def test_extended_operations_are_told_by_their_identifier() -> None:
    assert fields(tlv(0x77, tlv(0x80, b"1.3.6.1.4.1.1466.20037"))).oid == "1.3.6.1.4.1.1466.20037"
    found = fields(tlv(0x78, integer(2, 0x0A), octets(""), octets("no"), tlv(0x8A, b"1.2.3")))
    assert (found.code, found.oid) == (2, "1.2.3")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (tlv(0x87, b"mail"), "(mail=*)"),
        (context(2, equal("cn", "x")), "(!(cn=x))"),
        (context(1, equal("a", "1"), tlv(0xA5, octets("b"), octets("2"))), "(|(a=1)(b>=2))"),
        (context(4, octets("cn"), sequence(tlv(0x80, b"a"), tlv(0x81, b"b"), tlv(0x82, b"c"))), "(cn=a*b*c)"),
        (context(4, octets("cn"), sequence(tlv(0x81, b"b"))), "(cn=*b*)"),
        (context(9, tlv(0x81, b"1.2.840"), tlv(0x82, b"uac"), tlv(0x83, b"2")), "(uac:1.2.840:=2)"),
        (context(3, octets("guid"), octets(b"\xff\x00")), "(guid=\\ff\\00)"),
        (tlv(0x04, b"?"), "(?)"),
    ],
)
def test_filters_are_written_as_people_write_them(wanted: bytes, text: str) -> None:
    assert text_of(wanted) == text


def test_a_filter_nested_without_end_is_cut() -> None:
    wanted = equal("cn", "x")
    for _ in range(400):
        wanted = context(2, wanted)
    assert text_of(wanted) == "(!" * 8 + "(…)" + ")" * 8


def test_a_message_is_measured_only_where_one_begins() -> None:
    data = ldap(300, bind("cn=bob"))
    assert measure_ldap(data[:16]) == len(data)
    assert measure_ldap(sequence(integer(1), octets("public"))[:16]) is None
    assert measure_ldap(b"\x30\x84\0\0\0\x10\x04\1a") is None
    assert measure_ldap(b"") is None


@given(st.binary(max_size=120), st.integers(0, 120))
def test_any_change_of_a_message_gives_fields_or_none(noise: bytes, at: int) -> None:
    wholes = (
        ldap(1, search("dc=a", context(0, equal("a", "b")), 0, "cn")),
        ldap(2, result(SEARCH_DONE, 4)),
        ldap(3, sasl_bind("X", b"y")),
    )
    for whole in wholes:
        for data in (noise, whole[:at], whole[:at] + noise + whole[at + len(noise) :]):
            found = unpack_ldap(data)
            assert found is None or len(found.filter) <= 1024
            measure_ldap(data[:16])
