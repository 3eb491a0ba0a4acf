"""Whether media of a session went through a TURN relay that a capture shows: then no direct pair is needed.

Takes a case and sessions; gives yes or no.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wireproof.case import Case, Point
from wireproof.conversations.talks import endpoint
from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.messages.sip_sessions import MediaSession

PACKETS = limit(
    "ice-media-blocked.relayed_packets",
    50,
    "setting up an allocation and trying pairs through it takes a few dozen packets each way; media are hundreds",
)
Relays = dict[str, list[tuple[Point, int]]]
"""Conversations with TURN servers by the `address:port` that they allocated."""


def find_relays(case: Case) -> Relays:
    """Every allocation that the captures show."""
    found: Relays = defaultdict(list)
    for point in case.points:
        for message in point.said.stun:
            if message.relayed and (point, message.conversation) not in found[message.relayed]:
                found[message.relayed].append((point, message.conversation))
    return found


def is_relayed(relays: Relays, session: MediaSession) -> bool:
    """Whether a conversation with a TURN server that allocated an address of this session carried data both ways."""
    named = {
        endpoint(candidate.address, candidate.port)
        for caller in (True, False)
        for _, candidate in session.addresses(caller)
    }
    return any(_carries(*place) for name in named for place in relays.get(name, ()))


def _carries(point: Point, number: int) -> bool:
    """Whether both sides sent more than the messages that set the relay up."""
    data = point.conversations.facts["sides"]["data_packets"][number]
    own = [0, 0]
    for message in point.said.stun.of(number):
        own[message.side] += message.method != "Data" or bool(message.inner)
    return all(int(data[side]) - own[side] >= PACKETS.value for side in (0, 1))
