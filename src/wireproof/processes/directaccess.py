"""The connection process of a DirectAccess client: its stages in order, from the change of network to protected traffic.

Takes the tables and messages of a capture; gives a `Timeline`, or None for a capture without a sign of DirectAccess. Which
frames are such signs stands in signs.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.processes import handshake, inside, ipsec, location
from wireproof.processes.endpoint import Endpoint, find_carrier, find_endpoint
from wireproof.processes.iphttps import best_attempt, connected, endpoint_resolved, make_attempt
from wireproof.processes.sight import Sight
from wireproof.processes.signs import Sign, find_signs, transport_of
from wireproof.processes.stage import Outcome, Stage, Step
from wireproof.processes.timeline import STOPS, Timeline
from wireproof.processes.tunnel import CARRIERS, Tunnel

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.messages.dns import DnsTable
    from wireproof.messages.said import Said

CLIENTS = limit(
    "directaccess.clients", 20, "a server's capture shows many clients; these are looked at, and one of them is told of"
)
WAIT = limit(
    "directaccess.wait_s",
    20.0,
    "each stage follows the one before within seconds; who has not begun then does not come",
)
CHAIN = (
    "endpoint-resolved", "transport-connected", "tls-done", "tunnel-up", "main-mode", "quick-mode", "esp-traffic",
)  # fmt: skip
"""Stages of which each needs the one before."""
INSIDE = ("main-mode", "quick-mode", "esp-traffic")
MOST_SIGNS = 6
CLIENT_SIBLING = {"Windows Server 2008 R2": "Windows 7 or Server 2008 R2"}
"""A vendor id of a server's version, from a client: that of its own generation may say the same."""
SERVICE_PORTS = {53, 67, 68, 137, 138, 1900, 3702, 5353, 5355}
"""A resolver's capture shows lookups and broadcasts of clients, and nothing of what they do then."""
SAME_CONNECTION = {"tls-done", "tunnel-up"}
"""Stages that travel in the connection of the one before: where that is seen, they would be."""


def find_directaccess(tables: CaptureTables, said: Said, dns: DnsTable, stated: str = "") -> Timeline | None:
    """The connection process of the capture's client; of several clients the first that did not come through, else the first.

    `stated` is the name of the server, in lower case, or its address, where something outside of the capture tells it.
    """
    sight = Sight(tables, said, dns)
    found = _by_client(sight, find_signs(sight, stated))
    timelines = [
        _timeline(sight, client, signs, len(found)) for client, signs in list(found.items())[: int(CLIENTS.value)]
    ]
    told = [timeline for timeline in timelines if timeline.certain or timeline.stopped_at]
    return next((timeline for timeline in told if timeline.stopped_at), told[0] if told else None)


def _by_client(sight: Sight, signs: Sequence[Sign]) -> dict[str, list[Sign]]:
    """Signs by client. One inside a tunnel belongs to the client of that tunnel's outside, where that is known."""
    outer = list(dict.fromkeys(sign.client for sign in signs if not sign.inner))
    found: dict[str, list[Sign]] = {}
    for sign in signs:
        client = sign.client
        if sign.inner and len(outer) == 1:
            client = outer[0]
        elif sign.inner:
            number = find_carrier(sight, sign)
            client = sight.talk(number).address(sight.talk(number).client_side) if number >= 0 else client
            found.setdefault(client, []).append(replace(sign, conversation=number))
            continue
        found.setdefault(client, []).append(sign)
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """How a client went: the stages from the endpoint's name to protected traffic, and what they rest on."""

    stages: tuple[Stage, ...]
    tunnel: Tunnel
    server: str = ""
    endpoint: str = ""
    system: str = ""


def _timeline(sight: Sight, client: str, signs: Sequence[Sign], clients: int) -> Timeline:
    way = _find_way(sight, client, signs, alone=clients == 1)
    began = [stage.start_s for stage in way.stages if stage.start_s is not None]
    before_s = min(began, default=float("inf"))
    lookups = location.location_lookups(sight, client, way.endpoint, before_s)
    up = next(
        (stage.end_s for stage in way.stages if stage.name == "tunnel-up" and stage.outcome is Outcome.DONE), None
    )
    probe = location.location_probe(sight, client, lookups, before_s)
    certain = any(sign.certain for sign in signs)
    place = location.location(sight, probe, bool(began), _first_use(way) if certain else None)
    first = [
        location.network_change(sight, client),
        location.ncsi_probe(sight, {client}, before=before_s),
        probe,
        place,
    ]
    stages = [*first, *way.stages]
    second = location.ncsi_probe(sight, {client, *way.tunnel.clients}, after=up) if up is not None else None
    if second is not None:
        stages.insert(next(i for i, stage in enumerate(stages) if stage.name == "main-mode"), second)
    stopped = _stopped_at(sight, stages, way, client)
    if not certain and any(stage.name == stopped and stage.outcome is Outcome.NOT_SEEN for stage in stages):
        stopped = ""
    return Timeline(
        "directaccess",
        client,
        tuple(stages),
        tuple(sign.step for sign in signs[:MOST_SIGNS]),
        certain,
        way.server,
        way.endpoint,
        _transport(way) if began else "",
        _system(way, stages),
        str(place.facts.get("location", "")),
        stopped,
        tuple(_remarks(way, stages, clients, stopped)),
    )


