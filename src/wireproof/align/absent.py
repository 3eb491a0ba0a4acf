"""Conversations that never got going, which one point shows and another lacks although their packets had to pass it.

A point is on the way to a host when other conversations between the same two hosts pass it, or when it is that host's own capture.
A capture's own hosts are told from it: the few addresses that nearly all of its conversations have in common, whose packets still
have the TTL that they left with. For any other point nothing is claimed, nor of conversations that were answered: a capture filter
hides those, or another host took them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wireproof.align.ends import ends_keys, host_keys
from wireproof.align.hashing import Keys, mix
from wireproof.align.journeys import Absent, Clock
from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.align.pairs import Ints, Mask
    from wireproof.align.routes import Routes
    from wireproof.conversations import CaptureTables

INITIAL_TTLS = (32, 64, 128, 255)
OWN_SHARE = limit(
    "path.own_host_share",
    0.9,
    "a host's own capture has it as an end of all but a few broadcasts; a capture on a path does not",
)
OWN_MOST = 3
ASKED = 20000
"""Conversations that are asked whose capture it is."""
TOLD_MOST = 5000
"""Absent conversations that are told of one pair of points; a port scan has more, all alike."""
TCP, UDP = 6, 17


@dataclass(slots=True)
class Sight:
    """What all points show; `order` lists them along the path, `slack_ns` is how long a packet may be under way."""

    tables: list[CaptureTables]
    routes: Routes
    clocks: list[Clock]
    spans: list[tuple[int, int]]
    order: list[int]
    slack_ns: int
    unsure_ns: int
    """How far clocks may be off that no packet compares."""
    hosts: list[set[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hosts = [own_hosts(table) for table in self.tables]

    def apart(self, point: int, other: int) -> Mask:
        """Conversations of a point that the other point does not show."""
        numbers = self.routes.numbers
        alone = np.ones(len(self.tables[point].conversations), dtype=bool)
        alone[numbers[(numbers[:, point] >= 0) & (numbers[:, other] >= 0), point]] = False
        return alone

    def seen_last(self, point: int) -> Mask:
        """Conversations of a point that no point nearer to the server shows."""
        numbers, lengths = self.routes.numbers, self.routes.lengths
        last = np.ones(len(self.tables[point].conversations), dtype=bool)
        own = np.flatnonzero(numbers[:, point] >= 0)
        ends = self.routes.order[own, lengths[own] - 1]
        last[numbers[own[ends != point], point]] = False
        return last

    def window(self, here: int, there: int) -> tuple[int, int]:
        """Between which times, on the reference clock, packets that pass one point surely find the other one capturing."""
        own, other = self.clocks[here], self.clocks[there]
        apart = 0 if own.group == other.group else self.unsure_ns
        late = 0 if apart == 0 and own.known and other.known else self.unsure_ns
        first, last = self.spans[there]
        return first + apart, last - self.slack_ns - late

    def nearest(self, here: int, others: set[int]) -> int:
        """The one of several points that lies nearest to a point along the path."""
        place = self.order.index
        return min(others, key=lambda point: abs(place(point) - place(here)))


def find_absent(sight: Sight) -> Iterator[Absent]:
    """Yield each TCP or UDP conversation without answer that passes one point and should have passed the next one."""
    for here in range(len(sight.tables)):
        candidates = _without_answer(sight.tables[here]) & sight.seen_last(here)
        missing: dict[int, set[int]] = defaultdict(set)
        for there in range(len(sight.tables)):
            if here != there and candidates.any():
                numbers = np.flatnonzero(candidates & sight.apart(here, there) & _in_time(sight, here, there))
                numbers = numbers[~_shown_too(sight, here, there, numbers)]
                for number in _expected_at(sight, here, there, numbers)[:TOLD_MOST].tolist():
                    missing[number].add(there)
        for number, points in missing.items():
            there = sight.nearest(here, points)
            rows = _rows_in_time(sight, here, there, number)
            if len(rows):
                yield Absent(here, number, there, rows)


def _without_answer(tables: CaptureTables) -> Mask:
    """Conversations whose server never took part: no SYN/ACK, no data; a reset in its name is no answer of the host."""
    talks = tables.conversations
    server, client = talks.server_facts, talks.client_facts
    silent = (server["data_packets"] == 0) & (server["syn_acks"] == 0)
    tcp = (
        talks.is_tcp
        & silent
        & (client["syns"] > 0)
        & (server["packets"] <= server["rsts"] + talks.facts["icmp_errors"])
    )
    udp = (talks.facts["protocol"] == UDP) & silent & (client["packets"] > 0)
    return np.asarray(tcp | udp)


def _in_time(sight: Sight, here: int, there: int) -> Mask:
    """Conversations that are not wholly before or after the other point's capture."""
    client, clock = sight.tables[here].conversations.client_facts, sight.clocks[here]
    first, last = sight.window(here, there)
    return np.asarray(
        (clock.to_reference(client["last_ns"]) >= first) & (clock.to_reference(client["first_ns"]) <= last)
    )


def _rows_in_time(sight: Sight, here: int, there: int, number: int) -> Ints:
    """What the client sent while the other point was surely capturing."""
    talks = sight.tables[here].conversations
    rows = talks.rows_of_side(number, int(talks.facts["client"][number]))
    times = sight.clocks[here].to_reference(sight.tables[here].packets.time_ns[rows])
    first, last = sight.window(here, there)
    return np.asarray(rows[(times >= first) & (times <= last)])


