"""IKEv1 (RFC 2409), IKEv2 (RFC 7296) and AuthIP (MS-AIPS) messages.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.heads import CHUNK, find_udp_rows, read_heads
from wireproof.messages.table import Message, MessageTable
from wireproof.wire.ike import (
    HEADER_BYTES,
    INITIATOR,
    RESPONSE,
    IkeFields,
    notify_name,
    unpack_ike,
    vendor_name,
    windows_build,
    windows_error,
)
from wireproof.wire.ike_names import WINDOWS
from wireproof.wire.ike_proposals import describe_proposals
from wireproof.wire.windows.errors import windows_error_name

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams import Protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class IkeMessage(Message):
    """One message.

    `protocol` is `ikev1`, `ikev2` or `authip`. Cookies (in IKEv2 SPIs) are 16 hex digits; the responder's is all zeros in the
    first message. `exchange_name` is for readers: `main mode`, `quick mode`, `extended mode`, `notify`, `IKE_SA_INIT` ... .
    `from_initiator` tells that the side which began the negotiation sent it. `payloads` and `notifies` are names in order as far
    as they are in clear. `error` is the Windows error of an AuthIP NOTIFY_STATUS, 0 without one. `vendors` are vendor ids by
    name, `windows` what they tell of the sender's Windows version. `windows_build` is the number behind that. `repeat` tells
    that the same side sent the same bytes before.
    """

    protocol: str = ""
    encapsulated: bool = False
    """On UDP 4500, behind the non-ESP marker (RFC 3948)."""
    initiator_cookie: str = ""
    responder_cookie: str = ""
    exchange: int = 0
    exchange_name: str = ""
    flags: int = 0
    message_id: int = 0
    length: int = 0
    encrypted: bool = False
    from_initiator: bool = True
    is_response: bool = False
    payloads: tuple[str, ...] = ()
    notify_types: tuple[int, ...] = ()
    notifies: tuple[str, ...] = ()
    error: int = 0
    error_name: str = ""
    vendors: tuple[str, ...] = ()
    windows_build: int = 0
    windows: str = ""
    proposals: tuple[str, ...] = ()
    repeat: bool = False
    copy_of: int = -1
    """Row of the message that it repeats; -1 for none."""


NAT_PORT = 4500


@dataclass(frozen=True, slots=True)
class _Datagram:
    """One UDP payload that may be IKE, without its non-ESP marker."""

    row: int
    conversation: int
    side: int
    data: bytes
    marked: bool
    cut: bool


def build_ike(tables: CaptureTables, protocols: Protocols) -> MessageTable[IkeMessage]:
    """Every such message of the capture."""
    numbers = protocols.udp.get("ike")
    if numbers is None or not len(numbers):
        return MessageTable(IkeMessage)
    initiators: dict[bytes, str] = {}
    seen: dict[tuple[int, int, bytes], int] = {}
    found = []
    for datagram in _read_datagrams(tables, numbers):
        fields = unpack_ike(datagram.data)
        if fields is None:
            continue
        sender = tables.conversations[datagram.conversation].address(datagram.side)
        # The side that spoke first is the initiator; IKEv2 says it.
        initiator = initiators.setdefault(fields.initiator_cookie, sender)
        from_initiator = bool(fields.flags & INITIATOR) if fields.protocol == "ikev2" else initiator == sender
        key = (datagram.conversation, datagram.side, hashlib.blake2b(datagram.data, digest_size=16).digest())
        message = _message(fields, datagram, int(tables.packets.time_ns[datagram.row]), from_initiator)
        first = seen.setdefault(key, datagram.row)
        found.append(message if first == datagram.row else replace(message, repeat=True, copy_of=first))
    return MessageTable(IkeMessage, found)


def _read_datagrams(tables: CaptureTables, numbers: NDArray[np.int64]) -> Iterator[_Datagram]:
    """Datagrams that may hold IKE. On port 4500 most are ESP, which is told by its first bytes without more ado."""
    packets = tables.packets
    rows = find_udp_rows(tables, numbers, HEADER_BYTES)
    at = packets.payload_at[rows].astype(np.int64)
    behind_nat = (tables.conversations.side_facts("port")[packets.conversation[rows]] == NAT_PORT).any(axis=1)
    marked = np.zeros(len(rows), bool)
    marked[behind_nat] = ~read_heads(tables, rows[behind_nat], at[behind_nat])[:, :4].any(axis=1)
    chosen = np.flatnonzero(marked | ~behind_nat)
    for start in range(0, len(chosen), CHUNK):
        some = chosen[start : start + CHUNK]
        for place, frame in zip(some.tolist(), tables.read_frames(rows[some]), strict=True):
            row, begin = int(rows[place]), int(at[place])
            data = frame[begin : begin + int(packets.length[row])]
            cut = len(data) < int(packets.length[row])
            bare = data[4:] if marked[place] else data
            conversation, side = int(packets.conversation[row]), int(packets.direction[row])
            yield _Datagram(row, conversation, side, bare, bool(marked[place]), cut)


def _message(fields: IkeFields, datagram: _Datagram, time_ns: int, from_initiator: bool) -> IkeMessage:
    notifies = fields.notifies
    error = next((code for code in (windows_error(notify, fields.protocol) for notify in notifies) if code), 0)
    build = next((number for number in map(windows_build, fields.vendor_ids) if number), 0)
    offered = [payload.body for payload in fields.payloads if payload.kind == (33 if fields.protocol == "ikev2" else 1)]
    return IkeMessage(
        conversation=datagram.conversation,
        side=datagram.side,
        row=datagram.row,
        last_row=datagram.row,
        time_ns=time_ns,
        cut=datagram.cut or not fields.whole,
        protocol=fields.protocol,
        encapsulated=datagram.marked,
        initiator_cookie=fields.initiator_cookie.hex(),
        responder_cookie=fields.responder_cookie.hex(),
        exchange=fields.exchange,
        exchange_name=fields.exchange_name,
        flags=fields.flags,
        message_id=fields.message_id,
        length=fields.length,
        encrypted=fields.encrypted,
        from_initiator=from_initiator,
        is_response=bool(fields.flags & RESPONSE) if fields.protocol == "ikev2" else not from_initiator,
        payloads=fields.payload_names,
        notify_types=tuple(notify.kind for notify in notifies),
        notifies=tuple(notify_name(notify.kind, fields.protocol) for notify in notifies),
        error=error,
        error_name=error_name(error),
        vendors=tuple(map(vendor_name, fields.vendor_ids)),
        windows_build=build,
        windows=WINDOWS.get(build, f"a Windows of version {build}") if build else "",
        proposals=describe_proposals(offered[0], fields.protocol) if offered else (),
    )


def error_name(error: int) -> str:
    """The name of a Windows error in a NOTIFY_STATUS, which may be any (MS-AIPS appendix A note 9); empty for 0."""
    if not error:
        return ""
    return windows_error_name(error, "hresult" if error & 0x8000_0000 else "win32")
