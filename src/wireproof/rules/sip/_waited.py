"""What a server waited for while a request waited for it: TCP connections that failed between the request and its response.

Takes a case and an `Answer`; gives conversations. Judges nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from wireproof.rules.evidence import frame, joined
from wireproof.rules.sip._answer import split_end
from wireproof.rules.sip_log_clock import find_shift, open_shift

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Evidence
    from wireproof.logs.sip_log import Trouble
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.rules.sip._answer import Answer
    from wireproof.rules.sip_log_clock import Shift

LOOKED_AT = 200
SIP_PORTS = (444, 5060, 5061, 5062, 5063, 5065, 5066, 5067, 5068, 5070, 5071, 5072, 5073, 5075, 5076, 5086, 5087)
"""Ports on which SIP servers, and the roles of Lync and Skype for Business, wait for each other."""
CONNECT_NS = 22_500_000_000
"""The longest that Windows tries to connect by default: 21 s, and what it takes to tell."""
Place = tuple["Point", int]
Span = tuple[int, int]
"""From when to when, in ns since 1970 of one clock."""


def waited_for(case: Case, answer: Answer) -> list[Place]:
    """TCP connections that failed while the request waited, to which its answer may owe its failure.

    Those to the address that the diagnostics name; else those from the responder's own address; else those to SIP ports, since a
    server with two interfaces asks on the one and answers on the other. Empty without a request.
    """
    if answer.message.request_row < 0:
        return []
    address, port = answer.named.get("ip-address", ""), answer.named.get("port", "")
    span = (answer.asked_ns, answer.message.time_ns)
    found = [place for point in case.points for place in _failed_in(point, answer.shift(case, point), span)]
    to_named = [place for place in found if address and _server(*place) == (address, port or None)]
    to_named = to_named or _in_any_zone(case, functools.partial(answer.shift, case), span, (address, port))
    if address and not to_named:
        to_named = [(point, number) for point, number in found if _server(point, number)[0] == address]
    if to_named:
        return to_named
    carrying = set(answer.conversations)
    asks = [
        (point, number)
        for point, number in found
        if int(point.talk(number).server["port"]) in SIP_PORTS and (point.name, number) not in carrying
    ]
    own = [
        (point, number)
        for point, number in asks
        if point.talk(number).address(point.talk(number).client_side) == answer.responder_address
    ]
    return own or asks


def _server(point: Point, number: int) -> tuple[str, str | None]:
    talk = point.talk(number)
    return talk.address(1 - talk.client_side), str(int(talk.server["port"]))


def given_up(case: Case, logged: LoggedSip, trouble: Trouble) -> list[Place]:
    """TCP connections to the address that a log's failure names, which were tried in the seconds before it and failed."""
    target = split_end(trouble.peer_ip)
    span = (trouble.time_ns - CONNECT_NS, trouble.time_ns)
    shift_of = functools.partial(find_shift, case, logged)
    found = [place for point in case.points for place in _failed_in(point, shift_of(point), span)]
    return [place for place in found if _server(*place) == target] or _in_any_zone(case, shift_of, span, target)


def _in_any_zone(case: Case, shift_of: Callable[[Point], Shift], span: Span, target: tuple[str, str]) -> list[Place]:
    """The same to one address and port at points whose clock may show another zone than the point that tells the log's."""
    if not all(target):
        return []
    loose = [point for point in case.points if shift_of(point).loose]
    found = [place for point in loose for place in _failed_in(point, open_shift(), span)]
    return [place for place in found if _server(*place) == target]


def _failed_in(point: Point, shift: Shift, span: Span) -> list[Place]:
    """Connections of a point that began within a span of time, and were not accepted or ended before its end.

    `shift` brings the point's times into the clock of the span.
    """
    asked_ns, answered_ns = span
    conversations = point.conversations
    syns = conversations.side_facts("syns")
    numbers = np.flatnonzero(conversations.is_tcp & ((syns[:, 0] > 0) | (syns[:, 1] > 0)))
    slack_ns = round(shift.slack_s * 1e9)
    begin, end = asked_ns - slack_ns, answered_ns + slack_ns
    facts = conversations.facts["sides"][numbers]
    first = facts["first_ns"][np.arange(len(numbers)), conversations.facts["client"][numbers]].astype(np.int64)
    moved = shift.back(first, asked_ns)
    last = facts["last_ns"].max(axis=1, initial=0).astype(np.int64)
    accepted = facts["syn_acks"].any(axis=1)
    ended = ((facts["fin_row"] > 0) | (facts["rst_row"] > 0)).any(axis=1) & (last - moved <= end)
    found = numbers[(first - moved >= begin) & (first - moved <= end) & (~accepted | ended)]
    return [(point, number) for number in found[:LOOKED_AT].tolist()]


def connection_rows(found: list[Place]) -> list[Evidence]:
    """The first packets of connections that were waited for."""
    rows = []
    for point, number in found[:3]:
        sent = point.conversations.rows(number)[:3].tolist()
        rows += [frame(point, row, f"waits for {point.talk(number).server_endpoint}") for row in sent]
    return rows


def clock_words(case: Case, answer: Answer, found: list[Place]) -> str:
    """How the times of a log were brought together with those of captures, as a sentence; "" where no log is in it."""
    if answer.source in case.points or not found:
        return ""
    return zone_words(found[0], answer.shift(case, found[0][0]), (answer.asked_ns, answer.message.time_ns))


def zone_words(place: Place, shift: Shift, span: Span) -> str:
    """How a log's times lie to those of a point at which a connection was found, as a sentence."""
    point = place[0]
    if shift.loose and place not in _failed_in(point, shift, span):
        return f" The log's clock and that of {point.name} show different zones: the address and the spacing of events tie them together."
    if shift.by and shift.zone:
        return f" The log's times are {shift.zone}, {shift.by}."
    return f" The log does not state its zone: its events fit those of {point.name} by their spacing and the address."


def told_alone(case: Case, answer: Answer, found: list[Place]) -> str:
    """That nothing but a log tells of a response, as a sentence; "" where captures show it, or what it waited for."""
    if answer.source in case.points or found:
        return ""
    if answer.conversations:
        where = joined(dict.fromkeys(name for name, _ in answer.conversations))
        return f" Only the log tells this: {where} shows the connection that carried it, not what is said in it."
    return " Only the log tells this: no capture shows it."
