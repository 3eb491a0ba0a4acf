"""Secrets in messages that are no text: LDAP binds and password changes, TDS logins, NTLM responses, logons to remote desktops.

Takes bytes; gives what to blank. Each message is known by bytes of its own wherever it stands. What a length says is believed only as
far as it blanks more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.export.redact.secret import NOWHERE, Secret
from wireproof.export.redact.text import occurrences
from wireproof.wire.ber import unpack_element

LONGEST = 1 << 16
BIND, SIMPLE, SASL = 0x60, 0x80, 0xA3
TICKETS = {b"gssapi", b"gss-spnego", b"external"}
"""SASL mechanisms that send no password; of NTLM in SPNEGO the responses are found by their form."""
VERSION_AND_NAME = re.compile(rb"\x02\x01[\x02\x03]\x04")
PASSWORD_ATTRIBUTES = (
    b"unicodepwd",
    b"userpassword",
    b"1.3.6.1.4.1.4203.1.11.1",
    b"ntpwdhistory",
    b"lmpwdhistory",
    b"dbcspwd",
    b"supplementalcredentials",
    b"ms-mcs-admpwd",
    b"mslaps-password",
    b"mslaps-passwordhistory",
    b"mslaps-encryptedpassword",
    b"mslaps-encryptedpasswordhistory",
    b"mslaps-encrypteddsrmpassword",
    b"mslaps-encrypteddsrmpasswordhistory",
    b"msfve-recoverypassword",
    b"msfve-keypackage",
    b"msds-managedpassword",
    b"sambantpassword",
    b"sambalmpassword",
    b"krbprincipalkey",
    b"trustauthincoming",
    b"trustauthoutgoing",
)
"""Attributes of directories that hold passwords, keys or what they are made from: of AD, LAPS, BitLocker, managed accounts, Samba, MIT Kerberos."""
LDAP_VALUES = 1024
"""Bytes behind the name of a password's attribute that are blanked: a password and its change fit."""

LOGIN7 = re.compile(rb"\x10[\x00-\x0f]..\0\0.[\0\x01]....[\0-\x06]..[\x70-\x75]", re.DOTALL)
TDS_HEADER, LOGIN_FIXED = 8, 36
LOGIN_HEAD = 94
PASSWORD_AT, NEW_PASSWORD_AT, SSPI_AT, FLAGS_3, HAS_EXTENSION = 44, 86, 78, 27, 0x10

NTLM_RESPONSE = b"NTLMSSP\0\x03\0\0\0"
NTLM_FIELDS = (12, 20, 52)
"""LmChallengeResponse, NtChallengeResponse, EncryptedRandomSessionKey (MS-NLMP section 2.2.1.3)."""
NTLM_MOST = 4096

CLIENT_INFO = re.compile(rb"\x02\xf0\x80\x64.{4}\x70(?:[\0-\x7f]|[\x80-\xbf].)[\x40-\x7f\xc0-\xff].\0\0", re.DOTALL)
"""An MCS send data request whose security header has SEC_INFO_PKT (MS-RDPBCGR section 2.2.1.11)."""


