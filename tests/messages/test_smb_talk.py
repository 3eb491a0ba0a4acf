"""What is remembered of an SMB conversation is bounded, and users are named as people name them."""

from __future__ import annotations

from wireproof.messages.smb_talk import (
    MOST_OPEN,
    is_named,
    keep,
    kerberos_clocks,
    kerberos_error,
    logon_kind,
    service,
    user_name,
)
from wireproof.wire.kerberos import KerberosFields
from wireproof.wire.spnego import Logon


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    table: dict[int, int] = {}
    for key in range(MOST_OPEN + 3):
        keep(table, key, key)
    assert len(table) == MOST_OPEN
    assert 2 not in table
    assert 3 in table


def test_users_have_their_domain_before_them() -> None:
    assert user_name(Logon(ntlm="AUTHENTICATE", domain="CORP", user="bob")) == "CORP\\bob"
    assert user_name(Logon(ntlm="AUTHENTICATE", domain=" ", user="bob")) == "bob"
    assert user_name(Logon(ntlm="AUTHENTICATE")) == "anonymous"
    assert user_name(Logon(ntlm="NEGOTIATE")) == user_name(Logon()) == ""


def test_tickets_and_their_errors_are_told() -> None:
    refused = Logon(kerberos=KerberosFields(30, error=41))
    shown = Logon(kerberos=KerberosFields(14, sname="cifs/srv"))
    assert (kerberos_error(refused), service(shown)) == ("KRB_AP_ERR_MODIFIED", "cifs/srv")
    assert (kerberos_error(shown), kerberos_error(Logon()), service(Logon())) == ("", "", "")
    assert (logon_kind(shown), logon_kind(Logon(ntlm="NEGOTIATE")), logon_kind(Logon())) == ("Kerberos", "NTLM", "")
    assert is_named(shown)
    late = Logon(kerberos=KerberosFields(30, error=37, server_time_ns=9))
    assert (kerberos_clocks(late), kerberos_clocks(shown), kerberos_clocks(Logon())) == ((0, 9), (), ())
    assert not is_named(Logon(ntlm="NEGOTIATE"))
