"""Whose conversations they are: for each end the process that a source names, and which source that was.

Takes the tables of captures and the logs beside them; gives an `Ownership`. Only what a source says counts: nothing is inferred from
ports. Where sources disagree, the nearer one is taken and the other told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Evidence, Owner
from wireproof.logs.endpoint_text import Endpoint
from wireproof.processes.logs.zones import within_zones
from wireproof.processes.ownership.claims import Claim, claims_of_logs
from wireproof.processes.ownership.names import Names, is_same_program
from wireproof.processes.ownership.owners import Ownership

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables, Conversations, Talk
    from wireproof.logs import Log

UNDATED_NS = 315_532_800_000_000_000
"""Times before 1980 count from some start: the text that they come from has no dates."""
PROTOCOLS = {6: "tcp", 17: "udp"}


def find_owners(captures: Sequence[CaptureTables], logs: Iterable[Log]) -> Ownership:
    """Whose the conversations of these captures are."""
    from wireproof.processes.ownership.captures import claims_of_capture

    every = list(logs)
    claims = claims_of_logs(every)
    names = Names(every, claims, captures=len(captures))
    found = Ownership()
    for point, tables in enumerate(captures):
        said: dict[tuple[int, int], list[Claim]] = defaultdict(list)
        for number, side, claim in [*claims_of_capture(tables), *match(tables.conversations, claims)]:
            said[number, side].append(claim)
        for (number, side), found_claims in said.items():
            found.owners[point, number, side] = _decide(found_claims, names)
    return found


def match(conversations: Conversations, claims: Sequence[Claim]) -> list[tuple[int, int, Claim]]:
    """(conversation, side, claim) for each end that a claim is about."""
    if not claims or not len(conversations):
        return []
    ports = sorted({claim.local[1] for claim in claims})
    sides = conversations.side_facts("port")
    exact: dict[tuple[str, Endpoint, Endpoint], list[Claim]] = defaultdict(list)
    waiting: dict[tuple[str, Endpoint], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.remote is None:
            waiting[claim.protocol, claim.local].append(claim)
        else:
            exact[claim.protocol, claim.local, claim.remote].append(claim)
    found = []
    for number in np.flatnonzero(np.isin(sides, ports).any(axis=1)).tolist():
        talk = conversations[number]
        protocol = PROTOCOLS.get(int(talk.facts["protocol"]), "")
        ends = [(talk.address(side), int(sides[number, side])) for side in (0, 1)]
        for side in (0, 1):
            same = exact.get((protocol, ends[side], ends[1 - side]), [])
            if protocol == "udp" or side != talk.client_side:
                same = same + waiting.get((protocol, ends[side]), [])
            found += [(number, side, claim) for claim in same if _is_of_time(claim, talk)]
    return found


def _is_of_time(claim: Claim, talk: Talk) -> bool:
    """Whether a claim may be about this use of the ports: on another day, further apart than zones are, they are another connection's."""
    sides = talk.facts["sides"]
    times_ns = [int(time_ns) for name in ("first_ns", "last_ns") for time_ns in sides[name] if time_ns]
    if claim.time_ns < UNDATED_NS or not times_ns or min(times_ns) < UNDATED_NS:
        return True
    return any(within_zones(time_ns - claim.time_ns) for time_ns in times_ns)


def _decide(claims: list[Claim], names: Names) -> Owner:
    """The claim that names the connection itself before one that names the port only; of equals the first."""
    ranked = sorted(claims, key=lambda claim: (claim.remote is None, claim.is_weak))
    best = ranked[0]
    # A capture names the process, netstat beside it too, and the listing on that host knows the services in it.
    said = {claim: names.of(claim) for claim in ranked if claim.pid == best.pid}
    name = next((name for name, _ in said.values() if name), "")
    agreeing = [claim for claim, (other, _) in said.items() if not other or is_same_program(name, other)]
    services = next((said[claim][1] for claim in agreeing if said[claim][1]), ())
    lines = next((found for claim in agreeing if (found := tuple(_lines(claim, names)))), ())
    others = [claim for claim in claims if claim.pid != best.pid and not claim.is_weak]
    conflict = ""
    if others:
        other = others[0]
        where = f"{best.local[0]}:{best.local[1]}"
        conflict = f"{best.source} names process {best.pid} for {where}, {other.source} names {other.pid}"
    return Owner(best.pid, name, services, best.source, conflict, lines)


def _lines(claim: Claim, names: Names) -> Iterator[Evidence]:
    """The line of a claim, and that of the listing which says what its process is."""
    host, port = claim.local
    end = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if claim.line:
        has = f"waits on {end}" if claim.remote is None else f"has the connection at {end}"
        yield Evidence(claim.file, 0, f"process {claim.pid} {has}", "", claim.line)
    task, file = names.listed(claim)
    if task:
        runs = f", which runs {', '.join(task.services)}" if task.services else ""
        yield Evidence(file, 0, f"process {task.pid} is {task.name}{runs}", "", task.line)
