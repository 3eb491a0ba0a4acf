"""The stages in which the tunnel comes up: IP-HTTPS' own request, Teredo's qualification, 6to4's first answer.

Takes a capture as a process sees it and the inside of the client's tunnel; gives stages.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from wireproof.processes.stage import Outcome, Stage, Step
from wireproof.processes.tunnel import ADVERTISEMENT, SOLICITATION, Tunnel

if TYPE_CHECKING:
    from wireproof.messages.tls_sessions import TlsSession
    from wireproof.processes.iphttps import Attempt
    from wireproof.processes.sight import Sight

OK = 200
FATAL = 2


def tunnel_up(sight: Sight, attempt: Attempt | None, tunnel: Tunnel) -> Stage:
    """IP-HTTPS: the POST and its response where they are in clear, and the first packets inside."""
    messages = attempt.messages if attempt else ()
    heads = [message for message in messages if message.kind in {"request", "response"}]
    steps = [
        Step(m.row, f"{m.method} {m.target}" if m.kind == "request" else f"{m.status} {m.reason}".strip())
        for m in heads
    ]
    status = next((message.status for message in heads if message.kind == "response"), 0)
    steps += _router_steps(tunnel)
    if attempt and attempt.session and attempt.session.application_from >= 0 and not heads:
        steps.append(Step(attempt.session.application_from, "first application data"))
    elif not tunnel.routers(ADVERTISEMENT) and status != OK:
        steps += [Step(row, "first packet inside that reaches the client") for row in tunnel.server_rows[:1]]
    numbers = [attempt.number] if attempt else []
    facts: dict[str, object] = {
        "status": status or None,
        "router_solicitations": len(tunnel.routers(SOLICITATION)),
        "router_advertisements": len(tunnel.routers(ADVERTISEMENT)),
        "inside_seen": tunnel.is_seen,
        "client_addresses": [a for a in tunnel.clients if not ipaddress.ip_address(a).is_link_local],
    }
    session = attempt.session if attempt else None
    if attempt and session and is_left_unused(session):
        facts |= {"ended_by": session.ended_by, "end_kind": session.end_kind}
        steps += (
            [] if session.end_row < 0 else [Step(session.end_row, f"the {session.ended_by} closes, nothing was sent")]
        )
    if not steps and tunnel.is_seen:
        steps = [Step(int(tunnel.rows[0]), "first packet inside")]
    return sight.stage("tunnel-up", _outcome(sight, attempt, tunnel, status), steps, facts, numbers)


def is_left_unused(session: TlsSession) -> bool:
    """Whether a whole handshake was followed by the end of the connection, or a fatal alert, and by no data.

    Of TLS 1.3, whose handshake looks like data from its first answer on, nothing is said.
    """
    if any(message.kind == "application_data" for message in session.messages):
        return False
    over = session.end_row >= 0 or any(alert.alert_level == FATAL for alert in session.alerts)
    return session.completed and session.application_from < 0 and over


def _router_steps(tunnel: Tunnel) -> list[Step]:
    solicited, advertised = tunnel.routers(SOLICITATION), tunnel.routers(ADVERTISEMENT)
    steps = [Step(row, "router solicitation inside") for row in solicited[:3]]
    return steps + [Step(row, "router advertisement inside") for row in advertised[:1]]


def _outcome(sight: Sight, attempt: Attempt | None, tunnel: Tunnel, status: int) -> Outcome:
    if status and status != OK:
        return Outcome.FAILED
    if tunnel.routers(ADVERTISEMENT) or tunnel.server_rows:
        return Outcome.DONE
    if len(tunnel.routers(SOLICITATION)) > 1:
        return Outcome.UNANSWERED
    if status == OK or (tunnel.is_seen and attempt is None):
        return Outcome.DONE
    return _by_data(sight, attempt)


def _by_data(sight: Sight, attempt: Attempt | None) -> Outcome:
    """What encrypted data tells: both sides sent some, or only the client did."""
    session = attempt.session if attempt else None
    if attempt is None or session is None or not session.completed:
        return Outcome.NOT_SEEN
    if is_left_unused(session):
        return Outcome.FAILED
    if session.application_from < 0:
        return Outcome.NOT_SEEN
    sides = {message.side for message in session.messages if message.kind == "application_data"}
    if len(sides) == 2:
        return Outcome.DONE
    if sides == {session.client_side}:
        return Outcome.FAILED if session.end_row >= 0 else sight.silence(session.application_from)
    return Outcome.NOT_SEEN


def carried_connected(sight: Sight, tunnel: Tunnel) -> Stage:
    """Teredo and 6to4: whether anything comes back through the carrier. Neither has a connection to set up."""
    solicited, advertised = tunnel.routers(SOLICITATION), tunnel.routers(ADVERTISEMENT)
    steps = [Step(row, f"{tunnel.transport}: router solicitation") for row in solicited[:6]]
    steps += [Step(row, f"{tunnel.transport}: router advertisement") for row in advertised[:1]]
    steps += [Step(row, f"{tunnel.transport}: packet that reaches the client") for row in tunnel.server_rows[:1]]
    if not steps:
        steps = [Step(int(row), f"{tunnel.transport}: packet of the client") for row in tunnel.rows[:3]]
    facts: dict[str, object] = {
        "transport": tunnel.transport,
        "server": carrier_server(tunnel),
        "attempts": len(solicited) or 1,
    }
    answered = bool(advertised or tunnel.server_rows)
    silent = sight.silence(int(tunnel.rows[0])) if tunnel.is_seen else Outcome.NOT_SEEN
    outcome = Outcome.DONE if answered else silent
    return sight.stage("transport-connected", outcome, steps, facts)


def carrier_server(tunnel: Tunnel) -> str:
    """The server's IPv4 address, which Teredo addresses of its clients hold (RFC 4380 section 4); for 6to4 the peer's own."""
    for client in tunnel.clients:
        packed = ipaddress.ip_address(client).packed
        if tunnel.transport == "Teredo" and packed[:4] == b"\x20\x01\0\0":
            return str(ipaddress.IPv4Address(packed[4:8]))
    if tunnel.transport == "6to4":
        for row in tunnel.server_rows[:1]:
            talk = tunnel.sight.talk(int(tunnel.sight.packets.conversation[row]))
            packed = ipaddress.ip_address(talk.address(1 - talk.client_side)).packed
            return str(ipaddress.IPv4Address(packed[2:6])) if packed[:2] == b"\x20\x02" else ""
    return ""


def carried_up(sight: Sight, tunnel: Tunnel, reached: Outcome) -> Stage:
    """Teredo and 6to4: the interface is up once something came through it."""
    clients = [address for address in tunnel.clients if not ipaddress.ip_address(address).is_link_local]
    steps = [Step(row, "router advertisement") for row in tunnel.routers(ADVERTISEMENT)[:1]]
    steps = steps or [Step(row, "first packet inside that reaches the client") for row in tunnel.server_rows[:1]]
    outcome = Outcome.DONE if reached is Outcome.DONE else Outcome.NOT_SEEN
    return sight.stage("tunnel-up", outcome, steps if reached is Outcome.DONE else (), {"client_addresses": clients})
