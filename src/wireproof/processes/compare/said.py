"""What conversations said, as exchanges: lookups, handshakes, requests with their answers, of every protocol that has a table.

Takes a capture's message tables; gives exchanges. A protocol is one function here and a line in SPEAKERS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.errors import Fence
from wireproof.limits import limit
from wireproof.processes.compare.exchange import Answer, Exchange, Service, plain, plain_target
from wireproof.processes.compare.services import Services
from wireproof.processes.compare.transport import silence
from wireproof.processes.compare.windows import WINDOWS
from wireproof.processes.sight import Sight
from wireproof.wire.tls import version_name
from wireproof.wire.tls_suites import suite_name

if TYPE_CHECKING:
    from wireproof.messages.dns_records import DnsMessage
    from wireproof.messages.http_message import HttpMessage
    from wireproof.messages.tls_sessions import TlsSession

LOOKUPS = Service("dns", "name lookups", named=True)
HANDSHAKE = "TLS handshake"
FATAL = 2
AT_ONCE = limit(
    "compare.closed_after_s",
    1.0,
    "a client that dislikes a certificate closes at once; one that connected ahead of need keeps it",
)
PRIVATE = ("10.", "192.168.", "169.254.", "127.", "fc", "fd", "fe80", *(f"172.{second}." for second in range(16, 32)))

Speaker = Callable[[Sight, Services], Iterator[Exchange]]


def said_exchanges(sight: Sight, services: Services) -> list[Exchange]:
    """The exchanges of all message tables; a defect in one of them is noted in `services` and does not cost the others."""
    found: list[Exchange] = []
    for name, speaker in SPEAKERS.items():
        with Fence(f"comparing {name}", services.notes.append):
            found += speaker(sight, services)
    return found


def _dns(sight: Sight, _services: Services) -> Iterator[Exchange]:
    """Lookups by name and type, whoever was asked and however often."""
    asked: dict[tuple[str, str], list[DnsMessage]] = {}
    for message in sight.said.dns:
        if message.service == "dns" and message.name and message.opcode == "query":
            asked.setdefault((plain(message.name.lower()), message.kind), []).append(message)
    for (name, kind), messages in asked.items():
        queries = [message for message in messages if not message.response]
        answers = [message for message in messages if message.response]
        best = next(
            (answer for answer in answers if answer.rcode == "NOERROR" and answer.records),
            answers[0] if answers else None,
        )
        first = queries[0] if queries else messages[0]
        action = f"{name} {kind}"
        if best is None:
            yield Exchange(LOOKUPS, action, *silence(sight, queries[-1].row), first.row, first.conversation)
            continue
        wait_s = (best.time_ns - first.time_ns) / 1e9 if queries and best.time_ns >= first.time_ns else None
        said = _dns_outcome(best)
        yield Exchange(LOOKUPS, action, *said, first.row, first.conversation, wait_s, _dns_details(best), best.row)


def _dns_outcome(answer: DnsMessage) -> tuple[str, bool | None]:
    if answer.rcode != "NOERROR":
        return answer.rcode, False
    return ("answered", True) if answer.records else ("no such record", None)


def _dns_details(answer: DnsMessage) -> tuple[tuple[str, str], ...]:
    if not answer.addresses:
        return ()
    reach = {"private" if address.startswith(PRIVATE) else "public" for address in answer.addresses}
    return ("kind of address", " and ".join(sorted(reach))), ("address", ", ".join(sorted(answer.addresses)))


def _tls(sight: Sight, services: Services) -> Iterator[Exchange]:
    for number, session in sight.said.tls_sessions.items():
        if session.client_hello is not None and not session.pseudo:
            made = _handshake(sight, services.of(number), session)
            yield replace(made, answers=tuple(_certificates(sight, session)))


def _handshake(sight: Sight, service: Service, session: TlsSession) -> Exchange:
    hello = session.client_hello
    assert hello is not None
    details = _tls_details(session)
    fatal = next((alert for alert in session.alerts if alert.alert_level == FATAL), None)
    number, row = session.conversation, hello.row
    if session.completed:
        end = max(
            (message.time_ns for message in session.messages if message.kind in {"finished", "change_cipher_spec"}),
            default=0,
        )
        wait_s = (end - hello.time_ns) / 1e9 if end >= hello.time_ns else None
        return Exchange(service, HANDSHAKE, "done", True, row, number, wait_s, details)
    if fatal is not None:
        role = "client" if fatal.from_client else "server"
        outcome = f"alert {fatal.alert} of the {role}"
        return Exchange(service, HANDSHAKE, outcome, False, row, number, None, details, fatal.row)
    if session.ended_by:
        after = _last_of(session)
        word = "reset" if session.end_kind == "rst" else "closed"
        outcome = f"{word} by the {session.ended_by} after {after}"
        return Exchange(service, HANDSHAKE, outcome, False, row, number, None, details, session.end_row)
    outcome, good = (
        silence(sight, row) if session.server_hello is None else ("not finished before the capture ends", None)
    )
    return Exchange(service, HANDSHAKE, outcome, good, row, number, None, details)


def _certificates(sight: Sight, session: TlsSession) -> Iterator[Answer]:
    """The server's certificate, and whether the client went on with it."""
    if not session.certificates:
        return
    own = session.certificates[0]
    good, then = _went_on(sight, session)
    named = f"{own.title}, issued by {'itself' if own.self_signed else own.issuer}"
    yield Answer("certificate", named.lower(), named + then, good, session.certificate_row)


