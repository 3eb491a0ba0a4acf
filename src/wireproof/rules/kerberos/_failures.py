"""Kerberos errors with the requests that they answer, from key distribution centres and from servers that a ticket was shown to.

Takes a point's Kerberos, SMB and LDAP messages; gives failures. Decides nothing about how bad they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.wire.kerberos_names import (
    C_PRINCIPAL_UNKNOWN,
    CLIENT_REVOKED,
    CLOCK_SKEW,
    ERRORS,
    ETYPE_NOSUPP,
    KEY_EXPIRED,
    PREAUTH_FAILED,
    PREAUTH_REQUIRED,
    RESPONSE_TOO_BIG,
    S4U_PADATA,
)

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.kerberos import KerberosMessage

NORMAL = {0, PREAUTH_REQUIRED, RESPONSE_TOO_BIG, 48, 68, 69, 90, 91}
"""Errors that are steps on the way: pre-authentication is asked for, the answer needs TCP, another realm or method is named, the ticket
of the other user is wanted."""
ABOUT_CLIENT = {C_PRINCIPAL_UNKNOWN, CLIENT_REVOKED, KEY_EXPIRED, PREAUTH_FAILED, 1, 2, 12, 21}
ANY = "*"
"""Stands for whatever ticket it is."""
CHANGE_SERVICE = "kadmin/"
"""A ticket that only serves to change the password is no logon."""
CODES = {name: code for code, name in ERRORS.items()}


@dataclass(frozen=True, slots=True)
class Failure:
    """One error. `server` sent it to `client` (addresses); `principal` asked for a ticket to `service` of `realm`.

    `row` is the error's packet, `request_row` that of its request (-1: not in the capture). `etypes` are those that the request
    offered. Clocks are ns since 1970, 0 when not told; `seen_ns` is the capture's clock. `carrier` names the protocol that carried it.
    """

    point: Point
    conversation: int
    row: int
    request_row: int
    code: int
    client: str
    server: str
    principal: str = ""
    service: str = ""
    realm: str = ""
    etypes: tuple[str, ...] = ()
    client_time_ns: int = 0
    server_time_ns: int = 0
    seen_ns: int = 0
    text: str = ""
    nt_status: str = ""
    carrier: str = "Kerberos"
    asked: str = ""
    on_behalf: bool = False
    """Whether a service asked for a ticket on a user's behalf (S4U)."""

    @property
    def subject(self) -> str:
        """Who or what it is about, by its code: the client itself where its clock is wrong."""
        if self.code == CLOCK_SKEW:
            return ANY
        return (
            self.principal
            if self.code in ABOUT_CLIENT or (self.code == ETYPE_NOSUPP and self.asked == "AS-REQ")
            else self.service
        )

    @property
    def key(self) -> tuple[str, ...]:
        """What several failures with one cause have in common."""
        whom = self.client if self.code == CLOCK_SKEW else self.subject.lower()
        return (self.server, str(self.code), self.nt_status, whom)


def find_failures(point: Point, own: set[int]) -> dict[tuple[str, ...], list[Failure]]:
    """The errors in these conversations of a point by their key, without those that are steps on the way."""
    found: dict[tuple[str, ...], list[Failure]] = defaultdict(list)
    for failure in (*_from_kdcs(point), *_carried(point, "smb"), *_carried(point, "ldap")):
        if failure.conversation in own:
            found[failure.key].append(failure)
    return found


def _from_kdcs(point: Point) -> Iterator[Failure]:
    """What key distribution centres answered."""
    requests: dict[int, KerberosMessage] = {}
    for message in point.said.kerberos:
        if message.kind in ("AS-REQ", "TGS-REQ", "AP-REQ"):
            requests[message.conversation] = message
        elif message.code >= 0 and message.code not in NORMAL:
            yield _from_kdc(point, message, requests.get(message.conversation))


def _from_kdc(point: Point, error: KerberosMessage, request: KerberosMessage | None) -> Failure:
    talk = point.talk(error.conversation)
    return Failure(
        point,
        error.conversation,
        error.last_row,
        request.row if request else -1,
        error.code,
        talk.address(1 - error.side),
        talk.address(error.side),
        principal=error.cname or (request.cname if request else ""),
        service=error.sname or (request.sname if request else ""),
        realm=error.realm or (request.realm if request else ""),
        etypes=request.etypes if request else (),
        client_time_ns=error.client_time_ns,
        server_time_ns=error.server_time_ns,
        seen_ns=error.time_ns,
        text=error.text,
        nt_status=error.nt_status,
        asked=request.kind if request else "",
        on_behalf=request is not None and not S4U_PADATA.isdisjoint(request.padata),
    )


def _carried(point: Point, protocol: str) -> Iterator[Failure]:
    """Errors in the security tokens of SMB sessions and LDAP binds: a server that can't use the ticket it was shown."""
    if not point.said.protocols.has_streams(protocol):
        return
    messages = point.said.smb if protocol == "smb" else point.said.ldap
    for message in messages:
        code = CODES.get(message.kerberos_error, 0)
        if message.kerberos_error and code not in NORMAL:
            talk = point.talk(message.conversation)
            ends = (talk.address(1 - message.side), talk.address(message.side))
            client_time_ns, server_time_ns = message.kerberos_clocks or (0, 0)
            yield Failure(
                point,
                message.conversation,
                message.last_row,
                message.request_row,
                code,
                *ends,
                service=message.service,
                client_time_ns=client_time_ns,
                server_time_ns=server_time_ns,
                seen_ns=message.time_ns,
                carrier=protocol.upper(),
            )


@dataclass(frozen=True, slots=True)
class Granted:
    """Tickets that were given: (client address, principal or service) to the rows of the replies."""

    rows: dict[tuple[str, str], int]

    def after(self, failure: Failure) -> bool:
        """Whether the same client got what this failure denied it, later."""
        return self.rows.get((failure.client, failure.subject.lower()), -1) > failure.row if failure.subject else False


def find_granted(point: Point) -> Granted:
    """The tickets that a point shows being given."""
    rows: dict[tuple[str, str], int] = {}
    for message in point.said.kerberos:
        if message.kind in ("AS-REP", "TGS-REP") and not message.sname.lower().startswith(CHANGE_SERVICE):
            client = point.talk(message.conversation).address(1 - message.side)
            names = (message.cname, message.sname) if message.kind == "AS-REP" else (message.sname,)
            for name in (*names, ANY):
                rows[(client, name.lower())] = message.last_row
    return Granted(rows)
