"""What a request was, in a few words, where its protocol is one that messages are read of.

Takes a conversation and the packet that ended a request; gives a text such as `SQL batch SELECT …`, empty when it is not known.
Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.http_message import HttpMessage
    from wireproof.messages.ldap import LdapMessage
    from wireproof.messages.smb import SmbMessage
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


def _tds(message: TdsMessage) -> str:
    if message.is_response:
        return ""
    return " ".join(f"{message.kind} {message.request}".split())


def _smb(message: SmbMessage) -> str:
    if message.is_response:
        return ""
    return f"SMB {message.command} {message.name or message.share}".strip()


def _ldap(message: LdapMessage) -> str:
    if message.is_response:
        return ""
    within = f" in {message.dn!r}" if message.dn else ""
    return f"LDAP {message.operation}{within} {message.filter}".strip()


def _http(message: HttpMessage) -> str:
    if message.kind != "request":
        return ""
    return f"HTTP {message.method} {message.host}{message.target}"


DESCRIBE: dict[str, Callable[[Any], str]] = {"tds": _tds, "smb": _smb, "ldap": _ldap, "http": _http}
