"""The agreed pairs of each session and kind of media with what became of them, found once a case.

Takes a case; gives `Group`s. Decides nothing about what is reported.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.rules.ice._described import tables
from wireproof.rules.ice._outcome import UNCLEAR, WORKS, Outcome, judge_pair
from wireproof.rules.ice._pairs import Pair, find_pairs
from wireproof.rules.ice._relayed import find_relays, is_relayed

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.sip_sessions import MediaSession
    from wireproof.wire.sdp import Candidate


@dataclass(frozen=True, slots=True)
class Tried:
    """A pair and what became of it."""

    pair: Pair
    outcome: Outcome

    @property
    def is_last_resort(self) -> bool:
        """Whether ICE has nothing better: relays at both ends, at the only end that has one, or no relay is named at all."""
        session = self.pair.session
        for of_caller in (True, False):
            named = [candidate for media, candidate in session.addresses(of_caller) if media == self.pair.media]
            mine = [end for end in self.pair.ends if end is not None and end in named]
            relays = any(candidate.kind == "relay" for candidate in named)
            if relays and not any(_is_relay(end, named) for end in mine):
                return False
        return True


def _is_relay(end: Candidate, named: list[Candidate]) -> bool:
    return any(one.kind in {"relay", "default"} and (one.address, one.port) == (end.address, end.port) for one in named)


@dataclass(frozen=True, slots=True)
class Group:
    """All pairs of one session and kind of media that the captures show. `works` tells that one of them, or a TURN relay, carries it."""

    session: MediaSession
    media: str
    tried: list[Tried]
    works: bool

    @property
    def failed(self) -> list[Tried]:
        """The pairs that do not work."""
        return [tried for tried in self.tried if tried.outcome.kind not in (WORKS, UNCLEAR)]

    @property
    def is_blocked(self) -> bool:
        """Whether pairs fail and none works or may work."""
        # Without ICE each party may send from another port than it hears on: one-way conversations are then half of the media.
        unclear = not self.session.uses_ice and any(tried.outcome.kind == UNCLEAR for tried in self.tried)
        return not self.works and not unclear and bool(self.failed)


_GROUPS: weakref.WeakKeyDictionary[Case, list[Group]] = weakref.WeakKeyDictionary()


def find_groups(case: Case) -> list[Group]:
    """Every session's media of which the captures show a pair."""
    if case not in _GROUPS:
        _GROUPS[case] = list(_find_groups(case))
    return _GROUPS[case]


def _find_groups(case: Case) -> Iterator[Group]:
    said = tables(case)
    if not any(len(messages) for messages in said):
        return
    from wireproof.messages.sip_sessions import find_sessions

    sessions = [session for session in find_sessions(said) if session.is_wanted]
    if not sessions:
        return
    pairs: dict[tuple[str, str], list[Pair]] = {}
    for pair in find_pairs(case, sessions):
        pairs.setdefault((pair.session.call_id, pair.media), []).append(pair)
    relays = find_relays(case) if pairs else {}
    for (_, media), own in pairs.items():
        session = own[0].session
        tried = [Tried(pair, judge_pair(pair)) for pair in own]
        works = any(one.outcome.kind == WORKS for one in tried) or is_relayed(relays, session)
        yield Group(session, media, tried, works)
