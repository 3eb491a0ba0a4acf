"""Secrets in messages that are no text: LDAP binds and password changes, TDS logins, NTLM responses, Kerberos clients' encrypted times, logons
to remote desktops.

Takes bytes; gives what to blank. Each message is known by bytes of its own wherever it stands. What a length says is believed only as
far as it blanks more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.export.redact.ntlm import NTLM_RESPONSE, find_ntlm_responses
from wireproof.export.redact.rdp import find_desktop_secrets
from wireproof.export.redact.secret import NOWHERE, Secret
from wireproof.export.redact.tds import find_ntlm_in_packets, find_tds_secrets
from wireproof.export.redact.text import occurrences
from wireproof.wire.ber import OCTET_STRING, SEQUENCE, unpack_element

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

PA_ENC_TIMESTAMP = b"\xa1\x03\x02\x01\x02\xa2"
"""The type of pre-authentication data whose value is a time encrypted with the user's password (RFC 4120 section 5.2.7.2)."""
CONTEXT_0, CONTEXT_1, CONTEXT_2 = 0xA0, 0xA1, 0xA2
MOST_BEFORE_CIPHER = 3


def find_binary_secrets(data: bytes) -> Iterator[Secret]:
    """Every secret of these messages in the data."""
    yield from _ldap_binds(data)
    lowered = data.lower()
    for name in PASSWORD_ATTRIBUTES:
        for at in occurrences(lowered, name):
            yield from _ldap_values(data, at, at + len(name))
    yield from find_tds_secrets(data)
    for at in occurrences(data, NTLM_RESPONSE):
        yield from find_ntlm_in_packets(data, at) or find_ntlm_responses(data, at)
    for at in occurrences(data, PA_ENC_TIMESTAMP):
        yield from _encrypted_time(data, at)
    yield from find_desktop_secrets(data)


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


def _encrypted_time(data: bytes, at: int) -> Iterator[Secret]:
    """The cipher of a Kerberos client's time, from which its password is guessed: [2] of the encrypted data behind their type and version."""
    place = at + len(PA_ENC_TIMESTAMP) - 1
    for tag in (CONTEXT_2, OCTET_STRING, SEQUENCE):
        element = unpack_element(data, place, len(data))
        if element is None or element.tag != tag:
            return
        place = element.start
    for _ in range(MOST_BEFORE_CIPHER):
        element = unpack_element(data, place, len(data))
        if element is None or element.tag not in {CONTEXT_0, CONTEXT_1, CONTEXT_2}:
            return
        if element.tag == CONTEXT_2:
            cipher = unpack_element(data, element.start, len(data))
            yield _stretch(min(cipher.start if cipher else element.start, element.end), element.end, at)
            return
        place = element.end
