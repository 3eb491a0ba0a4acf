"""DNS exchanges as resolvers' work: which exchanges count, who was asked, and what else became of a question.

Facts for the rules of this family. Takes a point's exchanges; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.conversations.talks import read_address
from wireproof.finding import Talk
from wireproof.messages.dns import unpack_key
from wireproof.wire.dns import RECURSION_DESIRED, Question, type_name

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.dns_exchanges import DnsExchanges

Indexes = NDArray[np.int64]
OPCODE = 0x7800
A, AAAA = b"\0\x01", b"\0\x1c"


@dataclass(frozen=True, slots=True)
class Resolver:
    """One server address and the exchanges with it, in order."""

    point: Point
    number: int
    exchanges: Indexes

    @property
    def address(self) -> str:
        """Its address as text."""
        return read_address(self.point.dns_exchanges.addresses[self.number])


def by_resolver(point: Point, chosen: Indexes) -> list[Resolver]:
    """Chosen exchanges grouped by the server asked, in order of the first."""
    if not len(chosen):
        return []
    asked = point.dns_exchanges.asked[chosen]
    order = np.argsort(asked, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(asked[order])) + 1)
    found = [Resolver(point, int(asked[part[0]]), chosen[part]) for part in parts]
    return sorted(found, key=lambda resolver: int(resolver.exchanges[0]))


def is_lookup(exchanges: DnsExchanges) -> NDArray[np.bool_]:
    """Exchanges in which a client asks a resolver to find something: standard queries with recursion desired.

    Queries without it are a resolver's own way through the name servers, of which some are always silent.
    """
    flags = exchanges.flags
    return np.asarray(
        (flags & OPCODE == 0) & (flags & RECURSION_DESIRED != 0) & (exchanges.query >= 0) & (exchanges.question >= 0)
    )


def question(exchanges: DnsExchanges, exchange: int) -> Question:
    """What an exchange asks; an empty question where it can't be read."""
    number = int(exchanges.question[exchange])
    found = unpack_key(exchanges.messages.questions[number]) if number >= 0 else None
    return found or Question("", 0, 0, 0)


def question_text(exchanges: DnsExchanges, exchange: int) -> str:
    """`www.example.com AAAA`."""
    asked = question(exchanges, exchange)
    return f"{asked.name or '.'} {type_name(asked.kind)}"


def names(exchanges: DnsExchanges, chosen: Iterable[int], most: int = 500) -> list[str]:
    """Different names that exchanges ask for, of the first so many exchanges."""
    return list(dict.fromkeys(question(exchanges, int(exchange)).name or "." for exchange in list(chosen)[:most]))


def label(exchanges: DnsExchanges, exchange: int) -> Talk:
    """The conversation of a finding about an exchange."""
    talk = exchanges.messages.tables.conversations[int(exchanges.conversation[exchange])]
    return Talk(talk.protocol, talk.client_endpoint, talk.server_endpoint)


def same_lookup(exchanges: DnsExchanges) -> NDArray[np.int64]:
    """A number for each asker and question: exchanges that share it are tries of one lookup."""
    return np.asarray(exchanges.asker * (len(exchanges.messages.questions) + 1) + exchanges.question, dtype=np.int64)


def conversations(point: Point, chosen: Iterable[int], most: int = 1000) -> list[tuple[str, int]]:
    """The conversations of exchanges, as a finding names them."""
    numbers = dict.fromkeys(int(point.dns_exchanges.conversation[exchange]) for exchange in list(chosen)[:most])
    return [(point.name, number) for number in numbers]


def settled_by(exchanges: DnsExchanges, open_ones: Indexes, within_s: float, *, same_server: bool = False) -> Indexes:
    """For each exchange, the answered one in which the same asker got an answer to the same question; -1 for none.

    It may begin a little before (resolvers are asked side by side), and at most `within_s` after. With `same_server` only
    exchanges with the same server count.
    """
    keys = same_lookup(exchanges)
    if same_server:
        keys = keys * (len(exchanges.addresses) + 1) + exchanges.asked
    first_ns = exchanges.first_ns()
    answered = np.flatnonzero((exchanges.answer >= 0) & (exchanges.query >= 0))
    answered = answered[np.lexsort((first_ns[answered], keys[answered]))]
    low = np.searchsorted(keys[answered], keys[open_ones], "left").tolist()
    high = np.searchsorted(keys[answered], keys[open_ones], "right").tolist()
    found = np.full(len(open_ones), -1, np.int64)
    for place, (start, stop) in enumerate(zip(low, high, strict=True)):
        if start == stop:
            continue
        mine = int(first_ns[open_ones[place]])
        times = first_ns[answered[start:stop]]
        near = np.flatnonzero(
            (times >= mine - 5e9) & (times <= mine + within_s * 1e9) & (answered[start:stop] != open_ones[place])
        )
        if len(near):
            found[place] = answered[start + near[0]]
    return found


def answered_as_a(exchanges: DnsExchanges, chosen: Indexes) -> NDArray[np.bool_]:
    """Which of these exchanges ask for IPv6 addresses (AAAA) of a name whose IPv4 addresses (A) the same asker was told."""
    questions = exchanges.messages.questions
    numbers = {key: place for place, key in enumerate(questions)}
    as_a = np.full(len(chosen), -1, np.int64)
    for place, number in enumerate(exchanges.question[chosen].tolist()):
        key = questions[number] if number >= 0 else b""
        if key[-4:-2] == AAAA:
            as_a[place] = numbers.get(key[:-4] + A + key[-2:], -1)
    lookups = same_lookup(exchanges)
    answered = np.flatnonzero(exchanges.answer >= 0)
    known = np.unique(lookups[answered[exchanges.messages.flags[exchanges.answer[answered]] & 15 == 0]])
    wanted = lookups[chosen] - exchanges.question[chosen] + as_a
    return np.asarray((as_a >= 0) & np.isin(wanted, known))


def without_location_probes(point: Point, chosen: Indexes) -> Indexes:
    """Exchanges without those in which a DirectAccess client outside asks for its network location server.

    That it gets no answer, or that the name does not exist, is how such a client is meant to find out that it is outside.
    """
    if not len(chosen) or point.directaccess is None or point.directaccess.location != "outside":
        return chosen
    stage = point.directaccess.stage("location-probe")
    name = stage.facts.get("name") if stage else None
    return np.array([e for e in chosen.tolist() if question(point.dns_exchanges, e).name.lower() != name], np.int64)
