"""LDAP requests and results, over TCP, and over UDP as Active Directory's clients ask for a domain controller.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.framed import Place, find_both
from wireproof.messages.smb_talk import keep, kerberos_clocks, kerberos_error, service, user_name
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols
from wireproof.wire.ldap import (
    BIND_RESPONSE,
    OPERATIONS,
    RESPONSES,
    RESULTS,
    SEARCH_ENTRY,
    LdapFields,
    code_name,
    measure_ldap,
    unpack_ldap,
)
from wireproof.wire.sasl import measure_sasl, unwrap_sasl
from wireproof.wire.spnego import Logon, unpack_logon
from wireproof.wire.windows.errors import windows_error_name

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

NONE: np.ndarray[tuple[int], np.dtype[np.int64]] = np.zeros(0, np.int64)
HEAD = 1 << 20
"""Bytes of a message, or of a signed buffer of several, that are read; an entry's values may be longer."""
MOST_TOGETHER = 256
"""Messages that one datagram or signed buffer may hold."""

AD_ERROR = re.compile(r"^([0-9A-Fa-f]{8}): ")
AD_DATA = re.compile(r"AcceptSecurityContext error, data ([0-9A-Fa-f]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapMessage(Message):
    """One message. `operation` is its name in RFC 4511, or `sealed` where it is encrypted within the connection.

    `dn` is the base of a search, the name of a bind or the entry; a result repeats `dn`, `scope` and `filter` of its request. Results
    have `code` (-1 else) and its name `result`, the server's `text`, `error` (the Windows error in that text, by name), `entries` returned,
    the `size_limit` that the client set (0: none), and `waited_ns` since the request, which `request_row` names (-1: not in the capture). `user` is what NTLM
    told; `service` is the ticket's and `kerberos_error` the error that came back in a token, with both clocks.
    """

    operation: str
    is_response: bool = False
    message_id: int = -1
    dn: str = ""
    scope: str = ""
    filter: str = ""
    attributes: tuple[str, ...] = ()
    size_limit: int = 0
    mechanism: str = ""
    user: str = ""
    code: int = -1
    result: str = ""
    text: str = ""
    error: str = ""
    service: str = ""
    kerberos_error: str = ""
    kerberos_clocks: tuple[int, ...] = ()
    oid: str = ""
    request_row: int = -1
    waited_ns: int = 0
    entries: int = 0


@dataclass(slots=True)
class _Open:
    """A request whose result has not come."""

    row: int
    time_ns: int
    fields: LdapFields
    logon: Logon
    entries: int = 0


@dataclass(slots=True)
class _Memory:
    """The open requests of one conversation by message id."""

    requests: dict[int, _Open] = field(default_factory=dict)


def build_ldap(tables: CaptureTables, protocols: Protocols) -> MessageTable[LdapMessage]:
    """Every such message of the capture."""
    return MessageTable(LdapMessage, [*_over_tcp(tables, protocols), *_over_udp(tables, protocols)])


def measure(head: bytes) -> int | None:
    """Length of what begins here: a message, a sealed one, or a TLS record after StartTLS."""
    size = measure_ldap(head)
    if size is not None or len(head) < 8:
        return size
    if 20 <= head[0] <= 23 and head[1] == 3 and head[2] <= 4:
        return int.from_bytes(head[3:5], "big") + 5
    return measure_sasl(head)


def _over_tcp(tables: CaptureTables, protocols: Protocols) -> Iterator[LdapMessage]:
    for talk in protocols.streams(tables, "ldap"):
        memory = _Memory()
        for place, message in find_both(tables, talk, measure, HEAD):
            yield from _describe(place, message.data, memory)


def _over_udp(tables: CaptureTables, protocols: Protocols) -> Iterator[LdapMessage]:
    memories: dict[int, _Memory] = {}
    for datagram in read_datagrams(tables, protocols.udp.get("ldap", NONE)):
        memory = memories.setdefault(datagram.conversation, _Memory())
        yield from _describe_each(datagram.place, datagram.data, memory)


def _describe(place: Place, data: bytes, memory: _Memory) -> Iterator[LdapMessage]:
    """What one message of a stream holds: itself, or those that it was signed around."""
    if data[:1] == b"\x30":
        yield from _describe_each(place, data, memory)
    elif data[:1] == b"\0":
        inner = unwrap_sasl(data) or b""
        if measure_ldap(inner[:16]) is None:
            yield LdapMessage(**place, operation="sealed")
        else:
            yield from _describe_each(place, inner, memory)


def _describe_each(place: Place, data: bytes, memory: _Memory) -> Iterator[LdapMessage]:
    """The messages that stand one after the other in these bytes."""
    at = 0
    for _ in range(MOST_TOGETHER):
        size = measure_ldap(data[at : at + 16])
        fields = unpack_ldap(data[at : at + size]) if size is not None else None
        if size is None or fields is None:
            return
        yield _row(place, fields, memory)
        at += size


def _row(place: Place, fields: LdapFields, memory: _Memory) -> LdapMessage:
    logon = unpack_logon(fields.token) if fields.token else Logon()
    if fields.operation not in RESPONSES:
        keep(memory.requests, fields.message, _Open(place["row"], place["time_ns"], fields, logon))
        return _message(place, fields, None, logon)
    asked = memory.requests.get(fields.message)
    if asked is not None and fields.operation == SEARCH_ENTRY:
        asked.entries += 1
    if asked is not None and fields.operation in RESULTS:
        del memory.requests[fields.message]
    return _message(place, fields, asked, logon)


def _message(place: Place, fields: LdapFields, asked: _Open | None, logon: Logon) -> LdapMessage:
    of = asked.fields if asked else fields
    own_name = fields.operation not in RESULTS
    return LdapMessage(
        **place,
        operation=OPERATIONS[fields.operation],
        is_response=fields.operation in RESPONSES,
        message_id=fields.message,
        dn=fields.dn if own_name else of.dn,
        scope=of.scope,
        filter=of.filter,
        attributes=fields.attributes,
        size_limit=of.size_limit,
        mechanism=of.mechanism,
        user=user_name(asked.logon if asked else logon),
        code=-1 if fields.code is None else fields.code,
        result="" if fields.code is None else code_name(fields.code),
        text=fields.text,
        error=windows_error(fields.text),
        service=service(asked.logon if asked else logon),
        kerberos_error=kerberos_error(logon) if fields.operation == BIND_RESPONSE else "",
        kerberos_clocks=kerberos_clocks(logon) if fields.operation == BIND_RESPONSE else (),
        oid=fields.oid or of.oid,
        request_row=asked.row if asked else -1,
        waited_ns=max(place["time_ns"] - asked.time_ns, 0) if asked else 0,
        entries=asked.entries if asked and fields.operation in RESULTS else 0,
    )


def windows_error(text: str) -> str:
    """The name of the Windows error that Active Directory writes into its text (`data 52e`, or eight digits in front)."""
    if (inner := AD_DATA.search(text)) is not None:
        return windows_error_name(int(inner[1], 16), "win32")
    if (front := AD_ERROR.match(text)) is not None:
        code = int(front[1], 16)
        return windows_error_name(code, "hresult" if code & 0x8000_0000 else "win32")
    return ""
