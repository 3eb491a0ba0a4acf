"""One conversation summed up: who, how much, how long, round trip, repeats, how it ended and by whom.

Takes a point and its conversations' facts; gives `TalkFacts`. States what was seen, without judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Conversations, Talk

TCP = 6


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """Facts of one conversation; pairs are (what the client sent, what the server sent).

    `number` is its place in the capture from 0, `start_s` seconds since the capture's first frame, `round_trip_s` None
    where no segment was seen acknowledged. `client_known` is False where no SYN and no port tells who opened it.
    """

    number: int
    protocol: str
    client: str
    server: str
    packets: tuple[int, int]
    payload_bytes: tuple[int, int]
    start_s: float
    duration_s: float
    round_trip_s: float | None
    retransmissions: tuple[int, int]
    end: str
    client_known: bool
    processes: tuple[str, str] = ("", "")
    """What `with_processes` adds: the processes of client and server, each with its source; "" where none names one."""


def _both(name: str) -> Callable[[Conversations], NDArray[Any]]:
    return lambda talks: talks.facts["sides"][name].astype(np.int64).sum(axis=1)


def _starts(talks: Conversations) -> NDArray[Any]:
    """The first time of either side; a silent side has none."""
    firsts, packets = talks.facts["sides"]["first_ns"], talks.facts["sides"]["packets"]
    return np.asarray(np.where(packets > 0, firsts, np.iinfo(np.int64).max).min(axis=1))


def _durations(talks: Conversations) -> NDArray[Any]:
    lasts, packets = talks.facts["sides"]["last_ns"], talks.facts["sides"]["packets"]
    return np.asarray(np.where(packets > 0, lasts, np.iinfo(np.int64).min).max(axis=1) - _starts(talks))


SORTS: dict[str, Callable[[Conversations], NDArray[Any]]] = {
    "packets": lambda talks: -_both("packets")(talks),
    "bytes": lambda talks: -_both("payload_bytes")(talks),
    "start": _starts,
    "duration": lambda talks: -_durations(talks),
    "retransmissions": lambda talks: -_both("retransmissions")(talks),
}
"""What conversations can be sorted by, as keys of which the smallest comes first."""


def sort_talks(talks: Conversations, by: str) -> NDArray[np.int64]:
    """Numbers of all conversations in the order of a key of SORTS, equal ones as they began."""
    return np.argsort(SORTS[by](talks), kind="stable")


def sum_up(point: Point, number: int) -> TalkFacts:
    """The facts of one conversation."""
    talk = point.talk(number)
    client, server = talk.client, talk.server
    firsts = [int(side["first_ns"]) for side in (client, server) if side["packets"]]
    lasts = [int(side["last_ns"]) for side in (client, server) if side["packets"]]
    start, last = (min(firsts), max(lasts)) if firsts else (0, 0)
    return TalkFacts(
        number=number,
        protocol=talk.protocol,
        client=talk.client_endpoint,
        server=talk.server_endpoint,
        packets=(int(client["packets"]), int(server["packets"])),
        payload_bytes=(int(client["payload_bytes"]), int(server["payload_bytes"])),
        start_s=(start - int(point.packets.time_ns[0])) / 1e9 if firsts else 0.0,
        duration_s=(last - start) / 1e9,
        round_trip_s=_round_trip(talk),
        retransmissions=(int(client["retransmissions"]), int(server["retransmissions"])),
        end=tell_end(talk),
        client_known=bool(talk.facts["client_known"]),
    )


def with_processes(facts: TalkFacts, case: Case, point: Point) -> TalkFacts:
    """The facts with the processes at both ends, as far as a capture or a log names them."""
    client = point.talk(facts.number).client_side
    owners = [case.ownership.owner(point.index, facts.number, side) for side in (client, 1 - client)]
    first, second = (f"{owner.label}, {owner.source}" if owner else "" for owner in owners)
    return replace(facts, processes=(first, second))


def _round_trip(talk: Talk) -> float | None:
    """Seconds of the handshake; without one the shortest acknowledged segments of both directions together."""
    if talk.facts["handshake_ns"] > 0:
        return float(talk.facts["handshake_ns"]) / 1e9
    shortest = [int(side["rtt_min_ns"]) for side in (talk.client, talk.server) if side["rtt_count"]]
    return sum(shortest) / 1e9 if shortest else None


def tell_end(talk: Talk) -> str:
    """How a conversation ended and by whom, as far as the capture shows; "" for protocols that have no end."""
    if talk.facts["protocol"] != TCP:
        return f"{int(talk.facts['icmp_errors'])} ICMP errors" if talk.facts["icmp_errors"] else ""
    client, server = talk.client, talk.server
    if talk.facts["reset_row"]:
        return _tell_reset(talk)
    if client["fin_row"] and server["fin_row"]:
        return f"closed, {'client' if client['fin_row'] < server['fin_row'] else 'server'} first"
    if client["fin_row"] or server["fin_row"]:
        return f"half closed by {'client' if client['fin_row'] else 'server'}"
    if client["syns"] and not server["packets"]:
        return "ICMP error to SYN" if talk.facts["icmp_errors"] else "no answer to SYN"
    return "open at the end"


def _tell_reset(talk: Talk) -> str:
    by_client = talk.client["rst_row"] == talk.facts["reset_row"]
    if not by_client and talk.client["syns"] and not talk.server["syn_acks"] and not talk.server["data_packets"]:
        return "refused"
    after = " after FIN" if talk.client["fin_row"] or talk.server["fin_row"] else ""
    return f"reset by {'client' if by_client else 'server'}{after}"
