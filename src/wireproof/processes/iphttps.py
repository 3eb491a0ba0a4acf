"""The first stages of IP-HTTPS: the client's connections to the server, its name, and TCP.

Takes a capture as a process sees it and the client's connections; gives the attempt that came farthest, and stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.processes.sight import A, Lookup, Sight
from wireproof.processes.stage import Outcome, Stage, Step

if TYPE_CHECKING:
    from wireproof.conversations import Talk
    from wireproof.messages.iphttps import IphttpsMessage
    from wireproof.messages.tls_sessions import TlsSession

MOST_STEPS = 13


@dataclass(frozen=True, slots=True)
class Attempt:
    """One connection of the client to the DirectAccess server, and how far it came (0 nothing to 6 tunnel)."""

    talk: Talk
    session: TlsSession | None
    messages: tuple[IphttpsMessage, ...]
    level: int

    @property
    def number(self) -> int:
        """Its conversation."""
        return self.talk.number


def make_attempt(sight: Sight, number: int) -> Attempt:
    """Look how far a connection came."""
    talk, session = sight.talk(number), sight.said.tls_sessions.get(number)
    messages = tuple(sight.said.iphttps.of(number))
    return Attempt(talk, session, messages, _level(talk, session, messages))


def best_attempt(attempts: Sequence[Attempt]) -> Attempt:
    """The one that came farthest, the first of those."""
    return max(attempts, key=lambda attempt: attempt.level)


def _level(talk: Talk, session: TlsSession | None, messages: Sequence[IphttpsMessage]) -> int:
    if any(message.status == 200 or message.kind == "packets" for message in messages):
        return 6
    if session is None or session.client_hello is None:
        both = talk.client["data_packets"] and talk.server["data_packets"]
        return 2 if both and session is None and not talk.server["rst_row"] else 1 if is_connected(talk) else 0
    if session.application_from >= 0 and session.completed:
        return 5
    return 4 if session.completed else 3 if session.server_hello else 2


def is_connected(talk: Talk) -> bool:
    """Whether the handshake was done: SYN/ACK, and then something of the client but a reset."""
    return bool(talk.server["syn_acks"] and talk.client["packets"] > talk.client["syns"]) or bool(
        not talk.client["syns"] and talk.server["packets"]
    )


def is_one_sided(talk: Talk) -> bool:
    """Whether the client goes on as if it had answers, of which the capture holds none."""
    return bool(not talk.server["packets"] and talk.client["packets"] > talk.client["syns"] + talk.client["rsts"])


def endpoint_resolved(sight: Sight, lookups: Sequence[Lookup]) -> Stage:
    """The lookup of the server's name."""
    if not lookups:
        return sight.stage("endpoint-resolved", Outcome.NOT_SEEN)
    steps: list[Step] = []
    for lookup in lookups:
        kind = "A" if lookup.kind == A else "AAAA"
        steps += [Step(row, f"query for {lookup.name} {kind}") for row in lookup.query_rows[:MOST_STEPS]]
        codes = zip(lookup.answer_rows, lookup.codes, strict=True)
        steps += [Step(row, _answered(lookup, code)) for row, code in list(codes)[:MOST_STEPS]]
    addresses = list(dict.fromkeys(address for lookup in lookups for address in lookup.addresses))
    answered = any(lookup.answer_rows for lookup in lookups)
    first = min((row for lookup in lookups for row in lookup.query_rows), default=-1)
    silent = sight.silence(first) if first >= 0 else Outcome.NOT_SEEN
    outcome = Outcome.DONE if addresses else Outcome.FAILED if answered else silent
    facts: dict[str, object] = {
        "name": lookups[0].name,
        "addresses": addresses,
        "queries": sum(len(lookup.query_rows) for lookup in lookups),
        "code": max((code for lookup in lookups for code in lookup.codes), default=-1) if not addresses else 0,
        "servers": list(dict.fromkeys(server for lookup in lookups for server in lookup.servers)),
    }
    return sight.stage(
        "endpoint-resolved", outcome, steps, facts, [n for lookup in lookups for n in lookup.conversations]
    )


def _answered(lookup: Lookup, code: int) -> str:
    if code:
        return "the name does not exist" if code == 3 else f"answer with error code {code}"
    return f"answer {', '.join(lookup.addresses)}" if lookup.addresses else "answer without an address"


def connected(sight: Sight, attempts: Sequence[Attempt]) -> Stage:
    """The TCP connection."""
    name, best = "transport-connected", best_attempt(attempts)
    talk = best.talk
    syns = sum(int(attempt.talk.client["syns"]) for attempt in attempts)
    facts: dict[str, object] = {
        "transport": "IP-HTTPS",
        "server": talk.server_endpoint,
        "attempts": len(attempts),
        "syns": syns,
    }
    if best.session and best.session.inside:
        facts["within"] = best.session.inside
    numbers = [attempt.number for attempt in attempts]
    if best.level or is_connected(talk):
        steps = _plus_one(talk.client["syn_row"], "SYN") + _plus_one(talk.server["syn_row"], "SYN/ACK")
        steps += [Step(row, "ACK") for row in _handshake_end(sight, talk)]
        facts["handshake_ms"] = round(int(talk.facts["handshake_ns"]) / 1e6, 3) or None
        return sight.stage(name, Outcome.DONE if steps else Outcome.NOT_SEEN, steps, facts, [best.number])
    if not any(int(attempt.talk.client["syns"]) for attempt in attempts):
        return sight.stage(name, Outcome.NOT_SEEN, (), facts, numbers)
    if any(is_one_sided(attempt.talk) for attempt in attempts):
        return sight.stage(
            name, Outcome.UNDER_WAY, _plus_one(talk.client["syn_row"], "SYN"), {**facts, "one_sided": True}, numbers
        )
    refused = [attempt for attempt in attempts if attempt.talk.server["rst_row"]]
    unreachable = [attempt for attempt in attempts if attempt.talk.facts["icmp_errors"]]
    facts["refused"], facts["icmp_errors"] = len(refused), len(unreachable)
    facts["half_open"] = sum(bool(attempt.talk.server["syn_acks"]) for attempt in attempts)
    steps = [step for attempt in attempts[:MOST_STEPS] for step in _failed_steps(sight, attempt.talk)][:MOST_STEPS]
    first = min(int(attempt.talk.client["first_row"]) - 1 for attempt in attempts)
    outcome = Outcome.FAILED if refused or unreachable or facts["half_open"] else sight.silence(first)
    return sight.stage(name, outcome, steps, facts, numbers)


def _plus_one(row: int, note: str) -> list[Step]:
    """A step for a fact that holds row + 1; none for 0."""
    return [Step(int(row) - 1, note)] if row else []


def _handshake_end(sight: Sight, talk: Talk) -> list[int]:
    """The ACK that ends the handshake."""
    if not talk.server["syn_row"] or not talk.client["syn_row"]:
        return []
    rows = sight.conversations.rows_of_side(talk.number, talk.client_side)
    return [int(row) for row in rows[rows > int(talk.server["syn_row"]) - 1][:1]]


def _failed_steps(sight: Sight, talk: Talk) -> list[Step]:
    rows = sight.conversations.rows_of_side(talk.number, talk.client_side)[: int(talk.client["syns"])].tolist()
    steps = [Step(row, "SYN" if turn == 0 else "SYN again") for turn, row in enumerate(rows)]
    steps += _plus_one(talk.server["rst_row"], "refused with a reset")
    return steps + _plus_one(talk.facts["icmp_row"], "ICMP error")