def _first_use(way: _Way) -> Step | None:
    """The first frame of the first stage behind the name's that worked: a client inside does not come to it."""
    used = (
        stage.steps[0]
        for stage in way.stages
        if stage.outcome is Outcome.DONE and stage.steps and stage.name != "endpoint-resolved"
    )
    first = next(used, None)
    return Step(first.row, "DirectAccess in use") if first else None


def _transport(way: _Way) -> str:
    """By what the client went, where a connection, protocol 41, Teredo or the prefix of its address tells."""
    kind = way.tunnel.transport
    told = kind != "IP-HTTPS" or way.server or way.endpoint or kind in map(transport_of, way.tunnel.clients)
    return kind if told else ""


def _find_way(sight: Sight, client: str, signs: Sequence[Sign], *, alone: bool) -> _Way:
    """The way that came farthest, of those the client tried: Windows begins with Teredo or 6to4 and ends with IP-HTTPS."""
    endpoint = find_endpoint(sight, client, signs)
    tried = dict.fromkeys(kind for kind in (_carrying(sight, sign) for sign in signs if sign.inner) if kind)
    failed = any(not lookup.addresses for lookup in endpoint.lookups)
    carried = "" if tried or endpoint.numbers or failed else _carried(sight, client)
    if carried:
        tried[carried] = None
    if endpoint.numbers or endpoint.lookups or not tried:
        tried["IP-HTTPS"] = None
    tunnels = [Tunnel(sight, endpoint.numbers, transport, alone) for transport in tried]
    ways = [
        _by_iphttps(sight, endpoint, each) if each.transport == "IP-HTTPS" else _by_carrier(sight, each)
        for each in tunnels
    ]
    return max(ways, key=_progress)


def _carrying(sight: Sight, sign: Sign) -> str:
    """The transport of a sign inside a tunnel. Addresses of 6to4 travel by others too: it is that only in protocol 41."""
    kind = transport_of(sign.client)
    is_41 = bool(int(sight.packets.layers[sign.step.row]) & CARRIERS["6to4"])
    return "" if kind == "6to4" and not is_41 else kind


def _progress(way: _Way) -> tuple[int, int]:
    """How far a way came: the last stage of the chain that worked, and how many did."""
    done = [CHAIN.index(stage.name) for stage in way.stages if stage.name in CHAIN and stage.outcome is Outcome.DONE]
    return max(done, default=-1), len(done)


def _by_carrier(sight: Sight, tunnel: Tunnel) -> _Way:
    """By Teredo or 6to4."""
    reached = inside.carried_connected(sight, tunnel)
    stages = [reached, inside.carried_up(sight, tunnel, reached.outcome), *_ipsec(sight, tunnel)]
    return _Way(tuple(stages), tunnel, str(reached.facts.get("server", "")))


def _by_iphttps(sight: Sight, endpoint: Endpoint, tunnel: Tunnel) -> _Way:
    """By IP-HTTPS: the connection that came farthest."""
    attempts = [make_attempt(sight, number) for number in endpoint.numbers]
    best = best_attempt(attempts) if attempts else None
    stages = [endpoint_resolved(sight, endpoint.lookups)]
    if best:
        stages += [connected(sight, attempts), handshake.tls_hello(sight, best), handshake.tls_done(sight, best)]
    else:
        stages += [sight.stage(name, Outcome.NOT_SEEN) for name in ("transport-connected", "tls-hello", "tls-done")]
    stages += [inside.tunnel_up(sight, best, tunnel), *_ipsec(sight, tunnel)]
    stages = _settled(stages)
    server = best.talk.server_endpoint if best else ""
    system = handshake.system_of(best.session) if best else ""
    return _Way(tuple(stages), tunnel, server, endpoint.name, system)


