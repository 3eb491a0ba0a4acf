"""The stages before DirectAccess itself: the change of network, the probe for the internet, and whether the client is inside.

Takes a capture as a process sees it; gives stages. A location server that is not found is what a client outside is meant to see.
"""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.processes.sight import AAAA, PROBE_NAMES, A, Lookup, Sight, parent
from wireproof.processes.signs import HTTPS, is_location_name
from wireproof.processes.stage import Outcome, Stage, Step

if TYPE_CHECKING:
    from wireproof.messages.dhcp import DhcpMessage

MOST_STEPS = 12
EVERYDAY = ("wpad", "isatap", "teredo")
"""First labels of names that a client of a domain asks for in every network."""
NXDOMAIN = 3


def network_change(sight: Sight, client: str) -> Stage:
    """DHCP by which the client got its address, and ARP for its gateway."""
    transactions = {m.transaction for m in sight.said.dhcp if client in {m.address, m.requested, m.current}}
    stations = {m.client for m in sight.said.dhcp if m.transaction in transactions and m.client}
    messages = [message for message in sight.said.dhcp if message.client in stations]
    given = next((message for message in messages if message.kind in {"ACK", "REPLY"}), None)
    steps = [Step(message.row, f"DHCP {message.kind}") for message in messages[:MOST_STEPS]]
    steps += _gateway_steps(sight, client, given)
    if not messages:
        return sight.stage("network-change", Outcome.NOT_SEEN)
    refused = any(message.kind == "NAK" for message in messages)
    outcome = Outcome.DONE if given else Outcome.FAILED if refused else Outcome.UNANSWERED
    facts: dict[str, object] = {"address": client}
    if given:
        facts |= {"dns_servers": list(given.dns_servers), "routers": list(given.routers), "domain": given.domain}
    return sight.stage("network-change", outcome, steps, facts, (message.conversation for message in messages))


def _gateway_steps(sight: Sight, client: str, given: DhcpMessage | None) -> Iterator[Step]:
    """The first ARP exchange for the gateway that DHCP named."""
    if given is None or not given.routers or not len(sight.arp):
        return
    try:
        mine, gateway = int(ipaddress.IPv4Address(client)), int(ipaddress.IPv4Address(given.routers[0]))
    except ipaddress.AddressValueError:
        return
    arp = sight.arp
    asked = np.flatnonzero((arp.operation == 1) & (arp.sender == mine) & (arp.target == gateway))
    answered = np.flatnonzero((arp.operation == 2) & (arp.sender == gateway) & (arp.target == mine))
    if len(asked):
        yield Step(int(arp.row[asked[0]]), f"ARP request for the gateway {given.routers[0]}")
    if len(answered):
        yield Step(int(arp.row[answered[0]]), "ARP reply of the gateway")


def ncsi_probe(sight: Sight, clients: set[str], after: float = float("-inf"), before: float = float("inf")) -> Stage:
    """The probe of the Network Connectivity Status Indicator in a stretch of time (seconds), and the second look for the inside."""
    name = "ncsi-probe" if after == float("-inf") else "second-probe"
    steps: list[Step] = []
    names: list[str] = []
    good = False
    again = name == "second-probe"
    looked = (sight.lookups(lambda asked, _: _is_probe(asked, again=again), client) for client in sorted(clients))
    for lookup in itertools.chain.from_iterable(looked):
        rows = [row for row in lookup.query_rows if after < sight.time_s(row) < before]
        if rows:
            names.append(lookup.name)
            steps.append(Step(rows[0], f"query for {lookup.name}"))
            steps += [Step(row, "answer") for row in lookup.answer_rows if after < sight.time_s(row) < before][:1]
            good = good or any(code == 0 for code in lookup.codes)
    answered = len(steps) > len(names)
    reached = False
    for message in sight.internet_probes:
        if after < sight.time_s(message.row) < before:
            note = f"GET {message.target}" if message.kind == "request" else f"{message.status} {message.reason}"
            steps.append(Step(message.row, note))
            reached = reached or message.status == 200
            answered = answered or message.kind == "response"
    if not steps:
        return sight.stage(name, Outcome.NOT_SEEN)
    outcome = Outcome.DONE if good or reached else Outcome.FAILED if answered else Outcome.UNANSWERED
    return sight.stage(
        name, outcome, steps[:MOST_STEPS], {"names": list(dict.fromkeys(names)), "text_received": reached}
    )


