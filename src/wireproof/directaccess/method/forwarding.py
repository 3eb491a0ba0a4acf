"""One forwarding virtual server per DirectAccess server on an external load balancer: what speaks against it.

Takes the ground; gives objections. Knows nothing of steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import Ground, ipv6_of
from wireproof.directaccess.method.native_own import needs_ipv6, tells_apart
from wireproof.directaccess.plan.model import Objection
from wireproof.directaccess.site.model import Balancing, EntryPoint, Method

THIS = Method.FORWARDING
NAMED = 3
"""Entry points named where many have the same lack."""


def objections(ground: Ground) -> Iterator[Objection]:
    """Why a balancer can't hand packets to the right server here."""
    entries = ground.site.entry_points
    alone = [entry for entry in entries if entry.balancing is not Balancing.EXTERNAL]
    if alone:
        names = ", ".join(entry.name for entry in alone[:NAMED]) + (" and others" if len(alone) > NAMED else "")
        why = f"{names} {'has' if len(alone) == 1 else 'have'} no external load balancer"
        yield Objection(THIS, "no-balancer", why, (sources.F5,), place=alone[0].place)
    for entry in entries:
        if entry.balancing is Balancing.EXTERNAL:
            yield from _balancer(entry)
    yield from needs_ipv6(ground, THIS)
    yield from tells_apart(ground, THIS)
    if ground.site.teredo:
        why = "Teredo clients can't be told apart by server: they stay out of reach, and Teredo has to be turned off"
        yield Objection(THIS, "teredo", why, (sources.F5,), fatal=False)


def _balancer(entry: EntryPoint) -> Iterator[Objection]:
    if entry.balancer is None:
        why = f"{entry.name} has no external load balancer stated: add `balancer`"
        yield Objection(THIS, "no-balancer", why, (sources.F5,), place=entry.place)
    elif not ipv6_of(entry.balancer.internal):
        why = f"the balancer {entry.balancer.name} has no IPv6 address towards the corporate network, which stations need as next hop"
        yield Objection(THIS, "balancer-without-ipv6", why, (sources.F5,), place=entry.balancer.place)
