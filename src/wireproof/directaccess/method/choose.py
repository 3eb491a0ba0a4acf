"""The choice of a method: objections to every one are collected, and the first without a fatal one is taken.

Takes a site and its prefixes; gives a `Choice`. A method that the site asks for is taken or refused, never replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wireproof.directaccess.addresses import EntryPrefixes
from wireproof.directaccess.method import forwarding, isatap, isatap_router, native_automatic, native_own
from wireproof.directaccess.method.ground import Ground
from wireproof.directaccess.plan.model import Choice, Objection
from wireproof.directaccess.site.model import Method, Site

METHODS: dict[Method, Callable[[Ground], Iterable[Objection]]] = {
    Method.FORWARDING: forwarding.objections,
    Method.NATIVE_OWN: native_own.objections,
    Method.NATIVE_AUTOMATIC: native_automatic.objections,
    Method.ISATAP_ROUTER: isatap_router.objections,
    Method.ISATAP: isatap.objections,
}
"""Methods with what may speak against them, in the order in which they are preferred: supported ones before tolerated ones."""

REASONS: dict[Method, str] = {
    Method.FORWARDING: "the load balancer knows every server's client prefix and hands each packet to the server that holds the client",
    Method.NATIVE_OWN: "servers and stations have native IPv6, and each server's client prefix can be routed to it",
    Method.NATIVE_AUTOMATIC: (
        "one server with two adapters, on one network with the stations: addresses from its own prefix and static routes are enough, without any "
        "change on servers or routers"
    ),
    Method.ISATAP_ROUTER: "stations have IPv4 only, and a separate router tunnels for them to each of several servers",
    Method.ISATAP: "stations have IPv4 only on their way, and the single server may be their ISATAP router",
}
"""Why a method fits where nothing speaks against it."""


def choose_method(site: Site, prefixes: Sequence[EntryPrefixes]) -> Choice:
    """Take the method that the site asks for if it can work, or with `auto` the first that can."""
    ground = Ground(site, tuple(prefixes))
    found = [objection for collect in METHODS.values() for objection in collect(ground)]
    refused = {objection.method for objection in found if objection.fatal}
    asked = site.method
    if asked is not Method.AUTO:
        if asked in refused:
            reasons = "; ".join(o.reason for o in found if o.method is asked and o.fatal)
            return Choice(None, f"{asked.value} was asked for and can't work here: {reasons}", found)
        return Choice(asked, f"{asked.value} was asked for, and nothing speaks against it: {REASONS[asked]}", found)
    for method in METHODS:
        if method not in refused:
            return Choice(method, REASONS[method], found)
    choice = Choice(None, "no method works here", found)
    if choice.wanting:
        choice.why = "too little is stated to choose a method"
    return choice
