"""What LDAP result codes mean, and what to do about each.

Takes a code, the Windows error in the server's text, and the server; gives sentences. Looks at no packet.
"""

from __future__ import annotations

MEANINGS: dict[int, str] = {
    1: "The server could not carry out the operation in this state: with Active Directory mostly because nobody has logged on to the connection.",
    2: "The server did not understand the request.",
    3: "The server's or the client's time for a search was over; what came is a part.",
    4: "More entries fit than the server returns; what came is a part.",
    7: "The server does not offer this way to log on.",
    8: "The server asks for a stronger logon: signing or TLS.",
    11: "The search would take more than the server allows.",
    12: "The server does not know an extension that the client insists on.",
    13: "The server accepts this only on an encrypted connection.",
    19: "A value breaks a rule of the directory, for example its password policy.",
    21: "A value has the wrong form for its attribute.",
    32: "There is no entry of that name.",
    34: "The name is malformed.",
    48: "The account may not log on this way.",
    49: "Name or password are wrong, or the account may not log on.",
    50: "The account lacks the right to do this.",
    51: "The server is too busy.",
    52: "The server is not available: shutting down, starting, or without its own connections.",
    53: "The server refuses to do this.",
    65: "The entry would break the directory's schema.",
    68: "The entry exists already.",
    80: "The server failed in another way.",
}

LOGON_MEANINGS: dict[str, str] = {
    "ERROR_LOGON_FAILURE": "The password is wrong.",
    "ERROR_NO_SUCH_USER": "There is no such user.",
    "ERROR_INVALID_LOGON_HOURS": "The account may not log on at this time.",
    "ERROR_INVALID_WORKSTATION": "The account may not log on from this computer.",
    "ERROR_PASSWORD_EXPIRED": "The password is too old.",
    "ERROR_ACCOUNT_DISABLED": "The account is disabled.",
    "ERROR_ACCOUNT_EXPIRED": "The account's time is over.",
    "ERROR_PASSWORD_MUST_CHANGE": "The password has to be changed first.",
    "ERROR_ACCOUNT_LOCKED_OUT": "The account is locked after too many wrong passwords.",
    "SEC_E_BAD_BINDINGS": "The server demands a channel binding, and the client's did not fit its TLS connection.",
}
"""What Active Directory means by the number behind `data` in its text."""

LIMITS = "Ask in pages (the paged results control), or for less; the server's limits are in `ntdsutil`, `LDAP policies` (MaxPageSize, MaxQueryDuration)."
SIGNING = [
    "Let the client sign (SASL with Kerberos or NTLM) or use TLS: LDAPS on port 636, or StartTLS.",
    "On domain controllers the policies `LDAP server signing requirements` and `LDAP server channel binding token requirements` decide this.",
]


def meaning(code: int, error: str) -> str:
    """One sentence on what the result says."""
    return LOGON_MEANINGS.get(error) or MEANINGS.get(code, "The operation was not done.")


def fixes(code: int, error: str, dn: str) -> list[str]:
    """What to do, most likely cause first."""
    if code in (8, 13) or error == "SEC_E_BAD_BINDINGS":
        return list(SIGNING)
    if code in (7, 48, 49):
        who = dn or "the account"
        return [
            f"Check name, password and state of {who}; names are accepted as a distinguished name, `user@domain` or `DOMAIN\\user`.",
            "A program that does this again and again has an old password stored.",
        ]
    if code in (3, 4, 11):
        return [LIMITS]
    if code == 50:
        return [f"Compare the account's rights on {dn or 'the entry'} with what the operation needs (`dsacls`)."]
    if code in (51, 52):
        return [
            "Look at the directory server's log and load for that moment, and let clients use another one meanwhile."
        ]
    if code == 1:
        return ["Let the client bind before it asks; an anonymous client may only read the server's root entry."]
    if code == 32:
        return [f"Compare {dn or 'the name'} with the directory: a base that was renamed or moved, or another domain."]
    return ["The server's text in the response says more; look at it in the frames named."]
