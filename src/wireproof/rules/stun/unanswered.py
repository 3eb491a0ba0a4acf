"""A STUN or TURN server does not answer: clients behind NAT find neither their outside address nor a relay.

## What is seen
Binding or Allocate requests to a server, sent again and again, and nothing comes back on that conversation: no STUN message and no
ICMP error. Over TCP: the connection stands, the request is acknowledged, and no response follows.

## Why it matters
Without a server, ICE has only addresses of the local network to offer. Calls between two networks then fail or stay silent, although
the signalling works. One silent server of several is a delay at the start of each call.

## Fix
Let UDP 3478 (and what else the server's address says) out to the server and its answers back in; at the server see that the service
listens on that address. TURN over TCP or TLS on port 443 is what clients fall back to.

## Looks alike but is not
Connectivity checks between two clients (they carry a user name of both): most of them are meant to fail (`ice-media-blocked` judges them).
A server that answers with an error answers (`stun-error`). Where another server answers the same client, this is told as information.

## References
RFC 8489 section 6.2.1 (requests are repeated after 0.5, 1, 2 … s, seven in all); RFC 8656 section 7; MS-TURN.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import Group, addresses, by_server, is_one_point
from wireproof.rules.evidence import count, frame, joined, label, seconds, server_filter
from wireproof.rules.subjects import first_sight

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.stun import StunMessage

RULE = "stun-unanswered"
SEVERITY = Severity.ERROR
REQUESTS = limit("stun-unanswered.requests", 3, "one lost datagram is nothing, and clients ask up to seven times")
WAITED = limit("stun-unanswered.wait_s", 0.5, "the answer to the last request may come after the capture's end")
SPAN = limit(
    "stun-unanswered.span_s", 1.0, "the third copy of a request follows the first after 1.5 s (RFC 8489 section 6.2.1)"
)
TCP_WAITED = limit(
    "stun-unanswered.tcp_wait_s", 5.0, "a server that took the request over TCP answers at once or not at all"
)
LOOKED_AT = 2000
SHOWN = 7


ANSWERED = {"Binding", "Allocate", "SharedSecret", "Refresh", "CreatePermission", "ChannelBind"}
"""Methods to which a server has to respond; programs with messages of their own in STUN's form keep rules of their own."""


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a server endpoint; a question where one capture can't tell who is silent."""
    for point in case.points:
        asked = unanswered(point)
        numbers = first_sight(case, point, np.array(sorted(asked), np.int64), near_client=True)
        served = answered_clients(point, set(asked)) if len(numbers) else set()
        for group in by_server(point, numbers):
            finding = _finding(group, asked, served)
            yield finding
            if finding.severity is SEVERITY and is_one_point(case):
                yield _question(group)


def unanswered(point: Point) -> dict[int, list[StunMessage]]:
    """The requests to a server to which nothing came back, by conversation; what was answered before is left out."""
    waiting: dict[int, list[StunMessage]] = {}
    # Captures may show an answer before its request, when both have one time.
    settled = {(m.conversation, m.transaction) for m in point.said.stun if m.kind in {"success", "error"}}
    for message in point.said.stun:
        if message.kind in {"success", "error"}:
            waiting.pop(message.conversation, None)
        elif _expects_answer(message) and (message.conversation, message.transaction) not in settled:
            waiting.setdefault(message.conversation, []).append(message)
    end = int(point.packets.time_ns.max()) if waiting else 0
    facts = point.conversations.facts
    return {
        number: asked
        for number, asked in waiting.items()
        if not facts["icmp_errors"][number]
        and _is_waited_for(asked, end)
        and _is_silent(asked, facts["sides"][number][1 - asked[0].side])
    }


def _expects_answer(message: StunMessage) -> bool:
    return message.kind == "request" and message.method in ANSWERED and not message.check


def _is_silent(asked: list[StunMessage], server: Any) -> bool:
    """Whether the server has sent no payload of any kind since it was asked."""
    return int(server["last_data_row"]) - 1 < asked[0].row


