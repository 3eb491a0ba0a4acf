"""Which of two points is nearer to a conversation's client: by TTL, by how long answers take, else by what other conversations say.

None of it needs the clocks to agree: TTLs fall on the way, and the nearer a point is to the server, the sooner it sees the answer.
Only packets that both points saw count, since a device between them sends with a TTL of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wireproof.align.hashing import mix
from wireproof.align.match import Match, roles
from wireproof.align.pairs import Pairs, address_words
from wireproof.conversations import CaptureTables

Signs = NDArray[np.int64]


def order_pairs(one: CaptureTables, other: CaptureTables, pairs: Pairs, match: Match, default: int) -> Signs:
    """+1 for each pair whose first point is nearer to the client, -1 where the second is; `default` where nothing tells."""
    if not len(pairs):
        return np.zeros(0, dtype=np.int64)
    by_ttl = np.sign(_ttl_votes(one, other, match, len(pairs)))
    votes = np.sign(by_ttl * 4 + _time_votes(one, other, pairs))
    by_hosts = _votes_of_hosts(one, pairs.first, votes)
    # Times of a single conversation mislead where packets are missing; the hosts' other conversations outvote them.
    signs = np.where(by_ttl != 0, by_ttl, np.where(by_hosts != 0, by_hosts, votes))
    return np.where(signs != 0, signs, default).astype(np.int64)


def _ttl_votes(one: CaptureTables, other: CaptureTables, match: Match, pairs: int) -> Signs:
    """Packets have their higher TTL nearer to their sender: one vote for each direction that says so."""
    rows, there = match.joined()
    fallen = np.sign(one.packets.ttl[rows].astype(np.int16) - other.packets.ttl[there].astype(np.int16))
    told = fallen != 0
    rows, fallen = rows[told], fallen[told]
    pair, role = match.pair_of[0][one.packets.conversation[rows]], roles(one, rows)
    votes = np.zeros(pairs, dtype=np.int64)
    for side, nearer in ((0, 1), (1, -1)):
        chosen = role == side
        votes += nearer * np.sign(np.bincount(pair[chosen], weights=fallen[chosen], minlength=pairs)).astype(np.int64)
    return votes


def _time_votes(one: CaptureTables, other: CaptureTables, pairs: Pairs) -> Signs:
    """An answer of the server comes later at the point nearer to the client, and the other way round."""
    client, server = one.conversations.client_facts[pairs.first], one.conversations.server_facts[pairs.first]
    client_there, server_there = (
        other.conversations.client_facts[pairs.second],
        other.conversations.server_facts[pairs.second],
    )
    votes = _later(client["rtt_min_ns"], client_there["rtt_min_ns"])
    votes -= _later(server["rtt_min_ns"], server_there["rtt_min_ns"])
    handshake = (server["syn_ns"] - client["syn_ns"]) * ((server["syn_acks"] > 0) & (client["syns"] > 0))
    there = (server_there["syn_ns"] - client_there["syn_ns"]) * (
        (server_there["syn_acks"] > 0) & (client_there["syns"] > 0)
    )
    return votes + _later(handshake, there)


def _later(mine: Signs, theirs: Signs) -> Signs:
    """+1 where mine is clearly longer, -1 where theirs is, 0 where either is unknown or they are about equal."""
    clear = (mine > 0) & (theirs > 0) & (np.abs(mine - theirs) > np.maximum(mine, theirs) // 20)
    return np.where(clear, np.sign(mine - theirs), 0)


def _votes_of_hosts(one: CaptureTables, first: Signs, votes: Signs) -> Signs:
    """What all conversations of the same hosts say together. A point that is near a host as a client is near it as a server."""
    side = one.conversations.facts["client"][first].astype(np.int64)
    words = address_words(one)[first]
    _, group = np.unique(mix([words[:, :, 0].ravel(), words[:, :, 1].ravel()]), return_inverse=True)
    group = group.reshape(-1, 2)
    at = np.arange(len(first))
    client, server = group[at, side], group[at, 1 - side]
    count = int(group.max()) + 1
    near = np.bincount(client, weights=votes, minlength=count) - np.bincount(server, weights=votes, minlength=count)
    return np.sign(near[client] - near[server]).astype(np.int64)
