"""Two captures of the same process, side by side: what fails in one only, what came out otherwise, what took far longer.

Takes the tallies of both; gives differences in the order in which a reader wants them, and counts what is alike. What differs
between any two runs (ports, numbers, random names, times of day, small differences of time) never comes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.processes.compare.difference import MATTERS, Comparison, Difference, Kind
from wireproof.processes.compare.folding import drop_parts, fold_missing, join_alike, mark_stops
from wireproof.processes.compare.matching import match_services
from wireproof.processes.compare.said import LOOKUPS
from wireproof.processes.compare.tally import Tallies, Tally, describe
from wireproof.processes.compare.transport import DATAGRAMS, END, PING

if TYPE_CHECKING:
    from wireproof.processes.compare.exchange import Answer, Exchange, Service

RATIO = limit(
    "compare.slower_ratio",
    3.0,
    "two runs over the same path differ by half or by twice; three times as long is another path or a busy server",
)
SLOWER = limit("compare.slower_s", 0.05, "below 50 ms nobody notices")
SLOWER_ONCE = limit("compare.slower_once_s", 0.5, "one slow answer may be chance, and has to be slower by more")
MOST_SAMPLES = 3
SHARE = limit(
    "compare.failing_share", 0.5, "what works at every second try in one capture and nearly always in the other differs"
)


def compare_tallies(good: Tallies, bad: Tallies, known: Iterable[Difference] = ()) -> Comparison:
    """Align services and actions, and tell what differs; `known` are differences found otherwise, to be sorted in."""
    made = Comparison(services=match_services(good, bad))
    found: list[Difference] = list(known)
    for service, partner in made.services.items():
        own, alike = _compare_service((service, good[service]), (partner, bad[partner]))
        found += own
        made.alike += alike
    taken = set(made.services.values())
    found += [
        _only(Kind.MISSING, service, actions) for service, actions in good.items() if service not in made.services
    ]
    found += [_only(Kind.EXTRA, service, actions) for service, actions in bad.items() if service not in taken]
    made.differences = sorted(join_alike(mark_stops(drop_parts(found), bad, made.services)), key=_order)
    return made


def _order(difference: Difference) -> tuple[int, int, int]:
    """Stages of a process that matter in their order, then kinds, and each kind in the order in which the capture shows it."""
    kinds = list(Kind)
    good, bad = difference.good_exchange, difference.bad_exchange
    if difference.service.transport == "process" and difference.kind in MATTERS:
        shown = good or bad
        return 0, 0, shown.row if shown else 0
    shown = bad or good
    return kinds.index(difference.kind), 1, shown.row if shown else 0


def _only(kind: Kind, service: Service, actions: dict[str, Tally]) -> Difference:
    """A service that only one capture has."""
    action, tally = next(iter(actions.items()))
    words = describe(tally)
    later = tuple(name for name in list(actions)[1:] if name != END)
    if kind is Kind.MISSING and service.transport == "process":
        return Difference(kind, service, "", words, "", tally.shown, None, None, tuple(actions))
    if kind is Kind.MISSING:
        return Difference(kind, service, action, words, "", tally.shown, None, None, later)
    failed = next(((name, one) for name, one in actions.items() if _is_new_failure(service, one)), None)
    if failed is not None:
        return Difference(Kind.NEW_FAILURE, service, failed[0], "", describe(failed[1]), None, failed[1].shown, service)
    return Difference(kind, service, action, "", words, None, tally.shown, service, later)


def _is_new_failure(service: Service, tally: Tally) -> bool:
    """Whether what only the bad capture tried failed each time; names that do not exist are asked for every day."""
    if not tally.failed or tally.worked or (service is LOOKUPS and "NXDOMAIN" in tally.outcomes):
        return False
    # Logs, traps and flow records are sent without an answer, and hosts are pinged to see whether they are there.
    return bool(service.protocol) or tally.first.action not in {DATAGRAMS, PING}


def _compare_service(
    good: tuple[Service, dict[str, Tally]], bad: tuple[Service, dict[str, Tally]]
) -> tuple[list[Difference], int]:
    """(differences, how many actions came out alike) of one service."""
    (service, own), (partner, other) = good, bad
    found: list[Difference] = []
    alike = 0
    shared = max((place for place, action in enumerate(own) if action in other), default=-1)
    for place, (action, tally) in enumerate(own.items()):
        if action not in other:
            missing = Difference(Kind.MISSING, service, action, describe(tally), "", tally.shown, None, partner)
            found.append(replace(missing, is_last=place > shared))
            continue
        differences = list(_compare_action(service, action, tally, other[action]))
        found += [replace(difference, bad_service=partner) for difference in differences]
        alike += not differences
    for action, tally in other.items():
        if action not in own:
            kind = Kind.NEW_FAILURE if _is_new_failure(service, tally) else Kind.EXTRA
            found.append(Difference(kind, service, action, "", describe(tally), None, tally.shown, partner))
    return fold_missing(found), alike


def _compare_action(service: Service, action: str, good: Tally, bad: Tally) -> Iterator[Difference]:
    kind = _success(good, bad)
    yield from _answers(service, good, bad)
    pair = (service, action, describe(good), describe(bad), good.shown, bad.shown)
    if kind is not None:
        yield Difference(kind, *pair)
        return
    if not _came_of(good) & _came_of(bad):
        kind = Kind.OUTCOME if service.transport == "process" else _other_outcome(action, good, bad)
        yield Difference(kind, *pair)
        return
    timing = _timing(good, bad)
    if timing is not None:
        yield Difference(timing, *pair)
    yield from _details(service, good, bad)


def _answers(service: Service, good: Tally, bad: Tally) -> Iterator[Difference]:
    """What clients learned, where nothing that they learned in one capture occurs in the other."""
    own, other = good.answers(), bad.answers()
    for name in own:
        if name not in other or {one.value for one, _ in own[name]} & {one.value for one, _ in other[name]}:
            continue
        turned = all(one.good is False for one, _ in other[name]) and any(one.good for one, _ in own[name])
        one, shown = next((pair for pair in own[name] if pair[0].good), own[name][0])
        two, seen = other[name][0]
        rows = (_with_row(shown, one), _with_row(seen, two))
        yield Difference(Kind.ANSWER if turned else Kind.DETAIL, service, name, one.words, two.words, *rows)


def _with_row(exchange: Exchange, answer: Answer) -> Exchange:
    """The exchange with the answer's packet as the one to look at."""
    return exchange if answer.row < 0 else replace(exchange, answer_row=answer.row)