def find_binary_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret of these messages in the data."""
    yield from _ldap_binds(data)
    lowered = data.lower()
    for name in PASSWORD_ATTRIBUTES:
        for at in occurrences(lowered, name):
            yield from _ldap_values(data, at, at + len(name))
    for found in LOGIN7.finditer(data):
        yield from _login(data, found.start())
    for at in occurrences(data, NTLM_RESPONSE):
        yield from _ntlm(data, at)
    for found in CLIENT_INFO.finditer(data):
        yield from _client_info(data, found.start(), found.end())


def _stretch(start: int, end: int, name_at: int) -> Secret:
    """A stretch that may reach beyond the data: where it ends is known all the same."""
    return Secret(start, min(end, start + LONGEST), NOWHERE, name_at, False)


def _ldap_binds(data: bytes) -> Iterator[Secret]:
    """Binds (RFC 4511 section 4.2): version, name, and [0] password or [3] SASL mechanism and credentials."""
    for found in VERSION_AND_NAME.finditer(data):
        before = data[max(found.start() - 6, 0) : found.start()]
        if BIND not in before:
            continue
        name = unpack_element(data, found.end() - 1, len(data))
        if name is None or name.end >= len(data):
            # The name itself is cut: what follows it may be the password.
            yield _stretch(len(data), len(data) + LDAP_VALUES, found.start())
            continue
        if data[name.end] == SASL:
            yield from _sasl(data, name.end, found.start())
        if data[name.end] != SIMPLE and data[name.end] & 0xE0 != SIMPLE:
            continue
        secret = unpack_element(data, name.end, len(data))
        end = secret.end if secret else len(data) + LDAP_VALUES
        yield _stretch(secret.start if secret else name.end, max(end, name.end + 2), found.start())


def _sasl(data: bytes, at: int, name_at: int) -> Iterator[Secret]:
    """The credentials behind a mechanism that a password goes into."""
    both = unpack_element(data, at, len(data))
    mechanism = unpack_element(data, both.start, len(data)) if both else None
    if both is None or mechanism is None or mechanism.end > len(data):
        yield _stretch(at, len(data) + LDAP_VALUES, name_at)
    elif data[mechanism.start : mechanism.end].lower() not in TICKETS:
        yield _stretch(mechanism.end, max(both.end, mechanism.end + 2), name_at)


def _ldap_values(data: bytes, at: int, end: int) -> Iterator[Secret]:
    """What follows a password's attribute in a request or an entry; names in lists of attributes and schemas have no value behind."""
    if at < 2 or data[at - 2] not in {0x04, 0x80}:
        return
    if data[at - 2] == 0x04 and data[end : end + 1] not in {b"\x31", b"\x04", b"\x80", b""}:
        return
    values = unpack_element(data, end, len(data))
    stop = values.end if values else end + LDAP_VALUES
    yield _stretch(end, max(stop, end + 2), at)


def _login(data: bytes, at: int) -> Iterator[Secret]:
    """LOGIN7 (MS-TDS section 2.2.6.4): its passwords and token, or all that varies where it is not as it should be."""
    packet = int.from_bytes(data[at + 2 : at + 4], "big")
    begin = at + TDS_HEADER
    length = int.from_bytes(data[begin : begin + 4], "little")
    head = data[begin : begin + LOGIN_HEAD]
    whole = len(head) == LOGIN_HEAD and length + TDS_HEADER == packet and not head[FLAGS_3] & HAS_EXTENSION
    if not whole:
        # Of several packets, each of which has a header, the place of a field is not told by its offset alone.
        yield _stretch(begin + LOGIN_FIXED, begin + max(length, packet) + 64, at)
        return
    for field, size in ((PASSWORD_AT, 2), (NEW_PASSWORD_AT, 2), (SSPI_AT, 1)):
        start = int.from_bytes(head[field : field + 2], "little")
        count = int.from_bytes(head[field + 2 : field + 4], "little") * size
        if count and start + count > length:
            yield _stretch(begin + LOGIN_HEAD, begin + length, at)
        elif count:
            yield _stretch(begin + start, begin + start + count, at)


def _ntlm(data: bytes, at: int) -> Iterator[Secret]:
    """The responses of an AUTHENTICATE message, from which passwords are guessed."""
    for field in NTLM_FIELDS:
        size = int.from_bytes(data[at + field : at + field + 2], "little")
        start = int.from_bytes(data[at + field + 4 : at + field + 8], "little")
        if start > NTLM_MOST or size > NTLM_MOST or len(data) < at + field + 8:
            yield _stretch(at + len(NTLM_RESPONSE), at + NTLM_MOST, at)
            return
        if size:
            yield _stretch(at + start, at + start + size, at)


def _client_info(data: bytes, at: int, end: int) -> Iterator[Secret]:
    """All of a Client Info PDU behind its security header."""
    size = int.from_bytes(data[at - 2 : at], "big") if at >= 4 and data[at - 4] == 3 else 0
    yield _stretch(end, at - 4 + size if size else end + LDAP_VALUES, at)
