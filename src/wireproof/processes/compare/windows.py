"""What the protocols of Windows networks said, as exchanges: SMB, DCE/RPC, Kerberos, LDAP and TDS.

Takes a capture's message tables; gives exchanges. Judges no more than whether an answer reports a failure.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wireproof.processes.compare.exchange import Answer, Exchange, plain

if TYPE_CHECKING:
    from wireproof.messages.rpc import RpcMessage
    from wireproof.processes.compare.services import Services
    from wireproof.processes.sight import Sight

PREAUTH_REQUIRED, RESPONSE_TOO_BIG = 25, 52
"""Kerberos errors that are a part of the exchange (RFC 4120 sections 7.5.9 and 7.2.1)."""
WARNING_BITS = 3
"""Severity of an NTSTATUS that is an error (MS-ERREF section 2.3); lower ones are success, information and warning."""
EVERYDAY = frozenset((
    0xC0000016, 0xC0000034, 0xC0000035, 0xC000003A, 0xC0000010, 0xC0000011, 0xC00000BB, 0xC0000120, 0xC000019C, 0xC0000225, 0xC0000275,
))  # fmt: skip
"""NTSTATUS values that are a part of how clients work: an authentication that goes on, names that are not there or there already,
the end of a file, requests that a server does not offer (DFS referrals, reparse points), a cancelled wait (MS-ERREF section 2.3.1)."""
LDAP_GOES_ON = frozenset((5, 6, 10, 14))
"""compareFalse, compareTrue, referral and saslBindInProgress (RFC 4511 section 4.1.9) are no failures."""
TDS_INFORMATION = 10
"""Messages up to this class are information (MS-TDS section 2.2.7.10)."""
SQL_WORDS = 6
PLACE = "address for "
TCP_SEQUENCES = frozenset(("ncacn_ip_tcp", "ncacn_http"))


def _smb(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.smb:
        if not message.is_response:
            continue
        failed = message.code >> 30 == WARNING_BITS and message.code not in EVERYDAY
        about = (message.name or message.share).rpartition("\\")[2]
        action = f"SMB {message.command} {plain(about)}".strip()
        good = False if failed else None if message.code else True
        yield services.answered(message, message.request_row, (action, message.status or "success", good))


def _rpc(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.rpc:
        interface = message.interface_name or message.interface
        if message.kind in {"response", "fault"}:
            number = str(message.opnum) if message.opnum >= 0 else ""
            action = f"RPC {interface} {message.operation or number}".rstrip()
            good = message.kind == "response" and not message.status
            outcome = message.status_name or ("fault" if message.kind == "fault" else "answered")
        elif message.kind in {"bind_ack", "bind_nak"}:
            action, good, outcome = "RPC bind", message.kind == "bind_ack", message.status_name or message.kind
        else:
            continue
        told = tuple(_places(sight, message)) if message.kind == "response" and any(message.ports) else ()
        yield services.answered(message, message.request_row, (action, outcome, good), told)


def _places(sight: Sight, message: RpcMessage) -> Iterator[Answer]:
    """Whether the address that an answer names is the one that was asked; which one it is differs from network to network."""
    talk = sight.talk(message.conversation)
    asked = talk.address(1 - talk.client_side)
    places = [place for place in message.places if place.port and place.sequence in TCP_SEQUENCES]
    others = {place.address: place.port for place in places if is_elsewhere(asked, place.address)}
    name = PLACE + (message.service_name or message.service or "what was asked")
    if len(others) < len({place.address for place in places}):
        yield Answer(name, "asked", f"the address that was asked, {asked}", good=True)
    elif others:
        reached = any(_is_reached(sight, message, address, port) for address, port in others.items())
        words = f"{', '.join(others)}, and not the address that was asked, {asked}"
        yield Answer(
            name, "elsewhere", words + ("; the client reaches it" if reached else ""), None if reached else False
        )


def is_elsewhere(asked: str, named: str) -> bool:
    """Whether an answer names another address than the one asked; host names, and addresses left to the client, say nothing of it."""
    try:
        one, other = ipaddress.ip_address(asked.partition("%")[0]), ipaddress.ip_address(named.partition("%")[0])
    except ValueError:
        return False
    # An IPv6 address that was made from an IPv4 address (NAT64, ISATAP) is as good as that one.
    return one.version == other.version and one != other and not other.is_unspecified


def _is_reached(sight: Sight, message: RpcMessage, address: str, port: int) -> bool:
    """Whether the client got a connection to a place that it was told."""
    talk = sight.talk(message.conversation)
    numbers = sight.connections(talk.address(talk.client_side), port, address)
    return any(bool(sight.talk(number).server["syn_acks"]) for number in numbers)


def _kerberos(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.kerberos:
        if message.kind.endswith("-REP"):
            said: tuple[str, str, bool | None] = (
                f"Kerberos {message.kind[:-4]} {plain(message.sname)}".strip(),
                "ticket issued",
                True,
            )
        elif message.code >= 0:
            good = None if message.code in {PREAUTH_REQUIRED, RESPONSE_TOO_BIG} else False
            said = (f"Kerberos {plain(message.sname)}".strip(), message.error, good)
        else:
            continue
        yield Exchange(services.of(message.conversation), *said, message.row, message.conversation)


def _ldap(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.ldap:
        if message.is_response and message.code >= 0:
            good = message.code == 0 or (None if message.code in LDAP_GOES_ON else False)
            operation = message.operation.removesuffix("Response").removesuffix("ResDone")
            said = (f"LDAP {operation} {plain(message.dn)}".strip(), message.error or message.result, good)
            yield services.answered(message, message.request_row, said)


def _tds(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.tds:
        if message.is_response:
            failed = message.severity > TDS_INFORMATION
            errors = ", ".join(map(str, message.errors))
            outcome = f"error {errors}" if failed else "answered"
            words = " ".join(message.request.split()[:SQL_WORDS])
            yield services.answered(message, message.request_row, (f"TDS {plain(words)}".strip(), outcome, not failed))


WINDOWS: dict[str, Callable[[Sight, Services], Iterator[Exchange]]] = {
    "smb": _smb,
    "rpc": _rpc,
    "kerberos": _kerberos,
    "ldap": _ldap,
    "tds": _tds,
}
"""One function a protocol."""
