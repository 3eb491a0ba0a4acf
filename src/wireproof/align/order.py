"""Which of two points is nearer to a conversation's client: by TTL, by how long answers take, else by what other conversations say.

None of it needs the clocks to agree: TTLs fall on the way, and the nearer a point is to the server, the sooner it sees the answer.
Only packets that both points saw count, since a device between them sends with a TTL of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.ends import host_keys
from wireproof.align.hashing import mix
from wireproof.align.match import Match, roles
from wireproof.align.pairs import USED_AGAIN, Pairs

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

Signs = NDArray[np.int64]


def order_pairs(one: CaptureTables, other: CaptureTables, pairs: Pairs, match: Match, default: int) -> Signs:
    """+1 for each pair whose first point is nearer to the client, -1 where the second is; `default` where nothing tells.

    A conversation's own TTLs decide, then those of all conversations of its two hosts. Then the times of all these together, if there
    are several: times of a single one mislead where packets are missing. Then what either host's conversations with others say.
    """
    if not len(pairs):
        return np.zeros(0, dtype=np.int64)
    hosts = _Hosts(one, pairs.first)
    by_ttl = np.sign(_ttl_votes(one, other, match, len(pairs)))
    signs = np.where(by_ttl != 0, by_ttl, hosts.majority(by_ttl))
    times = [hosts.times(tables, numbers) for tables, numbers in ((one, pairs.first), (other, pairs.second))]
    usable = (times[0] > 0) & (times[1] > 0) & (pairs.how != USED_AGAIN)[:, None]
    single = _time_votes(*(np.where(usable, told, 0) for told in times)) * hosts.turn
    together = _time_votes(*(hosts.least(np.where(usable, told, 0)) for told in times)) * hosts.turn
    together = np.where(together != 0, np.sign(together), hosts.majority(np.sign(single)))
    several = hosts.count(usable.any(axis=1)) > 1
    by_hosts = _votes_of_hosts(one, pairs.first, np.sign(signs * 4 + together))
    for told in (np.where(several, together, 0), by_hosts, together, single):
        signs = np.where(signs != 0, signs, np.sign(told))
    return np.where(signs != 0, signs, default).astype(np.int64)


class _Hosts:
    """Pairs of conversations by the two hosts that talk, as the first point shows these.

    `turn` is +1 where the client is the first of the two hosts, in the order that all their conversations share, else -1.
    """

    def __init__(self, one: CaptureTables, first: Signs) -> None:
        client, server = (keys[first] for keys in host_keys(one))
        self.turn = np.where(client <= server, 1, -1)
        found = np.unique(mix([np.minimum(client, server), np.maximum(client, server)]), return_inverse=True)
        self.group, self.groups = found[1].reshape(-1), len(found[0])

    def count(self, which: NDArray[np.bool_]) -> Signs:
        """For each pair how many of its hosts' pairs are in `which`."""
        return np.bincount(self.group, weights=which, minlength=self.groups)[self.group].astype(np.int64)

    def majority(self, signs: Signs) -> Signs:
        """What most of the hosts' pairs say, turned to each one's client."""
        votes = np.bincount(self.group, weights=signs * self.turn, minlength=self.groups)
        return np.sign(votes[self.group]).astype(np.int64) * self.turn

    def times(self, tables: CaptureTables, numbers: Signs) -> Signs:
        """Round trips from a point: columns of the first host's segments, the second's, and of the handshakes of either as client."""
        talks = tables.conversations
        sides, side = talks.facts["sides"], talks.facts["client"][numbers].astype(np.int64)
        (rtt, syn_ns), (rtt_there, syn_there) = (
            [sides[name][numbers, own] for name in ("rtt_min_ns", "syn_ns")] for own in (side, 1 - side)
        )
        shaken = (sides["syns"][numbers, side] > 0) & (sides["syn_acks"][numbers, 1 - side] > 0)
        columns = np.column_stack([rtt, rtt_there, np.where(shaken, syn_there - syn_ns, 0), np.zeros_like(rtt)])
        return np.where(self.turn[:, None] > 0, columns, columns[:, [1, 0, 3, 2]])

    def least(self, values: Signs) -> Signs:
        """The least of the hosts' values that are known, 0 where none is: what is missing somewhere only adds to times."""
        least = np.full((self.groups, values.shape[1]), np.iinfo(np.int64).max)
        np.minimum.at(least, self.group, np.where(values > 0, values, np.iinfo(np.int64).max))
        return np.where(least == np.iinfo(np.int64).max, 0, least)[self.group]


def _ttl_votes(one: CaptureTables, other: CaptureTables, match: Match, pairs: int) -> Signs:
    """Packets have their higher TTL nearer to their sender: one vote for each direction that says so."""
    if "ttl" in one.capture.unknown | other.capture.unknown:
        return np.zeros(pairs, dtype=np.int64)
    rows, there = match.joined()
    fallen = np.sign(one.packets.ttl[rows].astype(np.int16) - other.packets.ttl[there].astype(np.int16))
    told = fallen != 0
    rows, fallen = rows[told], fallen[told]
    pair, role = match.pair[0][rows], roles(one, rows)
    votes = np.zeros(pairs, dtype=np.int64)
    for side, nearer in ((0, 1), (1, -1)):
        chosen = role == side
        votes += nearer * np.sign(np.bincount(pair[chosen], weights=fallen[chosen], minlength=pairs)).astype(np.int64)
    return votes


def _time_votes(mine: Signs, theirs: Signs) -> Signs:
    """An answer of the second host comes later at the point nearer to the first one, and the other way round."""
    later = _later(mine, theirs)
    return np.asarray(later[:, 0] - later[:, 1] + later[:, 2] - later[:, 3])


def _later(mine: Signs, theirs: Signs) -> Signs:
    """+1 where mine is clearly longer, -1 where theirs is, 0 where either is unknown or they are about equal."""
    clear = (mine > 0) & (theirs > 0) & (np.abs(mine - theirs) > np.maximum(mine, theirs) // 20)
    return np.where(clear, np.sign(mine - theirs), 0)


def _votes_of_hosts(one: CaptureTables, first: Signs, votes: Signs) -> Signs:
    """What all conversations of the same hosts say together. A point that is near a host as a client is near it as a server."""
    ends = [keys[first] for keys in host_keys(one)]
    _, group = np.unique(np.concatenate(ends), return_inverse=True)
    client, server = group.reshape(2, -1)
    count = int(group.max()) + 1
    near = np.bincount(client, weights=votes, minlength=count) - np.bincount(server, weights=votes, minlength=count)
    return np.sign(near[client] - near[server]).astype(np.int64)