def _is_waited_for(asked: list[StunMessage], end_ns: int) -> bool:
    """Whether enough requests were sent over enough time, and an answer to the last one had time to come."""
    over_udp = asked[0].transport == "udp"
    wait = WAITED if over_udp else TCP_WAITED
    own_words = 0x0008 in asked[0].attributes and not asked[0].username
    if own_words or end_ns - asked[-1].time_ns < wait.value * 1e9:
        return False
    span_ns = asked[-1].time_ns - asked[0].time_ns
    return not over_udp or (len(asked) >= REQUESTS.value and span_ns >= SPAN.value * 1e9)


def answered_clients(point: Point, silent: set[int]) -> set[bytes]:
    """Addresses of clients that some server answered on other conversations than these."""
    numbers = {
        message.conversation
        for message in point.said.stun
        if message.kind in {"success", "error"} and not message.check
    }
    chosen = np.array(sorted(numbers - silent), np.int64)
    return {bytes(address) for address in addresses(point, chosen, of_server=False)} if len(chosen) else set()


def _finding(group: Group, asked: dict[int, list[StunMessage]], served: set[bytes]) -> Finding:
    point, talk = group.point, group.first
    messages = [message for number in group.numbers[:LOOKED_AT].tolist() for message in asked[number]]
    first = messages[0]
    clients = {bytes(address) for address in addresses(point, group.numbers, of_server=False)}
    others = clients <= served
    span = (max(m.time_ns for m in messages) - first.time_ns) / 1e9
    methods = joined(dict.fromkeys(message.method for message in messages))
    kind = "TURN" if any(message.method == "Allocate" for message in messages) else "STUN"
    summary = (
        f"{talk.client_endpoint} sent {count(len(messages), f'{methods} request')} to {talk.server_endpoint} within {seconds(span)} over "
        f"{first.transport.upper()}, and no response came back."
    )
    before = sum(message.kind in {"success", "error"} for message in point.said.stun.of(int(group.numbers[0])))
    if before:
        summary += f" It had answered {count(before, 'request')} of this conversation before."
    if others:
        summary += " Another server answered the same client, which therefore goes on without this one."
    return Finding(
        RULE,
        Severity.INFO if others else SEVERITY,
        Confidence.MEDIUM,
        f"{kind} server {talk.server_endpoint} does not answer ({count(len(messages), 'request')})",
        summary,
        [frame(point, message.row, f"{message.method} request, no answer") for message in messages[:SHOWN]],
        where=f"beyond {point.name}, toward {talk.server_endpoint}",
        toward="server",
        talk=label(talk),
        facts={
            "count": len(group),
            "requests": len(messages),
            "methods": list(dict.fromkeys(message.method for message in messages)),
            "transport": first.transport,
            "other_server_answers": others,
        },
        fix=_fixes(group, first.transport.upper()),
        references=["RFC 8489 6.2.1", "RFC 8656 7"],
        filters={point.name: f"{server_filter(talk)} && stun"},
        cause=(talk.server_endpoint, talk.protocol),
        conversations=group.named(),
    )


def _fixes(group: Group, transport: str) -> list[str]:
    talk = group.first
    server, port = talk.address(1 - talk.client_side), int(talk.server["port"])
    return [
        f"Let {transport} to port {port} of {server} out, and its answers back in.",
        f"Capture at {server}: requests that do not arrive were dropped on the way; those that do, by the server.",
        "At the server: `ss -lunp` or `netstat -ano -p udp` shows whether the service listens on this address (a Lync Edge: the A/V Edge service).",
    ]


def _question(group: Group) -> Undecided:
    server = group.first.server_endpoint
    return Undecided(
        RULE,
        f"whether the requests to {server} are lost on the way, or the server or its answers are: this capture shows one place only",
        f"capture at {group.first.address(1 - group.first.client_side)} at the same time and give both captures",
    )
