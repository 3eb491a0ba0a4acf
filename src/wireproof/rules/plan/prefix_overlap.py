"""Two prefixes that have to be apart overlap.

## What is seen
Client prefixes of two servers, virtual servers of a balancer with different members, or a client prefix and a network of the intranet share
addresses. Prefixes written with host bits set are compared by the network that they lie in.

## Why it matters
Each client address has to lead to one server. Where prefixes overlap, the longer one wins or the routes tie, and some clients are reached
by way of a server that does not hold their tunnels.

## Fix
Give each server its own prefix: one /64 each out of the cluster's /59, and one /59 (or shorter) for each entry point. Read them on the
servers; nobody can tell from outside which member has which /64.

## Looks alike but is not
The cluster's /59 and the /64s of its members inside it. One prefix that is stated alike for all members (`plan-same-prefix`).

## References
Microsoft, "Deploy Remote Access in a cluster", step 3 (/59, one /64 for each of at most 32 members); Microsoft, "Deploy multisite", step 3
(distinct prefixes); RFC 4291 section 2.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.plan._stated import evidence

if TYPE_CHECKING:
    from wireproof.directaccess.addresses import ServerPrefixes
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.site.model import EntryPoint
    from wireproof.directaccess.stated import Place

RULE = "plan-prefix-overlap"
SEVERITY = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Claim:
    """A prefix, who claims it, and how it is written."""

    network: IPv6Network
    owner: str
    text: str
    place: Place
    family: str


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each two owners that overlap first; equal texts of one entry point belong to `plan-same-prefix`."""
    clients = list(_of_clients(review))
    yield from _findings(review, [*clients, *_of_networks(review)])
    for entry in review.site.entry_points:
        yield from _findings(review, list(_of_balancer(entry)))


def _findings(review: Review, claims: list[Claim]) -> Iterator[Finding]:
    for one, other in overlaps(claims):
        wider = one if one.network.prefixlen <= other.network.prefixlen else other
        narrower = other if wider is one else one
        how = "is the same network as" if one.network == other.network else "lies inside"
        yield Finding(
            RULE,
            SEVERITY,
            Confidence.HIGH,
            title=f"{narrower.text} of {narrower.owner} overlaps {wider.text} of {wider.owner}",
            summary=f"`{narrower.text}` ({narrower.network}) of {narrower.owner} {how} `{wider.text}` ({wider.network}) of {wider.owner}.",
            evidence=[evidence(review, claim.place, f"{claim.owner}: {claim.text}") for claim in (narrower, wider)],
            where=narrower.owner,
            facts={"prefix": str(narrower.network), "inside": str(wider.network)},
            fix=[
                "Give each server a prefix of its own, as (Get-RemoteAccess).ClientIPv6Prefix on that server prints it."
            ],
            references=["Microsoft, Deploy Remote Access in a cluster, step 3", "RFC 4291 section 2.3"],
            cause=(narrower.family, wider.family, wider.text),
        )


def overlaps(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Claims of different owners that share addresses: each with the nearest one that covers it."""
    open_ones: list[Claim] = []
    for claim in sorted(claims, key=lambda one: (int(one.network.network_address), one.network.prefixlen)):
        first = claim.network.network_address
        open_ones = [one for one in open_ones if one.network.broadcast_address >= first]
        covering = [one for one in open_ones if one.owner != claim.owner and not _told_elsewhere(one, claim)]
        if covering:
            yield covering[-1], claim
        if not open_ones or open_ones[-1].owner != claim.owner or open_ones[-1].network != claim.network:
            open_ones.append(claim)


def _told_elsewhere(one: Claim, other: Claim) -> bool:
    """Equal texts in one entry point, and networks of the intranet among themselves."""
    if one.family == other.family == "network":
        return True
    return one.family == other.family and one.text == other.text


def _of_clients(review: Review) -> Iterator[Claim]:
    for entry, derived in zip(review.site.entry_points, review.prefixes, strict=True):
        for server, its in zip(entry.servers, derived.servers, strict=True):
            written = {"ip_https": server.ip_https_prefix, "teredo": server.teredo_prefix}
            yield from _of_server(entry.name, its, {name: one.text for name, one in written.items() if one})


def _of_server(entry: str, its: ServerPrefixes, texts: dict[str, str]) -> Iterator[Claim]:
    for name in ("ip_https", "teredo", "six_to_four"):
        prefix = getattr(its, name)
        if prefix:
            text = texts.get(name, str(prefix.network))
            yield Claim(prefix.network, its.server, text, prefix.place, f"{entry} {name}")


def _of_networks(review: Review) -> Iterator[Claim]:
    for network in review.site.networks:
        for one in network.ipv6:
            if one.value is not None:
                yield Claim(one.value, f"network {network.name}", one.text, one.place or network.place, "network")


def _of_balancer(entry: EntryPoint) -> Iterator[Claim]:
    for one in entry.balancer.virtual_servers if entry.balancer else ():
        if one.prefix.value is not None:
            owner = f"virtual server {one.name or one.prefix.text} to {', '.join(map(str, one.pool))}"
            yield Claim(one.prefix.value, owner, one.prefix.text, one.prefix.place or one.place, "virtual server")
