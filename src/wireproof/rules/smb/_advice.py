"""What NTSTATUS codes that refuse something mean for an SMB client, and what to do about each.

Takes a status by name and the kind of thing refused; gives sentences. Looks at no packet.
"""

from __future__ import annotations

MEANINGS: dict[str, str] = {
    "STATUS_LOGON_FAILURE": "The user name is unknown there or the password is wrong; the server does not say which.",
    "STATUS_WRONG_PASSWORD": "The password is wrong.",
    "STATUS_NO_SUCH_USER": "The server or its domain does not know this user.",
    "STATUS_ACCOUNT_DISABLED": "The account exists and is disabled.",
    "STATUS_ACCOUNT_LOCKED_OUT": "The account is locked after too many wrong passwords.",
    "STATUS_ACCOUNT_EXPIRED": "The account's time is over.",
    "STATUS_ACCOUNT_RESTRICTION": "The account may not log on this way: an empty password, or a policy such as Protected Users.",
    "STATUS_PASSWORD_EXPIRED": "The password is too old.",
    "STATUS_PASSWORD_MUST_CHANGE": "The password has to be changed before the first logon.",
    "STATUS_INVALID_LOGON_HOURS": "The account may not log on at this time.",
    "STATUS_INVALID_WORKSTATION": "The account may not log on from this computer.",
    "STATUS_LOGON_TYPE_NOT_GRANTED": "The user lacks the right to log on to that computer from the network.",
    "STATUS_NO_LOGON_SERVERS": "The server found no domain controller that could check the logon.",
    "STATUS_TRUSTED_RELATIONSHIP_FAILURE": "The server's own trust in its domain is broken.",
    "STATUS_TRUSTED_DOMAIN_FAILURE": "The trust between the server's domain and the user's is broken.",
    "STATUS_NO_TRUST_SAM_ACCOUNT": "The server's computer account is missing in its domain.",
    "STATUS_TIME_DIFFERENCE_AT_DC": "The clocks of server and domain controller differ too much.",
    "STATUS_DOWNGRADE_DETECTED": "The server could not reach a domain controller for Kerberos and would not use a weaker way.",
    "STATUS_NTLM_BLOCKED": "A policy forbids NTLM there.",
    "STATUS_BAD_NETWORK_NAME": "The server has no share of that name, or does not show it.",
    "STATUS_BAD_DEVICE_TYPE": "The share exists and is of another type than asked for.",
    "STATUS_SMB_BAD_UID": "The server does not know the session that the request belongs to.",
}

NO_VERSION = "Client and server found no common version of SMB."
CLOSED = "The client offered SMB 1 only and the server closed the connection without an answer, as servers do on which SMB 1 is off."

DENIED: dict[str, str] = {
    "logon": "The server accepts the logon's form and does not let this user on: rights to log on from the network, or a policy, forbid it.",
    "share": "The user is known and the share's permissions do not admit it; some servers answer so where encryption or signing is missing.",
    "pipe": "The pipe exists and its permissions, or its integrity label, do not admit this user; the service behind it was not asked.",
    "file": "The permissions of the file or folder do not allow what was asked for.",
}

ACCOUNT = ("`Get-ADUser NAME -Properties LockedOut,Enabled,AccountExpirationDate,PasswordExpired,LogonWorkstations` shows the state of the account;"
           " event 4625 in the server's security log names the reason and the process that tried.")  # fmt: skip
DOMAIN = "On the server run `Test-ComputerSecureChannel` and `nltest /sc_verify:DOMAIN`; see whether it reaches its domain controllers."

FIXES: dict[str, list[str]] = {
    "STATUS_LOGON_FAILURE": [
        "Try the same name and password in `net use \\\\SERVER\\IPC$ /user:DOMAIN\\NAME`; look for old passwords in `cmdkey /list`, services and tasks.",
        "Event 4625 in the server's security log has the sub status: 0xC0000064 is an unknown name, 0xC000006A a wrong password.",
    ],
    "STATUS_LOGON_TYPE_NOT_GRANTED": [
        "Check `Access this computer from the network` and its `Deny` neighbour in the server's user rights (`secpol.msc`)."
    ],
    "STATUS_BAD_NETWORK_NAME": [
        "List the shares with `Get-SmbShare` on the server or `net view \\\\SERVER /all`, and compare the spelling."
    ],
    "STATUS_TIME_DIFFERENCE_AT_DC": ["Compare the clocks: `w32tm /stripchart /computer:DC`."],
    "STATUS_NTLM_BLOCKED": [
        "Use a name for which Kerberos gives a ticket, not an address; or allow NTLM for this server."
    ],
}

VERSION_FIXES = [
    "Compare `Get-SmbServerConfiguration | select EnableSMB1Protocol,EnableSMB2Protocol` with what the client offers.",
    "Better update the client (or the scanner, printer, appliance) than enable SMB 1 on the server.",
]

DENIED_FIXES: dict[str, list[str]] = {
    "share": [
        "`Get-SmbShareAccess NAME` shows the share's permissions.",
        "`Get-SmbServerConfiguration | select RejectUnencryptedAccess,RequireSecuritySignature` shows what else the server asks for.",
    ],
    "pipe": [
        "See who runs the client process and with which integrity (`whoami /groups`, Process Explorer): the label is checked before the permissions.",
        "Check the pipe's security descriptor on the server (`accesschk \\pipe\\NAME`).",
        "For anonymous sessions see `NullSessionPipes`, `RestrictAnonymous` and `RestrictRemoteSAM`.",
    ],
    "file": [
        "`Get-Acl PATH` on the server shows the permissions; both those of the share and those of the file system must allow it."
    ],
}


def meaning(status: str, kind: str) -> str:
    """One sentence on what the status says."""
    if kind == "version":
        return CLOSED if status == "connection closed" else NO_VERSION
    if status in MEANINGS:
        return MEANINGS[status]
    return DENIED.get(kind, "") if "DENIED" in status or "access" in status else "The server did not do what was asked."


def fixes(status: str, kind: str, server: str) -> list[str]:
    """What to do, most likely cause first."""
    if kind == "version":
        return list(VERSION_FIXES)
    if status in FIXES:
        return [text.replace("SERVER", server) for text in FIXES[status]]
    if "TRUST" in status or "LOGON_SERVERS" in status or status == "STATUS_DOWNGRADE_DETECTED":
        return [DOMAIN]
    if kind == "logon":
        return [ACCOUNT]
    return DENIED_FIXES.get(kind, [f"Look into the log of {server} for that moment."])
