"""The TLS stages of IP-HTTPS: the ClientHello, which tells the generation of the client's system, and the end of the handshake.

Takes an attempt; gives stages. What the client thinks of a certificate is not in the frames, only that it went away then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.processes.iphttps import MOST_STEPS, Attempt, is_one_sided
from wireproof.processes.signs import NULL_SUITES, SIGNALS
from wireproof.processes.stage import Outcome, Stage, Step
from wireproof.wire.tls_suites import suite_name

if TYPE_CHECKING:
    from wireproof.messages.tls_sessions import TlsSession
    from wireproof.messages.tls_table import TlsMessage
    from wireproof.processes.sight import Sight

WINDOWS_8, WINDOWS_7 = "Windows 8 / Server 2012 or later", "Windows 7 / Server 2008 R2"
WINDOWS_7_ALWAYS = {0x002F, 0x0035, 0x000A, 0xC013, 0xC014, 0x0032, 0x0038}
"""RSA with AES and 3DES, ECDHE_RSA with AES, and DHE_DSS, which hardly anything else offers."""
WINDOWS_7_SUITES = {
    0x0004, 0x0005, 0x000A, 0x0013, 0x002F, 0x0032, 0x0033, 0x0035, 0x0038, 0x0039, 0x003C, 0x003D, 0x0040, 0x006A, 0x009C, 0x009D,
    0x009E, 0x009F, 0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024, 0xC027, 0xC028, 0xC02B, 0xC02C,
}  # fmt: skip
"""All that Schannel of Windows 7 offers, with TLS 1.2 and its updates."""


def tls_hello(sight: Sight, attempt: Attempt) -> Stage:
    """The ClientHello."""
    session = attempt.session
    if session is None or session.client_hello is None:
        return sight.stage("tls-hello", Outcome.NOT_SEEN)
    suites = [suite for suite in session.offered if suite not in SIGNALS]
    facts: dict[str, object] = {
        "server_name": session.server_name,
        "suites": [suite_name(suite) for suite in suites],
        "null_suites_only": bool(suites) and set(suites) <= NULL_SUITES,
        "system": system_of(session),
    }
    what = "NULL suites only" if facts["null_suites_only"] else f"{len(suites)} cipher suites"
    step = Step(session.client_hello.row, f"ClientHello, {what}")
    return sight.stage("tls-hello", Outcome.DONE, [step], facts, [attempt.number])


def system_of(session: TlsSession | None) -> str:
    """The client's generation: only Windows 8 and later leave the encryption of IP-HTTPS to the IPsec inside it.

    Other suites are named only where they are those of Windows 7; "" for any other hello.
    """
    suites = set(session.offered) - SIGNALS if session else set()
    if not suites:
        return ""
    if suites <= NULL_SUITES:
        return WINDOWS_8
    return WINDOWS_7 if WINDOWS_7_ALWAYS <= suites <= WINDOWS_7_SUITES else ""


def tls_done(sight: Sight, attempt: Attempt) -> Stage:
    """The rest of the handshake, up to the moment at which either side can use the connection."""
    session = attempt.session
    if session is None or session.client_hello is None:
        spoke = bool(attempt.talk.client["data_packets"])  # and its hello is not among what the capture holds
        return sight.stage("tls-done", Outcome.UNDER_WAY if spoke else Outcome.NOT_SEEN)
    steps = [Step(message.row, _name_message(message)) for message in _told(session)]
    outcome = _outcome(sight, attempt, session)
    if outcome in (Outcome.FAILED, Outcome.UNANSWERED):
        steps += _last_steps(attempt, session)
    if not steps:
        steps = [Step(session.client_hello.row, "ClientHello")]
    return sight.stage("tls-done", outcome, steps, _facts(session), [attempt.number])


def _told(session: TlsSession) -> list[TlsMessage]:
    """Messages of the handshake behind the first hello; what is encrypted afterwards tells nothing."""
    skipped = {"client_hello", "application_data"}
    return [message for message in session.messages if message.kind not in skipped][:MOST_STEPS]


def _name_message(message: TlsMessage) -> str:
    if message.alert:
        return f"alert {message.alert} from the {'client' if message.from_client else 'server'}"
    return message.kind.replace("_", " ")


def _last_steps(attempt: Attempt, session: TlsSession) -> list[Step]:
    """How it ended, or that nothing more came."""
    if session.end_row >= 0:
        how = "resets the connection" if session.end_kind == "rst" else "closes"
        return [Step(session.end_row, f"the {session.ended_by} {how}")]
    return [Step(int(attempt.talk.client["last_row"]) - 1, "last packet of the client")]


def _outcome(sight: Sight, attempt: Attempt, session: TlsSession) -> Outcome:
    """Done with the last message of the handshake; a client that dislikes the certificate finishes politely and then goes away."""
    if session.completed:
        return Outcome.DONE
    if session.end_row >= 0 or any(alert.alert_level == 2 for alert in session.alerts):
        return Outcome.FAILED
    told = [message.row for message in session.messages if not message.from_client]
    waits_since = max(told) if told else session.client_hello.row if session.client_hello else 0
    return Outcome.UNDER_WAY if is_one_sided(attempt.talk) else sight.silence(waits_since)


def _server_went_on(session: TlsSession) -> bool:
    """Whether later messages of the server show that its hello came, where the capture does not hold it."""
    return any(not message.from_client and message.kind != "alert" for message in session.messages)


def _facts(session: TlsSession) -> dict[str, object]:
    facts: dict[str, object] = {
        "suite": suite_name(session.suite) if session.suite >= 0 else "",
        "server_answered": session.server_hello is not None or _server_went_on(session),
        "completed": session.completed,
        "used": session.application_from >= 0,
        "alerts": [alert.alert for alert in session.alerts],
        "alert_from": "" if not session.alerts else "client" if session.alerts[-1].from_client else "server",
        "ended_by": session.ended_by,
        "end_kind": session.end_kind,
    }
    if session.certificates:
        own = session.certificates[0]
        facts |= {
            "certificate": own.subject,
            "names": list(own.names) or ([own.common_name] if own.common_name else []),
            "issuer": own.issuer,
            "self_signed": own.self_signed,
            "thumbprint": own.thumbprint,
        }
    return facts
