"""Attempts that failed alike, as `rpc-port-blocked` tells of them: which ports, hosts and service, and where the SYNs end.

Facts for that rule. Takes attempts; gives what they have in common. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.rules.rpc._services import Service, service_of
from wireproof.rules.rpc._silence import answered_here
from wireproof.rules.subjects import members

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.rules.rpc._attempts import Attempt

LOOKED_AT = 20
"""Hosts that are looked at closely, where many fail alike."""


@dataclass(slots=True)
class Blocked:
    """Attempts that failed alike: at one host, or of one client at many."""

    case: Case
    attempts: list[Attempt]

    @property
    def first(self) -> Attempt:
        """The first of them."""
        return self.attempts[0]

    @property
    def service(self) -> Service:
        """The service that the first one was for."""
        return named_service(self.first)

    @property
    def ports(self) -> list[int]:
        """Ports that were tried, in order."""
        return list(dict.fromkeys(attempt.port for attempt in self.attempts))

    @property
    def servers(self) -> list[str]:
        """Hosts that were tried, in order."""
        return list(dict.fromkeys(attempt.server for attempt in self.attempts))

    @property
    def hosts(self) -> list[Attempt]:
        """The first attempt of each asked host, in order and of a bounded number: a host may have several addresses."""
        firsts: dict[str, Attempt] = {}
        for attempt in self.attempts:
            firsts.setdefault(attempt.offer.server, attempt)
        return list(firsts.values())[:LOOKED_AT]

    @property
    def asked(self) -> int:
        """How many hosts were asked."""
        return len({attempt.offer.server for attempt in self.attempts})

    @property
    def reporters(self) -> list[str]:
        """Who sent ICMP errors about the attempts, in order."""
        return list(dict.fromkeys(filter(None, (attempt.complaint[1] for attempt in self.hosts))))

    @property
    def syns(self) -> int:
        """SYNs sent in all."""
        return sum(int(each.point.talk(each.number).client["syns"]) for each in self.attempts)

    @property
    def missing_at(self) -> str:
        """A point that the attempts had to pass and that does not show them; "" for none."""
        wanted = {(attempt.point.index, attempt.number) for attempt in self.attempts}
        if len(self.case.points) < 2:
            return ""
        absent = (one for one in self.case.alignment.absent if (one.point, one.conversation) in wanted)
        return next((self.case.points[one.missing_at].name for one in absent), "")

    @property
    def arrives_at(self) -> str:
        """The point nearest to the server that shows the first attempt, when that is another one than where it was judged."""
        own = (self.first.point.index, self.first.number)
        last = members(self.case).get(own, [own])[-1]
        return "" if last == own else self.case.points[last[0]].name

    @property
    def is_at_host(self) -> bool:
        """Whether the capture that shows the attempts was taken at the host that they are for."""
        offer = self.first.offer
        return offer.source is self.first.point and self.first.server == offer.server and answered_here(offer)


def named_service(attempt: Attempt) -> Service:
    """What the offer that an attempt follows was about."""
    message = attempt.offer.message
    unnamed = "an endpoint" if message.operation == "ept_map" else "a DCOM object"
    return service_of(message.service, message.service_name or unnamed)


def asked_port(attempt: Attempt) -> int:
    """The port that was asked: 135, or where somebody forwards it."""
    offer = attempt.offer
    return int(offer.source.talk(offer.message.conversation).server["port"])
