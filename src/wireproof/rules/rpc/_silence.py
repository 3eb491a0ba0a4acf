"""Answers that name a port, in a capture that is not the client's, after which no connection to that port arrives.

A part of `rpc-port-blocked`: such a capture can't tell a blocked port from a client that did not try, so it asks for another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Undecided
from wireproof.limits import limit
from wireproof.messages.vantage import link_types
from wireproof.rules.evidence import joined, seconds
from wireproof.rules.rpc._offers import Offer, naming_answers, own_offer
from wireproof.rules.subjects import members, sides

if TYPE_CHECKING:
    from wireproof.case import Case, Point

WAITED = limit(
    "rpc-port-blocked.quiet_s",
    5.0,
    "a client connects to a port that it has learned at once; within 5 s it has repeated its SYN too",
)
LOOKED_AT = 300
TOLD_MOST = 3
FRESH = (64, 128, 255)
"""Time to live of packets that have crossed no router."""


def unseen_attempts(case: Case) -> Iterator[Undecided]:
    """One question for a host and client of which no connection to a named port is in the capture."""
    for point in case.points:
        asked: dict[tuple[str, str], Offer] = {}
        if point.said.has_rpc:
            for message in naming_answers(point)[:LOOKED_AT]:
                offer = own_offer(point, message)
                if offer.ports and is_nearest_to_client(case, offer) and waited_s(offer) >= WAITED.value:
                    asked.setdefault((offer.client, offer.server), offer)
        silent = [offer for offer in asked.values() if not is_tried(point, offer) and not is_client_here(offer)]
        yield from map(_question, silent[:TOLD_MOST])


def is_nearest_to_client(case: Case, offer: Offer) -> bool:
    """Whether no other point shows the asking conversation nearer to the client: there the attempts would be seen."""
    own = (offer.source.index, offer.message.conversation)
    return members(case).get(own, [own])[0] == own


def waited_s(offer: Offer) -> float:
    """Seconds that the capture goes on after the answer."""
    return float(int(offer.source.packets.time_ns.max()) - offer.message.time_ns) / 1e9


def is_tried(point: Point, offer: Offer) -> bool:
    """Whether any connection to a port that was named is in the capture, before or after."""
    ports = list(offer.ports)
    return bool((np.isin(sides(point, "port"), ports).any(axis=1) & point.conversations.is_tcp).any())


def answered_here(offer: Offer) -> bool:
    """Whether the capturing host itself sent the answer."""
    point, row = offer.source, offer.message.last_row
    kind = int(link_types(point.tables, np.array([row]))[0])
    return point.vantage.sent(point.frame(row), kind) is True


def is_client_here(offer: Offer) -> bool:
    """Whether the capture was taken at the client, or nearer to it than to the server: then it would show what the client tries."""
    point, row = offer.source, offer.message.last_row
    kind = int(link_types(point.tables, np.array([row]))[0])
    sent = point.vantage.sent(point.frame(row), kind)
    if sent is not None:
        return not sent
    talk = point.talk(offer.message.conversation)
    known = point.capture.carries("ttl")
    return known and int(talk.client["ttl_max"]) in FRESH and int(talk.server["ttl_max"]) not in FRESH


def _question(offer: Offer) -> Undecided:
    message, point = offer.message, offer.source
    number = point.packets.number(message.last_row)
    return Undecided(
        "rpc-port-blocked",
        f"whether {offer.client} gets through to TCP {joined(sorted(offer.ports))} of {offer.server}, which frame {number} names for "
        f"{message.service_name or message.operation}: no SYN to it arrives in the {seconds(waited_s(offer))} that follow. Either the port is "
        "blocked on the way, or the client did not try",
        f"capture at {offer.client} while it asks {offer.server} again, and compare both captures",
    )
