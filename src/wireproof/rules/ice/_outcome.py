"""What became of one conversation that two parties agreed on for media: it works, or how it fails.

Takes a `Pair`; gives an `Outcome` with the rows that prove it. Weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.rules.evidence import frame

if TYPE_CHECKING:
    from wireproof.finding import Evidence
    from wireproof.messages.icmp import ErrorReport
    from wireproof.messages.stun import StunMessage
    from wireproof.rules.ice._pairs import Pair

CHECKS = limit(
    "ice-media-blocked.checks",
    3,
    "one lost check is nothing: ICE repeats each up to seven times (RFC 8445 section 14.3)",
)
WAITED = limit("ice-media-blocked.wait_s", 0.9, "the answer to the last check or SYN may come after the capture's end")
ONE_SIDED = 10
SHOWN = 6

WORKS, REFUSED, SILENT, REJECTED, RESET, DENIED, UNCLEAR = (
    "works",
    "refused",
    "silent",
    "rejected",
    "reset",
    "denied",
    "unclear",
)
WORDS = {
    REFUSED: "is refused with resets",
    SILENT: "gets no answer",
    REJECTED: "is rejected by ICMP",
    RESET: "is reset right after the handshake",
    DENIED: "is answered with a STUN error",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a pair ended: one of the words above; how often it was tried; `detail` says more; `evidence` proves it."""

    kind: str
    tries: int = 0
    detail: str = ""
    evidence: list[Evidence] = field(default_factory=list)


def judge_pair(pair: Pair) -> Outcome:
    """What became of one pair."""
    checks = pair.point.said.stun.of(pair.number)
    if any(message.kind == "success" and message.method == "Binding" for message in checks):
        return Outcome(WORKS)
    return _judge_tcp(pair, checks) if pair.talk.protocol == "tcp" else _judge_udp(pair, checks)


def _judge_tcp(pair: Pair, checks: list[StunMessage]) -> Outcome:
    talk = pair.talk
    client, server = talk.client, talk.server
    if int(server["syn_acks"]) == 0 and int(server["data_packets"]) == 0:
        if int(talk.facts["icmp_errors"]):
            return _rejected(pair, int(client["syns"]))
        if int(server["rsts"]):
            return Outcome(REFUSED, int(client["syns"]), "", _segments(pair, "SYN to the agreed address", "refused"))
        if int(client["syns"]) and _has_waited(pair):
            return Outcome(SILENT, int(client["syns"]), "", _segments(pair, "SYN to the agreed address, no answer", ""))
        return Outcome(UNCLEAR)
    if checks and not (int(client["data_packets"]) and int(server["data_packets"])):
        return _judge_checks(pair, checks)
    if int(client["data_packets"]) and int(server["data_packets"]):
        return Outcome(WORKS)
    if int(talk.facts["reset_row"]):
        return Outcome(RESET, 1, "", _segments(pair, "", ""))
    return Outcome(UNCLEAR)


def _judge_udp(pair: Pair, checks: list[StunMessage]) -> Outcome:
    sent = [int(pair.talk.facts["sides"][side]["packets"]) for side in (0, 1)]
    if not checks and all(sent):
        return Outcome(WORKS)
    if int(pair.talk.facts["icmp_errors"]) and not all(sent):
        return _rejected(pair, max(sent))
    return _judge_checks(pair, checks)


def _judge_checks(pair: Pair, checks: list[StunMessage]) -> Outcome:
    requests = [message for message in checks if message.kind == "request"]
    # Role conflicts are settled by asking again (RFC 8445 section 7.3.1.1).
    errors = [message for message in checks if message.kind == "error" and message.error != 487]
    if errors:
        worst = errors[-1]
        rows = [frame(pair.point, message.row, f"{message.method} error {message.error}") for message in errors[:SHOWN]]
        return Outcome(DENIED, len(requests), f"{worst.error} {worst.reason}".strip(), rows)
    if len(requests) < CHECKS.value or not _has_waited(pair):
        return Outcome(UNCLEAR)
    if not _shows_both_ways(pair):
        return Outcome(UNCLEAR)
    rows = [frame(pair.point, message.row, "connectivity check, no answer") for message in requests[:SHOWN]]
    return Outcome(SILENT, len(requests), "", rows)


def _has_waited(pair: Pair) -> bool:
    """Whether answers to what was sent had time to come."""
    times = pair.point.packets.time_ns
    rows = pair.point.conversations.rows(pair.number)
    last = int(times[rows].max())
    return int(times.max()) - last >= WAITED.value * 1e9 or last - int(times[rows].min()) >= WAITED.value * 1e9


def _shows_both_ways(pair: Pair) -> bool:
    """Whether the capture may show answers at all: taken on one fibre of two, it has many conversations and never one of both sides."""
    packets = pair.point.conversations.side_facts("packets")
    return len(packets) < ONE_SIDED or bool(((packets[:, 0] > 0) & (packets[:, 1] > 0)).any())


def _rejected(pair: Pair, tries: int) -> Outcome:
    errors = pair.point.icmp_errors
    own = np.flatnonzero(errors.conversation == pair.number)[:SHOWN]
    reports = errors.read(own.tolist())
    rows = [frame(pair.point, report.row, f"ICMP from {report.reporter}: {_text(report)}") for report in reports]
    sent = pair.point.conversations.rows_of_side(pair.number, _asker(pair))[:SHOWN]
    rows += [
        frame(pair.point, int(row), "to the agreed address") for row in sent if int(row) not in {r.row for r in reports}
    ]
    detail = f"{_text(reports[0])}, says {reports[0].reporter}" if reports else ""
    return Outcome(REJECTED, tries, detail, rows)


def _asker(pair: Pair) -> int:
    """The side that sent most: with an ICMP error, the only one that sent anything."""
    sides = pair.talk.facts["sides"]
    return 0 if int(sides[0]["packets"]) >= int(sides[1]["packets"]) else 1


def _text(report: ErrorReport) -> str:
    return report.error.name if report.error else "destination unreachable"


def _segments(pair: Pair, asked: str, answered: str) -> list[Evidence]:
    """The first segments of a TCP conversation, with notes for the client's and the server's."""
    rows = pair.talk.rows
    rows = rows[pair.point.packets.protocol[rows] == 6][: 2 * SHOWN]
    side = pair.talk.client_side
    direction = pair.point.packets.direction
    return [frame(pair.point, row, asked if direction[row] == side else answered) for row in rows.tolist()]
