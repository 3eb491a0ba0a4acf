"""Kerberos messages give what is in clear in them, and any bytes give something or None."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.asn1 import context as ctx
from tests.support.asn1 import (
    framed,
    gss_token,
    integer,
    krb_error,
    nt_status_data,
    octets,
    reply,
    request,
    sequence,
    ticket,
    tlv,
)
from wireproof.wire.kerberos import measure_kerberos, unpack_gss_kerberos, unpack_kerberos
from wireproof.wire.kerberos_names import AS_REP, AS_REQ, KRB_ERROR, TGS_REQ

NOON_NS = 1_772_366_400 * 10**9


def test_a_request_tells_who_wants_what() -> None:
    fields = unpack_kerberos(request(AS_REQ, "bob", "krbtgt/CORP", etypes=(18, 17, 23, -133), padata=(2, 128)))
    assert fields is not None
    assert (fields.kind, fields.cname, fields.sname, fields.realm) == (AS_REQ, "bob", "krbtgt/CORP", "CORP")
    assert (fields.etypes, fields.padata) == ((18, 17, 23, -133), (2, 128))


def test_a_request_for_a_service_has_no_client_name() -> None:
    fields = unpack_kerberos(request(TGS_REQ, sname="cifs/srv.corp", padata=(1,)))
    assert fields is not None
    assert (fields.cname, fields.sname) == ("", "cifs/srv.corp")


def test_a_reply_tells_both_encryption_types() -> None:
    fields = unpack_kerberos(reply(AS_REP, "bob", "krbtgt/CORP", etype=17))
    assert fields is not None
    assert (fields.cname, fields.sname, fields.etype, fields.ticket_etype) == ("bob", "krbtgt/CORP", 17, 17)


def test_an_error_tells_both_clocks_and_the_windows_status() -> None:
    data = krb_error(37, "cifs/srv", "bob", client_time="20260301110000Z", data=nt_status_data(0xC0000133))
    fields = unpack_kerberos(data)
    assert fields is not None
    assert (fields.kind, fields.error, fields.cname, fields.sname) == (KRB_ERROR, 37, "bob", "cifs/srv")
    assert fields.server_time_ns == NOON_NS + 500_000_000
    assert fields.client_time_ns == NOON_NS - 3600 * 10**9 + 7000
    assert fields.nt_status == 0xC0000133


def test_an_error_lists_the_methods_that_it_offers() -> None:
    methods = sequence(*(sequence(ctx(1, integer(one)), ctx(2, octets(b""))) for one in (19, 2, 16)))
    fields = unpack_kerberos(krb_error(25, data=methods))
    assert fields is not None
    assert (fields.error, fields.padata, fields.nt_status) == (25, (19, 2, 16), None)


def test_a_token_names_the_service_of_its_ticket() -> None:
    body = {0: integer(5), 1: integer(14), 2: tlv(0x03, b"\0\0\0\0\0"), 3: ticket("http/web.corp")}
    message = tlv(0x6E, sequence(*(ctx(place, part) for place, part in body.items())))
    fields = unpack_gss_kerberos(gss_token(b"\1\0", message))
    assert fields is not None
    assert (fields.kind, fields.sname, fields.ticket_etype) == (14, "http/web.corp", 18)
    assert unpack_gss_kerberos(gss_token(b"\7\7", message)) is None
    bare = unpack_gss_kerberos(message)
    assert bare is not None
    assert bare.sname == "http/web.corp"


def test_a_message_that_was_cut_keeps_what_is_there() -> None:
    whole = request(AS_REQ, "bob", "krbtgt/CORP")
    fields = unpack_kerberos(whole[: whole.index(b"krbtgt") + 3])
    assert fields is not None
    assert fields.cname == "bob"


def test_the_length_is_that_of_the_outer_element() -> None:
    data = krb_error(6)
    assert measure_kerberos(framed(data), 4) == len(data)
    assert measure_kerberos(b"\x30\x03\x02\x01\x05") is None


@pytest.mark.parametrize(
    "data", [b"", b"\x6a", b"\x6a\x02\x30\x00", b"\x7f\x01\x00", b"\x30\x00", tlv(0x6A, octets("x"))]
)
def test_what_is_no_message_gives_none_or_nothing(data: bytes) -> None:
    fields = unpack_kerberos(data)
    assert fields is None or fields.cname == ""


@given(
    st.binary(max_size=300),
    st.integers(0, 300),
    st.sampled_from([request(10, "bob", "krbtgt/A"), krb_error(7), reply(13, "a", "b/c")]),
)
def test_any_change_of_a_message_gives_fields_or_none(noise: bytes, at: int, whole: bytes) -> None:
    for data in (noise, whole[:at], whole[:at] + noise, whole[:at] + noise + whole[at + len(noise) :]):
        unpack_kerberos(data)
        unpack_gss_kerberos(data)
