"""Which SMB responses refuse something, what kind of thing that was, and whether the client got it after all.

Takes a point's SMB messages; gives refusals. Decides nothing about how bad they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.smb import SmbMessage

LOGON, SHARE, PIPE, FILE, VERSION = "logon", "share", "pipe", "file", "version"

SETTING_UP = {"SESSION_SETUP", "SESSION_SETUP_ANDX"}
CONNECTING = {"TREE_CONNECT", "TREE_CONNECT_ANDX"}
OPENING = {"CREATE", "NT_CREATE_ANDX", "OPEN_ANDX", "OPEN"}
TOUCHING = {
    "IOCTL",
    "TRANSACTION",
    "READ",
    "READ_ANDX",
    "WRITE",
    "WRITE_ANDX",
    "SET_INFO",
    "QUERY_DIRECTORY",
    "CLOSE",
    "DELETE",
    "RENAME",
    "TRANSACTION2",
}

ACCESS_DENIED = {"STATUS_ACCESS_DENIED", "STATUS_NETWORK_ACCESS_DENIED", "STATUS_PRIVILEGE_NOT_HELD", "ERRDOS/noaccess", "ERRSRV/access",
                 "ERRDOS/netaccessdenied"}  # fmt: skip
PART_OF_LOGON = {
    "STATUS_SUCCESS",
    "STATUS_MORE_PROCESSING_REQUIRED",
    "STATUS_PENDING",
    "STATUS_NETWORK_SESSION_EXPIRED",
    "STATUS_USER_SESSION_DELETED",
    "STATUS_CANCELLED",
}
"""Statuses of SESSION_SETUP that refuse nobody: steps on the way, and sessions that ran out and are set up again."""
PART_OF_CONNECTING = {
    "STATUS_SUCCESS",
    "STATUS_PENDING",
    "STATUS_NETWORK_SESSION_EXPIRED",
    "STATUS_USER_SESSION_DELETED",
    "STATUS_CANCELLED",
    "STATUS_NETWORK_NAME_DELETED",
}
NO_DIALECT, CLOSED = "no common dialect", "connection closed"
ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that refuses something; or a request after which the server closed the connection.

    `kind` is one of the five above, `server` the server's address, `row` the packet that refused, and `reason` the status in it or what
    else it said.
    """

    point: Point
    message: SmbMessage
    kind: str
    server: str
    row: int
    reason: str

    @property
    def key(self) -> tuple[str, ...]:
        """What several refusals with one cause have in common."""
        what = (
            self.message.user if self.kind == LOGON else self.message.name if self.kind == SHARE else self.message.share
        )
        return (self.server, self.kind, self.reason, what.lower())


def find_refusals(point: Point, own: set[int]) -> dict[tuple[str, ...], list[Refusal]]:
    """The refusals in these conversations of a point by their key, without those of things that the client was given afterwards."""
    messages = point.said.smb
    granted = _granted(messages)
    found: dict[tuple[str, ...], list[Refusal]] = defaultdict(list)
    for message in messages:
        kind = refused_kind(message)
        if kind and message.conversation in own and not _is_given_later(message, kind, granted):
            server = point.talk(message.conversation).address(message.side)
            reason = NO_DIALECT if message.no_common_dialect else message.status
            refusal = Refusal(point, message, kind, server, message.last_row, reason)
            found[refusal.key].append(refusal)
    for refusal in _closed_on_smb1(point):
        if refusal.message.conversation in own:
            found[refusal.key].append(refusal)
    return found


def _closed_on_smb1(point: Point) -> Iterator[Refusal]:
    """Requests for SMB 1 alone that the server answered by closing the connection, without a word, as it does where SMB 1 is off."""
    for message in point.said.smb:
        if message.version != 1 or message.is_response or message.command != "NEGOTIATE" or "SMB 2" in message.dialect:
            continue
        talk = point.talk(message.conversation)
        server = talk.facts["sides"][1 - message.side]
        ended = max(int(server["fin_row"]), int(server["rst_row"])) - 1
        if ended > message.last_row and not server["payload_bytes"] and not message.cut:
            yield Refusal(point, message, VERSION, talk.address(1 - message.side), ended, CLOSED)


def refused_kind(message: SmbMessage) -> str:
    """What kind of thing a message refuses; empty when it refuses nothing."""
    if message.is_response and message.no_common_dialect:
        return VERSION
    if not message.is_response or message.code == 0:
        return ""
    if message.command in SETTING_UP:
        return LOGON if message.status not in PART_OF_LOGON else ""
    if message.command in CONNECTING:
        return SHARE if message.status not in PART_OF_CONNECTING else ""
    if message.command == "NEGOTIATE":
        return VERSION if message.status == "STATUS_NOT_SUPPORTED" else ""
    if message.status in ACCESS_DENIED and message.command in OPENING | TOUCHING:
        return PIPE if is_pipe_share(message.share) else FILE
    return ""


def is_pipe_share(share: str) -> bool:
    """Whether a share is the one that named pipes stand in."""
    return share.upper().endswith("\\IPC$")


def _granted(messages: Iterable[SmbMessage]) -> dict[tuple[int, str, str], int]:
    """(conversation, share, name) to the last packet in which the server granted it."""
    granted: dict[tuple[int, str, str], int] = {}
    for message in messages:
        if message.is_response and message.code == 0 and message.command in OPENING | CONNECTING:
            granted[(message.conversation, message.share, message.name)] = message.last_row
    return granted


def _is_given_later(message: SmbMessage, kind: str, granted: dict[tuple[int, str, str], int]) -> bool:
    """Whether the client asked again, mostly for less, and was given what it asked for."""
    if kind not in (SHARE, PIPE, FILE) or message.command in TOUCHING:
        return False
    return granted.get((message.conversation, message.share, message.name), -1) > message.last_row


@dataclass(frozen=True, slots=True)
class Logons:
    """The logons that servers of a point accepted, and the dialects they agreed on, by the two addresses."""

    point: Point
    accepted: dict[frozenset[str], list[SmbMessage]]
    agreed: dict[frozenset[str], list[SmbMessage]]

    def after(self, refusal: Refusal) -> SmbMessage | None:
        """The response that let the same client on to the same server after a refusal; None when none did.

        A logon as nobody proves nothing, unless the refused one was that too. After a refused version it is the response that agreed on one.
        """
        if refusal.kind == VERSION:
            agreed = self.agreed.get(_ends(self.point, refusal.message), ())
            return next((message for message in agreed if message.last_row > refusal.row), None)
        for message in self.accepted.get(_ends(self.point, refusal.message), ()):
            real = message.user != ANONYMOUS or refusal.message.user == ANONYMOUS
            if message.last_row > refusal.message.last_row and real and not message.guest:
                return message
        return None


def find_logons(point: Point) -> Logons:
    """The logons that a point shows."""
    accepted: dict[frozenset[str], list[SmbMessage]] = defaultdict(list)
    agreed: dict[frozenset[str], list[SmbMessage]] = defaultdict(list)
    for message in point.said.smb:
        if not message.is_response or message.code:
            continue
        if message.command in SETTING_UP:
            accepted[_ends(point, message)].append(message)
        elif message.command == "NEGOTIATE" and message.dialect and not message.no_common_dialect:
            agreed[_ends(point, message)].append(message)
    return Logons(point, accepted, agreed)


def _ends(point: Point, message: SmbMessage) -> frozenset[str]:
    talk = point.talk(message.conversation)
    return frozenset((talk.address(0), talk.address(1)))
