"""Failures that a server's log tells, and that belong to no failure response: connections it could not open, requests it turned away.

Takes a case; gives `Alone`s. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.rules.sip._logged import find_told

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.sip_log import Trouble
    from wireproof.messages.sip_logged import LoggedSip

TIMED_OUT = "10060"
"""WSAETIMEDOUT: nothing answered the attempts to connect."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Failures of one kind in one log, in order; `timed_out` tells that they are connections which nothing answered."""

    logged: LoggedSip
    troubles: tuple[Trouble, ...]

    @property
    def first(self) -> Trouble:
        """The first."""
        return self.troubles[0]

    @property
    def timed_out(self) -> bool:
        """Whether they are attempts to connect that nothing answered."""
        return self.first.winsock == TIMED_OUT


def find_alone(case: Case) -> Iterator[Alone]:
    """Every kind of failure that no failure response of a log accounts for."""
    if not any(logged.log.troubles for logged in case.logged_sip):
        return
    told = [one for copies in find_told(case, lambda message: message.status >= 400).values() for one in copies]
    known = {(id(one.logged), trouble.line) for one in told for trouble in one.troubles}
    for logged in case.logged_sip:
        kinds: dict[tuple[object, ...], list[Trouble]] = {}
        for trouble in logged.log.troubles:
            if (id(logged), trouble.line) not in known:
                kind = (trouble.text, trouble.code, trouble.peer_ip or trouble.peer_fqdn or trouble.peer, trouble.level)
                kinds.setdefault(kind, []).append(trouble)
        yield from (Alone(logged, tuple(troubles)) for troubles in kinds.values())
