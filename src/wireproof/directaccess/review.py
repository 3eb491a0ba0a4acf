"""One site under review: what the rules named `plan-*` judge. Everything is computed on first use.

Thin on purpose: here site, plan and topology meet.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from wireproof.directaccess.addresses import EntryPrefixes, derive_prefixes
from wireproof.directaccess.method.ground import Ground
from wireproof.directaccess.plan.make import make_plan
from wireproof.directaccess.plan.model import Plan
from wireproof.directaccess.site.model import Site
from wireproof.directaccess.topology.build import build_topology
from wireproof.directaccess.topology.model import Journey, Topology
from wireproof.directaccess.topology.verify import verify
from wireproof.errors import Fence


@dataclass(slots=True)
class Reviewed:
    """What each stage made of a site. `plan` and `topology` are None, `prefixes` and `journeys` empty, where their stage failed.

    `failed` holds a sentence on each stage that did.
    """

    site: Site
    as_is: bool = False
    prefixes: tuple[EntryPrefixes, ...] = ()
    plan: Plan | None = None
    topology: Topology | None = None
    journeys: tuple[Journey, ...] = ()
    failed: list[str] = field(default_factory=list)


class Review:
    """A site, with the plan applied to it, or `as_is`: only what the file states has been done."""

    def __init__(self, site: Site, *, as_is: bool = False) -> None:
        self.site = site
        self.as_is = as_is

    @functools.cached_property
    def prefixes(self) -> tuple[EntryPrefixes, ...]:
        """Prefixes of each entry point, in the file's order."""
        return tuple(derive_prefixes(self.site, entry) for entry in self.site.entry_points)

    @functools.cached_property
    def ground(self) -> Ground:
        """The site with its prefixes, as the choice of a method sees it."""
        return Ground(self.site, self.prefixes)

    @functools.cached_property
    def plan(self) -> Plan:
        """What would have to be done; made even when it is not applied."""
        return make_plan(self.site, self.prefixes)

    @functools.cached_property
    def topology(self) -> Topology:
        """The network with what the file states and, unless `as_is`, with the plan's steps done."""
        return build_topology(self.site, self.prefixes, None if self.as_is else self.plan)

    @functools.cached_property
    def journeys(self) -> tuple[Journey, ...]:
        """Every class of stations to every class of clients and back, then one for each expectation."""
        return tuple(verify(self.site, self.topology))

    def run(self) -> Reviewed:
        """All stages, each behind a fence."""
        made = Reviewed(self.site, self.as_is)
        with Fence("deriving the prefixes", made.failed.append):
            made.prefixes = self.prefixes
        with Fence("making the plan", made.failed.append):
            made.plan = self.plan
        with Fence("building the topology", made.failed.append):
            made.topology = self.topology
        with Fence("routing the packets", made.failed.append):
            made.journeys = self.journeys
        return made
