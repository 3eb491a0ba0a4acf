"""What the protocols of Windows networks said, as exchanges: SMB, DCE/RPC, Kerberos, LDAP and TDS.

Takes a capture's message tables; gives exchanges. Judges no more than whether an answer reports a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wireproof.processes.exchange import Exchange, plain
from wireproof.processes.services import Services
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
            action = f"RPC {interface} {message.operation or message.opnum}"
            good = message.kind == "response" and not message.status
            outcome = message.status_name or ("fault" if message.kind == "fault" else "answered")
        elif message.kind in {"bind_ack", "bind_nak"}:
            action, good, outcome = "RPC bind", message.kind == "bind_ack", message.status_name or message.kind
        else:
            continue
        yield services.answered(message, message.request_row, (action, outcome, good))


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