def _came_of(tally: Tally) -> set[str]:
    """What came of an action; silence is silence, whether or not the capture ends soon behind it."""
    return {outcome.partition(" before the capture")[0] for outcome in tally.outcomes}


def _other_outcome(action: str, good: Tally, bad: Tally) -> Kind:
    """How much it matters that no outcome of one capture occurs in the other."""
    if action == END or (good.worked and bad.worked):
        return Kind.DETAIL
    return Kind.WORKS if bad.worked else Kind.OUTCOME


def _success(good: Tally, bad: Tally) -> Kind | None:
    """Whether it works in one capture only, or far more often in one."""
    if good.worked and bad.failed and not bad.worked:
        return Kind.FAILS
    if bad.worked and good.failed and not good.worked:
        return Kind.WORKS
    decided, others = good.worked + good.failed, bad.worked + bad.failed
    if decided < MOST_SAMPLES or others < MOST_SAMPLES:
        return None
    share, other = good.worked / decided, bad.worked / others
    if other <= SHARE.value < share and bad.failed >= MOST_SAMPLES:
        return Kind.FAILS
    return Kind.WORKS if share <= SHARE.value < other and good.failed >= MOST_SAMPLES else None


def _timing(good: Tally, bad: Tally) -> Kind | None:
    """Whether one takes far longer."""
    one, other = good.wait_s, bad.wait_s
    if one is None or other is None:
        return None
    often = min(len(good.waits), len(bad.waits)) >= MOST_SAMPLES
    least = SLOWER.value if often else SLOWER_ONCE.value
    if other >= RATIO.value * one and other - one >= least:
        return Kind.SLOWER
    return Kind.FASTER if one >= RATIO.value * other and one - other >= least else None


def _details(service: Service, good: Tally, bad: Tally) -> Iterator[Difference]:
    """What was agreed on, where no value of one capture occurs in the other."""
    one, other = good.details(), bad.details()
    for name in one.keys() & other.keys():
        # Names resolve to other addresses from hour to hour; another kind of address is another place.
        if name == "address" or one[name] & other[name]:
            continue
        about = f"{name} of {good.first.action}" if service is LOOKUPS else name
        yield Difference(Kind.DETAIL, service, about, _values(one[name]), _values(other[name]), good.shown, bad.shown)


def _values(values: set[str]) -> str:
    shown = sorted(values)
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
