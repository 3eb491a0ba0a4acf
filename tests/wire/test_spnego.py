"""Security tokens tell who logs on, with SPNEGO around them or without."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.asn1 import (
    KERBEROS,
    NTLM,
    gss_token,
    krb_error,
    ntlm_authenticate,
    ntlm_challenge,
    ntlm_negotiate,
    spnego_init,
    spnego_response,
)
from wireproof.wire.spnego import Logon, unpack_logon


def test_the_first_token_lists_the_mechanisms() -> None:
    logon = unpack_logon(spnego_init(ntlm_negotiate(), KERBEROS, "1.2.840.113554.1.2.2", NTLM, "1.2.3"))
    assert (logon.mechanisms, logon.ntlm, logon.user) == (("Kerberos", "NTLM", "1.2.3"), "NEGOTIATE", "")


def test_the_authenticate_message_names_the_user() -> None:
    for token in (spnego_response(ntlm_authenticate("bob")), ntlm_authenticate("bob")):
        logon = unpack_logon(token)
        assert (logon.ntlm, logon.domain, logon.user, logon.workstation) == ("AUTHENTICATE", "CORP", "bob", "PC7")


def test_the_challenge_names_the_server() -> None:
    logon = unpack_logon(spnego_response(ntlm_challenge("FILES"), mechanism=NTLM))
    assert (logon.ntlm, logon.target, logon.state, logon.mechanisms) == (
        "CHALLENGE",
        "FILES",
        "accept-incomplete",
        ("NTLM",),
    )


def test_a_kerberos_error_in_a_response_is_found() -> None:
    logon = unpack_logon(spnego_response(gss_token(b"\3\0", krb_error(41, "cifs/srv")), mechanism=KERBEROS))
    assert logon.kerberos is not None
    assert (logon.kerberos.error, logon.kerberos.sname) == (41, "cifs/srv")


def test_kerberos_without_spnego_is_found_too() -> None:
    logon = unpack_logon(gss_token(b"\3\0", krb_error(37)))
    assert logon.kerberos is not None
    assert logon.kerberos.error == 37


def test_a_rejection_has_no_token() -> None:
    assert unpack_logon(spnego_response(state=2)) == Logon(state="reject")


def test_other_bytes_tell_nothing() -> None:
    assert unpack_logon(b"") == unpack_logon(b"NTLMSSP") == unpack_logon(b"\x04\x03abc") == Logon()


@given(
    st.binary(max_size=200),
    st.integers(0, 200),
    st.sampled_from([ntlm_authenticate("u"), spnego_response(ntlm_challenge())]),
)
def test_any_bytes_give_a_logon(noise: bytes, at: int, whole: bytes) -> None:
    for data in (noise, whole[:at], whole[:at] + noise + whole[at + len(noise) :]):
        assert len(unpack_logon(data).user) <= 256