def _settled(stages: Sequence[Stage]) -> list[Stage]:
    """A stage before the inside that a later one needs is over: done where frames show it, else not seen."""
    done = [
        at for at, stage in enumerate(stages) if stage.outcome is Outcome.DONE and stage.name != "endpoint-resolved"
    ]
    last = max(done, default=-1)
    return [
        replace(stage, outcome=Outcome.DONE if stage.steps else Outcome.NOT_SEEN)
        if stage.outcome is Outcome.UNDER_WAY and stage.name not in INSIDE and at < last
        else stage
        for at, stage in enumerate(stages)
    ]


def _carried(sight: Sight, client: str) -> str:
    """Teredo or 6to4, where the capture holds what a client sends by them; not Teredo with a server for everybody."""
    for_all = sight.lookups(lambda name, _: name.startswith("teredo.") or name.endswith(".ipv6.microsoft.com"), client)
    if not for_all and Tunnel(sight, (), "Teredo").clients:
        return "Teredo"
    return "6to4" if "6to4" in map(transport_of, Tunnel(sight, (), "6to4").clients) else ""


def _ipsec(sight: Sight, tunnel: Tunnel) -> tuple[Stage, ...]:
    peers = ipsec.find_peers(sight, tunnel)
    return ipsec.main_mode(sight, peers), ipsec.quick_mode(sight, peers), ipsec.esp_traffic(sight, peers)


def _stopped_at(sight: Sight, stages: Sequence[Stage], way: _Way, client: str) -> str:
    """The first stage that did not work, or that did not begin although there was time for it."""
    place = next(stage for stage in stages if stage.name == "location")
    if place.facts.get("location") == "inside":
        return ""
    chain = [stage for stage in stages if stage.name in CHAIN]
    done = [at for at, stage in enumerate(chain) if stage.outcome is Outcome.DONE]
    for at, stage in enumerate(chain):
        later = any(place > at for place in done)
        if stage.outcome in STOPS and (not later or stage.name in INSIDE):
            return stage.name
    return _not_begun(sight, chain, done, place, way, client)


def _not_begun(sight: Sight, chain: Sequence[Stage], done: Sequence[int], place: Stage, way: _Way, client: str) -> str:
    """The stage that the last one that worked should have been followed by within seconds; "" where that can't be told."""
    if not sight.tables.capture.carries("contents"):
        return ""  # what a listing says of messages is too little to miss one
    last = max(done, default=-1)
    ended = chain[last].end_s if last >= 0 else place.end_s  # None for a place that no frame shows
    if last + 1 >= len(chain) or ended is None or sight.end_s - ended < WAIT.value:
        return ""
    following = chain[last + 1]
    if following.outcome is not Outcome.NOT_SEEN:
        return ""
    if following.name in INSIDE:
        return following.name if way.tunnel.is_seen else ""
    is_visible = following.name in SAME_CONNECTION or _is_client_seen(sight, client, ended)
    return following.name if is_visible else ""


def _is_client_seen(sight: Sight, client: str, after_s: float) -> bool:
    """Whether the capture shows more of the client than lookups, and the client later, so that it would show the next stage too."""
    elsewhere = later = False
    for number in sight.rows_of(client).tolist():
        talk = sight.talk(number)
        is_service = talk.protocol == "udp" and int(talk.server["port"]) in SERVICE_PORTS
        elsewhere = elsewhere or not is_service
        mine = max(int(talk.facts["sides"]["last_ns"][side]) for side in (0, 1))
        later = later or (mine - int(sight.packets.time_ns[0])) / 1e9 > after_s
    return elsewhere and later


def _system(way: _Way, stages: Sequence[Stage]) -> str:
    """The client's Windows: what AuthIP's vendor ids say, else what the ClientHello offers."""
    for stage in stages:
        tunnels = stage.facts.get("tunnels")
        for tunnel in tunnels if isinstance(tunnels, list) else ():
            if tunnel["client_windows"]:
                return CLIENT_SIBLING.get(tunnel["client_windows"], str(tunnel["client_windows"]))
    return way.system


def _remarks(way: _Way, stages: Sequence[Stage], clients: int, stopped: str) -> list[str]:
    told = []
    up = any(stage.name == "tunnel-up" and stage.outcome is Outcome.DONE for stage in stages)
    if up and not way.tunnel.is_seen and not stopped:
        told.append(
            "The inside of the tunnel is encrypted here: capture the tunnel interface as well to see IPsec and what it protects."
        )
    probe = next(stage for stage in stages if stage.name == "location-probe")
    if probe.facts.get("connections") and not probe.facts.get("reached") and up is False:
        told.append(
            f"{probe.facts['name']} is resolved here, and the connection with it does not come to an answer: a client that is inside, and whose location "
            "server fails it (certificate, revocation list), takes itself for outside."
        )
    if clients > 1:
        told.append(f"The capture shows {clients} DirectAccess clients; this is one of them.")
    return told
