"""SMB 1, 2 and 3 messages, each response with what it answers.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.messages.framed import Framed, Place, find_both
from wireproof.messages.smb_talk import (
    Asked,
    Memory,
    is_named,
    keep,
    kerberos_clocks,
    kerberos_error,
    logon_kind,
    service,
    user_name,
)
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, TalkStreams
from wireproof.wire import smb, smb1
from wireproof.wire.spnego import Logon, unpack_logon
from wireproof.wire.windows.errors import windows_error_name

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

HEAD = 8192
"""Bytes of a message that are read: headers, names and security tokens stand there; what READ and WRITE carry may be longer."""

PENDING = 0x103
"""The status of an interim response: the final one comes later (MS-SMB2 section 3.3.4.2)."""
NONE_CHOSEN = "none"
"""The dialect of a response that agrees on none."""
GUEST_OR_NULL = 3
"""SESSION_SETUP flags of a session that is not the user's own (MS-SMB2 section 2.2.6)."""
SAME_FILE = b"\xff" * 16
"""The FileId of a chained request that means the file just opened (MS-SMB2 section 3.2.4.1.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbMessage(Message):
    """One message, or one of several that came chained.

    `version` is 1 or 2 (SMB 2 and 3 have one form) and 0 for the NetBIOS session around them. `command` is its name in MS-SMB2 or
    MS-CIFS; `encrypted` and `compressed` stand for messages that could not be looked into. A response has `code` and its name
    `status`, and `request_row`, the packet of its request (-1: not in the capture). `share` is the path of the tree, `name` the
    share, file or pipe that the command is about, `access` what was asked for it. `user`, `workstation` and `logon` (NTLM or Kerberos)
    are what set up the session; `service` is the ticket's, `kerberos_error` the error that came back in a token, with
    the clocks of client and server in ns since 1970. `dialect` is what was
    agreed (`none` where nothing was), or all that were offered. `data_offset` is where the data of a READ, WRITE or IOCTL begin in
    its side's stream, -1 without; `control` is the IOCTL's code. Sizes and offsets are bytes.
    """

    version: int
    command: str
    is_response: bool
    code: int = 0
    status: str = ""
    message_id: int = -1
    session_id: int = 0
    tree_id: int = 0
    request_row: int = -1
    share: str = ""
    name: str = ""
    access: int = 0
    user: str = ""
    workstation: str = ""
    logon: str = ""
    service: str = ""
    kerberos_error: str = ""
    kerberos_clocks: tuple[int, ...] = ()
    dialect: str = ""
    guest: bool = False
    control: int = 0
    data_offset: int = -1
    data_size: int = 0

    @property
    def no_common_dialect(self) -> bool:
        """Whether the server took none of the dialects that were offered."""
        return self.dialect == NONE_CHOSEN


def build_smb(tables: CaptureTables, protocols: Protocols) -> MessageTable[SmbMessage]:
    """Every such message of the capture."""
    found: list[SmbMessage] = []
    for talk in protocols.streams(tables, "smb"):
        found += _read_talk(tables, talk)
    return MessageTable(SmbMessage, found)


def _read_talk(tables: CaptureTables, talk: TalkStreams) -> Iterator[SmbMessage]:
    """The messages of one conversation, in the order of packets, so that requests come before their responses."""
    memory = Memory()
    for place, message in find_both(tables, talk, smb.measure_session, HEAD):
        yield from _read_framed(place, message, memory)


def _read_framed(place: Place, framed: Framed, memory: Memory) -> Iterator[SmbMessage]:
    data = framed.data[4:]
    if framed.data[0] != 0:
        kind, code = smb.SESSION_KINDS[framed.data[0]], data[0] if data else 0
        yield SmbMessage(**place, version=0, command=kind, is_response=framed.data[0] in (0x82, 0x83, 0x84), code=code)
    elif data.startswith(smb.SMB1_ID):
        for old in smb1.find_commands(data):
            yield _read_smb1(place, data, old, memory)
    elif data.startswith(smb.SMB2_ID):
        previous = Asked()
        for header in smb.find_headers(data):
            body = smb.unpack_body(data, header)
            previous = (
                _answered(header, body, memory) if header.is_response else _ask(place, header, body, memory, previous)
            )
            yield _describe(place, framed, header, body, previous)
    else:
        kind = "encrypted" if data.startswith(smb.ENCRYPTED_ID) else "compressed"
        yield SmbMessage(**place, version=2, command=kind, is_response=False)


# --- SMB 2 and 3 -----------------------------------------------------------------------------------------------------------


def _describe(place: Place, framed: Framed, header: smb.Header, body: smb.Body, asked: Asked) -> SmbMessage:
    logon = asked.logon
    answer = unpack_logon(body.token) if body.token and header.is_response else Logon()
    return SmbMessage(
        **place,
        version=2,
        command=smb.command_name(header.command),
        is_response=header.is_response,
        code=header.status,
        status=windows_error_name(header.status, "ntstatus") if header.is_response else "",
        message_id=header.message,
        session_id=header.session,
        tree_id=header.tree,
        request_row=asked.row if header.is_response else -1,
        share=asked.share,
        name=asked.name,
        access=asked.access,
        user=user_name(logon),
        workstation=logon.workstation,
        logon=logon_kind(logon),
        service=service(logon),
        kerberos_error=kerberos_error(answer),
        kerberos_clocks=kerberos_clocks(answer),
        dialect=", ".join(smb.DIALECTS.get(number, hex(number)) for number in body.dialects),
        guest=bool(body.session_flags & GUEST_OR_NULL),
        control=body.control,
        data_offset=framed.offset + 4 + body.data_at if body.data_size else -1,
        data_size=body.data_size,
    )


def _ask(place: Place, header: smb.Header, body: smb.Body, memory: Memory, previous: Asked) -> Asked:
    """Remember a request. One that is related to the request chained before it shares its tree and file."""
    related = bool(header.flags & smb.RELATED)
    own = unpack_logon(body.token) if body.token else Logon()
    logon = own if is_named(own) else memory.users.get(header.session, own)
    if is_named(own) and header.session:
        keep(memory.users, header.session, own)
    share = memory.shares.get((header.session, header.tree), "")
    name = body.name or memory.files.get(body.file, "")
    if related:
        share, logon = share or previous.share, logon if logon.ntlm or logon.kerberos else previous.logon
        name = previous.name if body.file == SAME_FILE else name
    asked = Asked(place["row"], share, name, body.access, body.file, logon)
    keep(memory.asked, (header.message, 2), asked)
    return asked


def _answered(header: smb.Header, body: smb.Body, memory: Memory) -> Asked:
    """The request that a response answers; what the response grants is remembered."""
    key = (header.message, 2)
    asked = memory.asked.get(key)
    if asked is None:
        share = memory.shares.get((header.session, header.tree), "")
        return Asked(share=share, name=memory.files.get(body.file, ""), logon=memory.users.get(header.session, Logon()))
    if header.status == PENDING:
        return asked
    del memory.asked[key]
    if header.status == 0 and header.command == smb.TREE_CONNECT:
        keep(memory.shares, (header.session, header.tree), asked.name)
    elif header.status == 0 and header.command == smb.CREATE and body.file:
        keep(memory.files, body.file, asked.name)
    elif header.command == smb.CLOSE:
        memory.files.pop(asked.file, None)
    elif header.command == smb.SESSION_SETUP and is_named(asked.logon):
        keep(memory.users, header.session, asked.logon)
    return asked


# --- SMB 1 -----------------------------------------------------------------------------------------------------------------


def _read_smb1(place: Place, data: bytes, header: smb1.Header, memory: Memory) -> SmbMessage:
    body = smb1.unpack_body(data, header)
    asked = _answered_smb1(header, memory) if header.is_response else _ask_smb1(place, header, body, memory)
    answer = unpack_logon(body.token) if body.token and header.is_response else Logon()
    dialect = ", ".join(body.dialects)
    if body.dialect == smb1.NO_DIALECT:
        dialect = NONE_CHOSEN
    elif body.dialect >= 0:
        dialect = memory.offered[body.dialect] if body.dialect < len(memory.offered) else ""
    return SmbMessage(
        **place,
        version=1,
        command=smb1.command_name(header.command),
        is_response=header.is_response,
        code=header.status,
        status=_status_smb1(header) if header.is_response else "",
        message_id=header.multiplex,
        session_id=header.session,
        tree_id=header.tree,
        request_row=asked.row if header.is_response else -1,
        share=asked.share,
        name=asked.name,
        user=user_name(asked.logon),
        workstation=asked.logon.workstation,
        logon=logon_kind(asked.logon),
        service=service(asked.logon),
        kerberos_error=kerberos_error(answer),
        kerberos_clocks=kerberos_clocks(answer),
        dialect=dialect,
    )


def _status_smb1(header: smb1.Header) -> str:
    if header.dos and header.status:
        return smb1.dos_error_name(header.status)
    return windows_error_name(header.status, "ntstatus")


def _ask_smb1(place: Place, header: smb1.Header, body: smb1.Body, memory: Memory) -> Asked:
    if header.command == smb1.NEGOTIATE:
        memory.offered = body.dialects
    own = unpack_logon(body.token) if body.token else Logon(user=body.user, domain=body.domain)
    logon = own if is_named(own) else memory.users.get(header.session, own)
    if is_named(own) and header.session:
        keep(memory.users, header.session, own)
    asked = Asked(place["row"], memory.shares.get((0, header.tree), ""), body.name, logon=logon)
    keep(memory.asked, (header.multiplex << 16 | header.process, header.command), asked)
    return asked


def _answered_smb1(header: smb1.Header, memory: Memory) -> Asked:
    share, logon = memory.shares.get((0, header.tree), ""), memory.users.get(header.session, Logon())
    asked = memory.asked.pop((header.multiplex << 16 | header.process, header.command), None)
    if asked is None:
        return Asked(share=share, logon=logon)
    if header.status == 0 and header.command == smb1.TREE_CONNECT_ANDX:
        keep(memory.shares, (0, header.tree), asked.name)
    if header.command == smb1.SESSION_SETUP_ANDX and is_named(asked.logon):
        keep(memory.users, header.session, asked.logon)
    return asked