def _shown_too(sight: Sight, here: int, there: int, numbers: Ints) -> Mask:
    """Which of these the other point shows under the same addresses and ports after all, although no packet of it was found at both."""
    mine, theirs = ends_keys(sight.tables[here])[numbers], ends_keys(sight.tables[there])
    alone = sight.apart(there, here)
    return np.isin(mine, theirs[alone])


def _expected_at(sight: Sight, here: int, there: int, numbers: Ints) -> Ints:
    """Those whose packets had to pass the other point, toward the server."""
    tables, other = sight.tables[here], sight.tables[there]
    facts = tables.conversations.facts
    client, server = _ends(tables, numbers)
    beyond = _host_pairs_beyond(sight, here, there)
    own = _own_keys(sight, here), _own_keys(sight, there) | _aliases(sight, here, there)
    on_the_way = np.isin(mix([client, server]), beyond)
    at_home = (
        np.isin(client, list(own[0])) & np.isin(server, list(own[1]))
        if own[0] and own[1]
        else np.zeros(len(numbers), dtype=bool)
    )
    expected = (on_the_way | at_home) & (client != server)
    udp = facts["protocol"][numbers] == UDP
    ports = np.unique(other.conversations.server_facts["port"][other.conversations.facts["protocol"] == UDP])
    expected &= ~udp | np.isin(tables.conversations.server_facts["port"][numbers], ports)
    return np.asarray(numbers[expected])


def _ends(tables: CaptureTables, numbers: Ints) -> tuple[Keys, Keys]:
    """Addresses of the conversations' clients and servers, as keys."""
    client, server = host_keys(tables)
    return client[numbers], server[numbers]


def _host_pairs_beyond(sight: Sight, here: int, there: int) -> Keys:
    """(client, server) address pairs, as one point shows them, whose conversations go on to the other point toward the server."""
    numbers, order = sight.routes.numbers, sight.routes.order
    both = np.flatnonzero((numbers[:, here] >= 0) & (numbers[:, there] >= 0))
    place = np.argsort(order[both], axis=1)
    before = place[:, here] < place[:, there]
    client, server = _ends(sight.tables[here], numbers[both, here])
    return np.concatenate([mix([client, server])[before], mix([server, client])[~before]])


def _key(address: bytes) -> int:
    words = np.frombuffer(address, dtype=np.uint64)
    return int(mix([words[:1], words[1:]])[0])


def _own_keys(sight: Sight, point: int) -> set[int]:
    return {_key(address) for address in sight.hosts[point]}


def _aliases(sight: Sight, here: int, there: int) -> set[int]:
    """Addresses by which one point shows the other point's own hosts, where NAT stands between."""
    numbers = sight.routes.numbers
    both = np.flatnonzero((numbers[:, here] >= 0) & (numbers[:, there] >= 0))
    own = np.array(list(_own_keys(sight, there)), dtype=np.uint64)
    mine, theirs = _ends(sight.tables[here], numbers[both, here]), _ends(sight.tables[there], numbers[both, there])
    return {int(key) for ours, same in zip(mine, theirs, strict=True) for key in np.unique(ours[np.isin(same, own)])}


def own_hosts(tables: CaptureTables) -> set[bytes]:
    """Addresses of the capturing host, 16 bytes each; empty where the capture does not tell them."""
    facts = tables.conversations.facts
    wanted = np.isin(facts["protocol"], (TCP, UDP, 1, 58))
    talks = [(raw.tobytes()[:16], raw.tobytes()[16:]) for raw in facts["addresses"][wanted][:ASKED]]
    talks = [ends for ends in talks if not any(_is_group(end) for end in ends)]
    fresh = _fresh_addresses(tables)
    found: set[bytes] = set()
    left = talks
    while left and len(found) < OWN_MOST and len(left) > (1 - OWN_SHARE.value) * len(talks):
        address = _most_common(left, fresh)
        if not address:
            break
        found.add(address)
        left = [ends for ends in left if address not in ends]
    return found if len(left) <= (1 - OWN_SHARE.value) * len(talks) else set()


def _most_common(talks: list[tuple[bytes, bytes]], fresh: set[bytes]) -> bytes:
    """The address that most conversations have in common, with a TTL as hosts send it; none when two are alike."""
    counts = Counter(end for ends in talks for end in set(ends) if end in fresh).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return b""
    return counts[0][0]


def _is_group(address: bytes) -> bool:
    """Multicast or broadcast, IPv4 or IPv6."""
    if address[:12] == b"\0" * 10 + b"\xff\xff":
        return address[12] >= 224 or address[12] == 0
    return address[0] == 0xFF


def _fresh_addresses(tables: CaptureTables) -> set[bytes]:
    """Addresses whose packets carry a TTL that stacks start with."""
    if "ttl" in tables.capture.unknown:
        return set()
    facts = tables.conversations.facts
    fresh: set[bytes] = set()
    for side in (0, 1):
        ttl = facts["sides"]["ttl_max"][:, side]
        chosen = np.isin(ttl, INITIAL_TTLS) & (facts["sides"]["packets"][:, side] > 0)
        fresh |= {raw.tobytes()[16 * side : 16 * side + 16] for raw in facts["addresses"][chosen][:ASKED]}
    return fresh