def _went_on(sight: Sight, session: TlsSession) -> tuple[bool | None, str]:
    """Whether the client sent data behind the handshake; False where it ended the connection at once, with words that say so."""
    if session.application_from >= 0:
        return True, ""
    alert = next((one for one in session.alerts if one.from_client and one.alert_level == FATAL), None)
    if alert is not None:
        return False, f", which the client answers with the alert {alert.alert}"
    last_row = max((message.row for message in session.messages), default=session.certificate_row)
    if session.ended_by == "client" and sight.time_s(session.end_row) - sight.time_s(last_row) < AT_ONCE.value:
        return False, ", behind which the client ends the connection without data"
    return None, ""


def _last_of(session: TlsSession) -> str:
    """The last message of the handshake in clear, in words."""
    last = session.messages[-1].kind if session.messages else "client_hello"
    return last.replace("_", " ")


def _tls_details(session: TlsSession) -> tuple[tuple[str, str], ...]:
    found = []
    if session.version:
        found.append(("TLS version", version_name(session.version)))
    if session.suite >= 0:
        found.append(("cipher suite", suite_name(session.suite)))
    return tuple(found)


def _http(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.http:
        if not sight.conversations.is_tcp[message.conversation]:
            continue
        if message.kind == "response" and (message.status >= 200 or message.status == 101):
            yield _response(services, message)
        elif message.kind == "request" and message.answer_row < 0:
            said = ("not read", None) if message.cut or message.method == "PRI" else silence(sight, message.last_row)
            yield Exchange(services.of(message.conversation), _asked(message), *said, message.row, message.conversation)


def _response(services: Services, message: HttpMessage) -> Exchange:
    good = None if message.status in {401, 407} else message.status < 400
    row = message.request_row if message.request_row >= 0 else message.row
    wait_s = message.wait_ns / 1e9 if message.wait_ns >= 0 else None
    details = (("server software", message.server),) if message.server else ()
    outcome = f"{message.status} {message.reason}".strip()
    service, number = services.of(message.conversation), message.conversation
    return Exchange(service, _asked(message), outcome, good, row, number, wait_s, details, message.row)


def _asked(message: HttpMessage) -> str:
    return f"{message.method} {plain_target(message.target)}".strip() or "a request"


def _sip(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.sip:
        if message.status >= 200 and not message.repeat:
            good = None if message.status in {401, 407} else message.status < 400
            said = (f"SIP {message.method}", f"{message.status} {message.reason}".strip(), good)
            yield services.answered(message, message.request_row, said)


def _stun(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.stun:
        if message.kind in {"success", "error"} and not message.check:
            outcome = "answered" if message.kind == "success" else f"{message.error} {message.reason}".strip()
            # 401 and 438 are how a TURN server asks for credentials (RFC 8489 section 9.2).
            good = True if message.kind == "success" else None if message.error in {401, 438} else False
            yield services.answered(message, message.request_row, (f"STUN {message.method}", outcome, good))


def _dhcp(sight: Sight, _services: Services) -> Iterator[Exchange]:
    for message in sight.said.dhcp:
        good = None if message.kind.upper() not in {"ACK", "NAK", "REPLY"} else message.kind.upper() != "NAK"
        service = Service("dhcp", "address assignment (DHCP)", named=True)
        yield Exchange(service, f"DHCP {message.kind}", "sent", good, message.row, message.conversation)


def _ike(sight: Sight, services: Services) -> Iterator[Exchange]:
    for message in sight.said.ike:
        if message.repeat:
            continue
        service = services.of(message.conversation)
        if message.error_name:
            yield Exchange(
                service,
                f"{message.protocol} {message.exchange_name}",
                message.error_name,
                False,
                message.row,
                message.conversation,
            )
        elif not message.from_initiator:
            yield Exchange(
                service,
                f"{message.protocol} {message.exchange_name}",
                "answered",
                True,
                message.row,
                message.conversation,
            )


SPEAKERS: dict[str, Speaker] = {
    "dhcp": _dhcp,
    "dns": _dns,
    "tls": _tls,
    "http": _http,
    "sip": _sip,
    "stun": _stun,
    "ike": _ike,
} | WINDOWS
