"""Kerberos messages between clients and key distribution centres, over TCP and UDP.

Takes a capture's tables; gives a `MessageTable`. Judges nothing. Messages that other protocols carry (SMB, LDAP) are in theirs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.framed import Place, find_framed
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols
from wireproof.wire.kerberos import KerberosFields, measure_kerberos, unpack_kerberos
from wireproof.wire.kerberos_names import KRB_ERROR, error_name, etype_name, kind_name
from wireproof.wire.windows.errors import windows_error_name

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

NONE: np.ndarray[tuple[int], np.dtype[np.int64]] = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class KerberosMessage(Message):
    """One message (RFC 4120).

    `kind` is its name, such as TGS-REQ. `cname` is the client's principal and `sname` the server's, of `realm`; Windows asks for
    its own tickets by `krbtgt/REALM`. `etypes` are encryption types offered, `etype` what a reply was encrypted with and
    `ticket_etype` the ticket in it. Of an error: `code` (-1 else) with its name in `error`, both clocks in ns since 1970 (0 when
    not told), its `text`, and the NTSTATUS that Windows adds as `nt_status`, by name.
    """

    kind: str
    cname: str = ""
    crealm: str = ""
    sname: str = ""
    realm: str = ""
    etypes: tuple[str, ...] = ()
    etype: str = ""
    ticket_etype: str = ""
    padata: tuple[int, ...] = ()
    code: int = -1
    error: str = ""
    client_time_ns: int = 0
    server_time_ns: int = 0
    text: str = ""
    nt_status: str = ""


def build_kerberos(tables: CaptureTables, protocols: Protocols) -> MessageTable[KerberosMessage]:
    """Every such message of the capture."""
    return MessageTable(KerberosMessage, [*_over_tcp(tables, protocols), *_over_udp(tables, protocols)])


def describe_kerberos(place: Place, fields: KerberosFields) -> KerberosMessage:
    """The row of one message."""
    return KerberosMessage(
        **place,
        kind=kind_name(fields.kind),
        cname=fields.cname,
        crealm=fields.crealm,
        sname=fields.sname,
        realm=fields.realm,
        etypes=tuple(map(etype_name, fields.etypes)),
        etype="" if fields.etype is None else etype_name(fields.etype),
        ticket_etype="" if fields.ticket_etype is None else etype_name(fields.ticket_etype),
        padata=fields.padata,
        code=-1 if fields.error is None else fields.error,
        error=error_name(fields.error) if fields.kind == KRB_ERROR and fields.error is not None else "",
        client_time_ns=fields.client_time_ns or 0,
        server_time_ns=fields.server_time_ns or 0,
        text=fields.text,
        nt_status="" if fields.nt_status is None else windows_error_name(fields.nt_status, "ntstatus"),
    )


def measure(head: bytes) -> int | None:
    """Length of a message with the four bytes before it (RFC 4120 section 7.2.2)."""
    if len(head) < 8:
        return None
    size = int(struct.unpack_from("!I", head)[0])
    own = measure_kerberos(head, 4)
    return None if own != size else size + 4


def _over_tcp(tables: CaptureTables, protocols: Protocols) -> Iterator[KerberosMessage]:
    for talk in protocols.streams(tables, "kerberos"):
        for stream in talk.sides:
            for message in find_framed(stream, measure):
                fields = unpack_kerberos(message.data[4:])
                if fields is not None:
                    yield describe_kerberos(message.place(tables), fields)


def _over_udp(tables: CaptureTables, protocols: Protocols) -> Iterator[KerberosMessage]:
    for datagram in read_datagrams(tables, protocols.udp.get("kerberos", NONE)):
        fields = unpack_kerberos(datagram.data)
        if fields is not None:
            yield describe_kerberos(datagram.place, fields)
