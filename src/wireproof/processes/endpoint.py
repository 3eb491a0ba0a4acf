"""Which server, name and connections are those of DirectAccess, among all that a client talks to.

Takes a capture as a process sees it and the signs of one client; gives an `Endpoint`, empty where nothing tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.processes.location import EVERYDAY
from wireproof.processes.sight import AAAA, PROBE_NAMES, A, Lookup, Sight, parent
from wireproof.processes.signs import HTTPS, WIZARD_NAMES, Sign, is_browser, is_location_name
from wireproof.table.schema import LAYERS

PUBLIC = re.compile(r"direct|^da[-0-9]*$|^da-|uag|remote|gateway|^gw|edge|vpn|access|connect")
"""What first labels of such servers' public names often hold."""
LOOKED_AT = 200
CARRIED_WITHIN_NS, CARRIED_SHARE, CARRIED_LEAST = 5_000_000, 0.8, 4
"""A packet inside and the segment that carries it are stamped within microseconds of each other."""
SOON_S = 60.0
"""The client asks for its server within a second after it has given up the location server."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The server's name, its lookups, and the client's connections with it in order."""

    name: str = ""
    lookups: tuple[Lookup, ...] = ()
    numbers: tuple[int, ...] = ()


def find_endpoint(sight: Sight, client: str, signs: Sequence[Sign]) -> Endpoint:
    """By a connection that is itself a sign; else by what the client did after it looked for the location server."""
    stated = next((sign.endpoint for sign in signs if sign.endpoint), "")
    if stated:
        return _by_name(sight, client, stated)
    named = [sign.conversation for sign in signs if sign.conversation >= 0]
    if named:
        return _by_connection(sight, client, named)
    return _by_order(sight, client)


def _by_name(sight: Sight, client: str, name: str) -> Endpoint:
    """A server whose name is known: its lookups, and the connections with the addresses that they gave."""
    lookups = sight.lookups(lambda asked, kind: asked.lower().rstrip(".") == name and kind in (A, AAAA), client)
    addresses = dict.fromkeys(address for lookup in lookups for address in lookup.addresses)
    numbers = [number for address in addresses for number in sight.connections(client, HTTPS, address)]
    return Endpoint(name, tuple(lookups), tuple(numbers))


def _by_connection(sight: Sight, client: str, named: Sequence[int]) -> Endpoint:
    servers: dict[tuple[str, int], None] = {}
    for number in named:
        talk = sight.talk(number)
        servers.setdefault((talk.address(1 - talk.client_side), int(talk.server["port"])))
    numbers = [n for address, port in servers for n in sight.connections(client, port, address)] or list(named)
    sessions = [sight.said.tls_sessions.get(number) for number in numbers]
    names = [session.server_name.lower() for session in sessions if session and session.server_name]
    addresses = {address for address, _ in servers}
    lookups = sight.lookups(lambda _, kind: kind in (A, AAAA), client)
    mine = [lookup for lookup in lookups if lookup.name in names or (not names and addresses & set(lookup.addresses))]
    name = names[0] if names else mine[0].name if mine else ""
    return Endpoint(name, tuple(mine), tuple(dict.fromkeys(numbers)))


def _by_order(sight: Sight, client: str) -> Endpoint:
    """What a client that looked for the location server in vain asks for next is its DirectAccess server."""
    probes = sight.lookups(lambda name, kind: kind in (A, AAAA) and is_location_name(name), client)
    if not probes or ":" in client:
        return Endpoint()
    inside = {address for lookup in probes for address in lookup.addresses}
    last_s = max(sight.time_s(row) for lookup in probes for row in (*lookup.query_rows[:4], *lookup.answer_rows[:1]))
    owner = parent(probes[0].name)
    lookups = [
        lookup
        for lookup in sight.lookups(lambda name, kind: kind in (A, AAAA) and _may_be_public(name), client)
        if any(last_s - 1 < sight.time_s(row) < last_s + SOON_S for row in (*lookup.query_rows, *lookup.answer_rows))
    ]
    numbers = [
        number
        for number in sight.connections(client, HTTPS)
        if sight.time_s(int(sight.talk(number).client["first_row"]) - 1) > last_s - 1
        and sight.talk(number).address(1 - sight.talk(number).client_side) not in inside
        and not is_browser(sight, number)
    ]
    return _choose(sight, lookups, numbers, owner)


