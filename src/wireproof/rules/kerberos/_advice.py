"""What Kerberos errors mean, and what to do about each.

Takes an error code and the names it is about; gives sentences. Looks at no packet.
"""

from __future__ import annotations

from wireproof.wire.kerberos_names import (
    BADOPTION,
    C_PRINCIPAL_UNKNOWN,
    CLIENT_REVOKED,
    CLOCK_SKEW,
    ETYPE_NOSUPP,
    KEY_EXPIRED,
    MODIFIED,
    PREAUTH_FAILED,
    PRINCIPAL_NOT_UNIQUE,
    S_PRINCIPAL_UNKNOWN,
)

MEANINGS: dict[int, str] = {
    C_PRINCIPAL_UNKNOWN: "The realm does not know this user or computer.",
    S_PRINCIPAL_UNKNOWN: "No account of the realm has this service principal name, so there is no ticket for it; Windows clients then try NTLM.",
    PRINCIPAL_NOT_UNIQUE: "Several accounts have this name, so that none can be used.",
    BADOPTION: "The request has an option that the account or the ticket does not allow; with delegation it is the usual answer to a missing right.",
    ETYPE_NOSUPP: "Request and account have no encryption type in common.",
    CLIENT_REVOKED: "The account is disabled, locked out, expired, or may not log on now.",
    KEY_EXPIRED: "The password has expired and has to be changed.",
    PREAUTH_FAILED: "The password (or the computer's or service's stored key) is wrong.",
    31: "The message could not be decrypted with the key that belongs to it: mostly a password that was changed on one side only.",
    32: "The ticket is too old.",
    33: "The ticket is not valid yet: a clock is wrong.",
    34: "The same request was seen before: a repeat, or two computers with one identity.",
    CLOCK_SKEW: "The clocks of client and server differ by more than the realm allows, five minutes by default.",
    MODIFIED: (
        "The server could not decrypt the ticket: it is encrypted for another account than the one that runs the service, "
        "or the name leads to another computer."
    ),
    60: "The server reports a general failure.",
    62: "The client's certificate is not trusted by the Kerberos server.",
    63: "The Kerberos server's certificate is not trusted by the client.",
    16: "The Kerberos server can't do this kind of pre-authentication: with smart cards it mostly has no certificate of its own.",
    29: "The Kerberos server could not reach a service that it needs.",
    12: "A policy of the realm forbids it: logon hours, workstations, silos.",
    70: "The Kerberos server could not verify the certificate chain.",
}


def meaning(code: int, service: str) -> str:
    """One sentence on what the error says."""
    if code == S_PRINCIPAL_UNKNOWN and service and "/" not in service:
        return "The ticket was asked for to a user's account, which has no service principal name; clients then ask for a user-to-user ticket."
    if code == BADOPTION and service.startswith("krbtgt/"):
        return "The ticket-granting ticket can't be renewed, forwarded or proxied as asked; clients go on without."
    if code == S_PRINCIPAL_UNKNOWN and _is_address(service):
        return "The client asked for a ticket to an address instead of a name; such names are not registered unless somebody does so."
    return MEANINGS.get(code, "The request was refused.")


def fixes(code: int, service: str, principal: str, nt_status: str) -> list[str]:
    """What to do, most likely cause first."""
    name = service or "SERVICE/HOST"
    if code == CLOCK_SKEW:
        return [
            "`w32tm /query /status` and `w32tm /stripchart /computer:DC` on the client show clock and source; then `w32tm /resync`.",
            "A virtual machine may take its time from its host: look at that too.",
        ]
    if code in (S_PRINCIPAL_UNKNOWN, PRINCIPAL_NOT_UNIQUE):
        return _spn_fixes(service)
    if code == MODIFIED:
        return [
            f"`setspn -Q {name}` shows which account has the name; it must be the one that runs the service, and no other.",
            "Check that DNS leads the name to the right computer.",
            "If that computer was restored from a backup, give its account a new password: `Test-ComputerSecureChannel -Repair`.",
        ]
    if code == ETYPE_NOSUPP:
        return [
            f"Compare `msDS-SupportedEncryptionTypes` of the account behind {name} with what the client offers.",
            "Set AES there, and change the account's password once, so that AES keys exist.",
            "The policy `Network security: Configure encryption types allowed for Kerberos` must leave one in common.",
        ]
    if code in (PREAUTH_FAILED, CLIENT_REVOKED, KEY_EXPIRED, C_PRINCIPAL_UNKNOWN, 12):
        who = principal or "NAME"
        return [
            f"`Get-ADUser {who} -Properties LockedOut,Enabled,PasswordExpired` (or `Get-ADComputer`) shows the account's state"
            + (f"; the server's own reason is {nt_status}." if nt_status else "."),
            "Event 4771 or 4768 in the domain controller's security log names the computer; look for services, tasks and `cmdkey /list` with an old password.",
        ]
    if code == BADOPTION:
        return [
            f"With delegation, check `msDS-AllowedToDelegateTo` of the front end for {name}; the user must not be marked as not to be delegated."
        ]
    return [
        "Look at the system log of the client (source Security-Kerberos) and of the Kerberos server for that moment."
    ]


def _spn_fixes(service: str) -> list[str]:
    name = service or "SERVICE/HOST"
    first = (
        f"`setspn -Q {name}` shows who has the name. Nobody: `setspn -S {name} ACCOUNT` for the account that runs the service. "
        "Several: remove all but that one."
    )
    if _is_address(service):
        return ["Use the server's name instead of its address.", first]
    return [
        first,
        "Check that the client uses the right name and realm: an alias (CNAME) or a short name may lead to a name that nobody registered.",
    ]


def _is_address(service: str) -> bool:
    """Whether the second part of a service name is an address."""
    host = service.partition("/")[2]
    return bool(host) and (host.replace(".", "").isdigit() or host.count(":") > 1)
