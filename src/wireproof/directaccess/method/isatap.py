"""ISATAP with the DirectAccess server as router, for a few stations: what speaks against it.

Takes the ground; gives objections. Knows nothing of steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import Ground
from wireproof.directaccess.plan.model import Objection
from wireproof.directaccess.site.model import Balancing, Intranet, Method

THIS = Method.ISATAP


def objections(ground: Ground) -> Iterator[Objection]:
    """Why the server can't be the ISATAP router here, and what to mind where it can."""
    yield from _clusters(ground)
    if ground.site.intranet is Intranet.NATIVE_IPV6:
        why = "the server has native IPv6 on its internal adapter, and is then no ISATAP router by itself; native IPv6 needs no tunnel"
        yield Objection(THIS, "intranet-has-ipv6", why, (sources.JONES, sources.CLUSTER))
    elif ground.isatap_prefix() is None:
        why = "the ISATAP prefix of the server is not known: state `isatap: {prefix: ...}` of the server as `ipconfig` shows it"
        yield Objection(THIS, "prefix-unknown", why, (sources.HICKS_ISATAP_ROUTER, sources.RFC_5214))
    for entry in ground.single_adapter:
        why = (
            f"{entry.name} has a single adapter, and sources disagree: one copy of Jason Jones' post calls it not suitable, the other does not "
            "name it, and users with one adapter turned to limited ISATAP. Try it with one station first"
        )
        yield Objection(
            THIS, "single-adapter", why, (sources.JONES, sources.JONES_COMMENTS), fatal=False, place=entry.place
        )
    yield Objection(
        THIS, "documents-disagree", sources.CONTRADICTION, (sources.PLANNING, sources.UNSUPPORTED), fatal=False
    )


def _clusters(ground: Ground) -> Iterator[Objection]:
    for entry in ground.balanced(Balancing.EXTERNAL):
        why = (
            f"{entry.name} has an external load balancer: ISATAP on its servers is not supported, and many balancers do not balance protocol 41. "
            "The ISATAP router has to be another computer"
        )
        yield Objection(THIS, "external-balancer", why, (sources.UNSUPPORTED, sources.CLUSTER), place=entry.place)
    for entry in ground.balanced(Balancing.NLB):
        why = (
            f"{entry.name} is an NLB cluster: ISATAP is not supported there. It has been made to work with A records for every server's own address "
            "and the virtual one under a name other than ISATAP, at your own risk"
        )
        yield Objection(THIS, "nlb-cluster", why, (sources.UNSUPPORTED, sources.HICKS_MANAGE_OUT), place=entry.place)
    for entry in ground.crowded():
        if entry.balancing is Balancing.NONE:
            why = f"{entry.name} has {len(entry.servers)} servers; ISATAP on the DirectAccess server is supported for a single one"
            yield Objection(THIS, "several-servers", why, (sources.UNSUPPORTED,), place=entry.place)
    if ground.multisite:
        yield Objection(THIS, "multisite", "ISATAP is not supported in a multisite deployment", (sources.UNSUPPORTED,))