def _may_be_public(name: str) -> bool:
    """Whether a name may be that of a server on the internet that its owner runs."""
    if name.startswith(("_", *WIZARD_NAMES)) or is_location_name(name) or "." not in name:
        return False
    return name.partition(".")[0] not in EVERYDAY and not f".{name}".endswith((*PROBE_NAMES, ".arpa", ".local"))


def _choose(sight: Sight, lookups: Sequence[Lookup], numbers: Sequence[int], owner: str) -> Endpoint:
    """Of what was asked for and connected to: names of the location server's owner first, then the only server there is."""
    ranked = sorted(
        lookups, key=lambda lookup: (parent(lookup.name) != owner, not PUBLIC.search(lookup.name.partition(".")[0]))
    )
    for lookup in ranked:
        mine = [n for n in numbers if sight.talk(n).address(1 - sight.talk(n).client_side) in lookup.addresses]
        if mine and (parent(lookup.name) == owner or len(_servers(sight, numbers)) == 1):
            return Endpoint(lookup.name, tuple(each for each in lookups if each.name == lookup.name), tuple(mine))
    name = _without_connection(ranked, owner)
    if name:
        return Endpoint(name, tuple(each for each in lookups if each.name == name))
    if numbers and len(_servers(sight, numbers)) == 1 and not lookups:
        return Endpoint("", (), tuple(numbers))
    return Endpoint()


def _without_connection(ranked: Sequence[Lookup], owner: str) -> str:
    """The name that the server has among those of the location server's owner, none of which was connected to; "" for none.

    One without an answer explains itself; an answered one is taken where it is called like such servers, or is the only one.
    """
    own = [lookup for lookup in ranked if parent(lookup.name) == owner]
    unanswered = [lookup.name for lookup in own if not lookup.addresses]
    called = [lookup.name for lookup in own if PUBLIC.search(lookup.name.partition(".")[0])]
    names = [*unanswered, *called] or list(dict.fromkeys(lookup.name for lookup in own))
    return names[0] if unanswered or called or len(names) == 1 else ""


def _servers(sight: Sight, numbers: Sequence[int]) -> set[str]:
    return {sight.talk(number).address(1 - sight.talk(number).client_side) for number in numbers}


def find_carrier(sight: Sight, sign: Sign) -> int:
    """The TCP connection that carries the tunnel in which a sign was seen: -1 where nothing tells.

    A packet found inside the connection names it. Where the capture shows the tunnel's own interface beside an encrypted outside,
    it is the connection of which nearly every packet inside has one at the same time.
    """
    outer = sight.packets.outer.get(sign.step.row, -1)
    if outer >= 0:
        return int(sight.packets.conversation[outer])
    talk = int(sight.packets.conversation[sign.step.row])
    if talk < 0 or int(sight.packets.layers[sign.step.row]) & (LAYERS["teredo"] | LAYERS["ip_in_ip"]):
        return -1
    times = np.sort(sight.packets.time_ns[sight.conversations.rows(talk)])
    facts = sight.conversations.facts
    candidates = np.flatnonzero(sight.conversations.is_tcp & (facts["sides"]["port"] == HTTPS).any(axis=1))[:LOOKED_AT]
    shares = {
        number: _share(times, np.sort(sight.packets.time_ns[sight.conversations.rows(number)]))
        for number in candidates.tolist()
    }
    best = max(shares, key=shares.__getitem__, default=-1)
    return best if best >= 0 and shares[best] >= CARRIED_SHARE and len(times) >= CARRIED_LEAST else -1


def _share(inner: NDArray[np.int64], outer: NDArray[np.int64]) -> float:
    """Which part of some times have one of others nearby."""
    if not len(inner) or not len(outer):
        return 0.0
    after = (
        np.clip(np.searchsorted(outer, inner), 1, len(outer) - 1) if len(outer) > 1 else np.zeros(len(inner), np.int64)
    )
    nearest = np.minimum(np.abs(outer[after] - inner), np.abs(outer[np.maximum(after - 1, 0)] - inner))
    return float((nearest <= CARRIED_WITHIN_NS).mean())
