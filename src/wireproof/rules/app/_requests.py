"""What a request was, in a few words, where its protocol is one that messages are read of.

Takes a conversation and the packet that ended a request; gives a text such as `SQL batch SELECT …`, empty when it is not known.
Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from wireproof.case import Point
from wireproof.messages.http import HttpMessage
from wireproof.messages.ldap import LdapMessage
from wireproof.messages.smb import SmbMessage
from wireproof.messages.table import Message
from wireproof.messages.tds import TdsMessage

MOST = 120
"""Characters of a request that are shown; the packet named has the rest."""


def name_request(point: Point, conversation: int, row: int) -> str:
    """The request of a TCP conversation that ended with this packet."""
    for protocol in set(point.said.protocols.of(conversation)) & DESCRIBE.keys():
        describe = DESCRIBE[protocol]
        for message in point.said.table(protocol).of(conversation):
            if message.last_row == row and (text := describe(message)):
                return text if len(text) <= MOST else text[: MOST - 1] + "…"
    return ""


def _tds(message: Message) -> str:
    if not isinstance(message, TdsMessage) or message.is_response:
        return ""
    return " ".join(f"{message.kind} {message.request}".split())


def _smb(message: Message) -> str:
    if not isinstance(message, SmbMessage) or message.is_response:
        return ""
    return f"SMB {message.command} {message.name or message.share}".strip()


def _ldap(message: Message) -> str:
    if not isinstance(message, LdapMessage) or message.is_response:
        return ""
    within = f" in {message.dn!r}" if message.dn else ""
    return f"LDAP {message.operation}{within} {message.filter}".strip()


def _http(message: Message) -> str:
    if not isinstance(message, HttpMessage) or message.kind != "request":
        return ""
    return f"HTTP {message.method} {message.host}{message.target}"


DESCRIBE: dict[str, Callable[[Message], str]] = {"tds": _tds, "smb": _smb, "ldap": _ldap, "http": _http}