def _is_probe(name: str, *, again: bool) -> bool:
    """Whether a name is asked for to find the internet; the second time the client looks for the inside too."""
    return f".{name}".endswith(PROBE_NAMES) or (again and is_location_name(name))


def location_lookups(sight: Sight, client: str, endpoint: str, before_s: float) -> list[Lookup]:
    """Lookups of the network location server: by its name, else the lookup of the same owner that failed before the endpoint's."""
    known = sight.lookups(lambda name, kind: kind in (A, AAAA) and is_location_name(name), client)
    if known or not endpoint:
        return known
    owner = parent(endpoint)
    others = sight.lookups(lambda name, kind: kind == A and parent(name) == owner and name != endpoint, client)
    return [
        lookup
        for lookup in others
        if not lookup.addresses
        and len(lookup.query_rows) > 1
        and sight.time_s(lookup.first_row) < before_s
        and not lookup.name.startswith(("_", *(f"{head}." for head in EVERYDAY)))
    ][:1]


def location_probe(sight: Sight, client: str, lookups: list[Lookup], before_s: float) -> Stage:
    """The lookups of the location server before DirectAccess began, and the connection to it."""
    steps: list[Step] = []
    queries = 0
    for lookup in lookups:
        asked = [row for row in lookup.query_rows if sight.time_s(row) < before_s]
        queries += len(asked)
        steps += [Step(row, f"query for {lookup.name}") for row in asked[:MOST_STEPS]]
        pairs = zip(lookup.answer_rows, lookup.codes, strict=True)
        steps += [Step(row, _answer(lookup, code)) for row, code in pairs if sight.time_s(row) < before_s][:MOST_STEPS]
    if not queries:
        return sight.stage("location-probe", Outcome.NOT_SEEN)
    addresses = list(dict.fromkeys(address for lookup in lookups for address in lookup.addresses))
    numbers = [number for address in addresses for number in sight.connections(client, HTTPS, address)]
    reached = [number for number in numbers if _is_reached(sight, number)]
    steps += [
        Step(int(sight.talk(n).client["first_row"]) - 1, "connection to the location server") for n in numbers[:3]
    ]
    answered = any(lookup.answer_rows for lookup in lookups)
    outcome = _probe_outcome(answered, bool(addresses), len(numbers), len(reached))
    facts: dict[str, object] = {
        "name": lookups[0].name,
        "queries": queries,
        "answered": answered,
        "name_error": any(NXDOMAIN in lookup.codes for lookup in lookups),
        "addresses": addresses,
        "connections": len(numbers),
        "reached": len(reached),
    }
    talks = [number for lookup in lookups for number in lookup.conversations]
    return sight.stage("location-probe", outcome, steps, facts, [*talks, *numbers])


def _answer(lookup: Lookup, code: int) -> str:
    if code == NXDOMAIN:
        return "the name does not exist here"
    return f"answer {', '.join(lookup.addresses)}" if lookup.addresses and not code else "answer without an address"


def _probe_outcome(answered: bool, resolved: bool, tried: int, reached: int) -> Outcome:
    if reached:
        return Outcome.DONE
    if tried or not answered:
        return Outcome.UNANSWERED
    return Outcome.UNDER_WAY if resolved else Outcome.FAILED


def _is_reached(sight: Sight, number: int) -> bool:
    """Whether a connection to the location server did what the client wants of it: a whole TLS handshake and an answer."""
    session = sight.said.tls_sessions.get(number)
    return session is not None and session.completed and session.application_from >= 0


def location(sight: Sight, probe: Stage, began: bool, used: Step | None = None) -> Stage:
    """What the client took itself for; `began` tells that it went on to connect with DirectAccess.

    Without a probe the first frame that shows DirectAccess in use tells (`used`, None where nothing does): no frame, no claim.
    """
    where = ""
    if probe.outcome is Outcome.DONE and not began:
        where = "inside"
    elif began or probe.outcome in (Outcome.UNANSWERED, Outcome.FAILED):
        where = "outside"
    steps = probe.steps[-1:] or ((used,) if used else ())
    if not where or not steps:
        return sight.stage("location", Outcome.NOT_SEEN)
    told_by = "the probe" if probe.steps else "what follows"
    return sight.stage("location", Outcome.DONE, steps, {"location": where, "told_by": told_by})
