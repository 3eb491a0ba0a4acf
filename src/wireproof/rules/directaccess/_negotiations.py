"""What the filtering platform of a traced computer logged of IPsec negotiations that frames show to fail: its own error for them.

Takes findings of this family and the case; adds the events between the same addresses. Other negotiations of that computer are none of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wireproof.rules.directaccess._checks_ipsec import ADVICE
from wireproof.rules.evidence import log_line
from wireproof.rules.windows._clock import in_time_of
from wireproof.wire.windows.errors import windows_error_name

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Finding
    from wireproof.logs.etl_log import EtlLog, EtlRow

MODES = {
    "IpsecMainModeFailed": "main mode",
    "IpsecExtendedModeFailed": "extended mode",
    "IpsecQuickModeFailed": "quick mode",
}
STAGES = {
    "main-mode": frozenset(("IpsecMainModeFailed", "IpsecExtendedModeFailed")),
    "quick-mode": frozenset(("IpsecQuickModeFailed",)),
}
"""The events that are about a stage, by its name."""
SHOWN = 3
Place = tuple[frozenset[str], "Point", int]


def add_negotiations(case: Case, found: Iterable[Finding]) -> None:
    """Say beside each finding on IPsec which error the computer itself logged, where its trace is at hand."""
    logs = [point.events for point in case.points if point.events]
    for one in found if logs else ():
        names = STAGES.get(str(one.facts.get("stopped_at")), frozenset[str]())
        places = list(_places(case, one)) if names else []
        failed = [
            (log, number, row)
            for log in logs
            for number, row in _failures(log, names)
            if any(_is_between(case, log, row, place) for place in places)
        ]
        first = {_code(row): (log, number, row) for log, number, row in reversed(failed)}
        for code, (log, number, row) in list(first.items())[:SHOWN]:
            named = f"{code} ({windows_error_name(code, 'win32')})"
            who = log.point or log.file.replace("\\", "/").rpartition("/")[2]
            one.summary += f" {who} logged for {MODES[row.fact.name]}: {named}."
            one.evidence.append(log_line(log, number, f"IPsec of the computer itself: {named}"))
            advice = ADVICE.get(str(code))
            if advice and advice not in one.fix:
                one.fix.append(advice)


def _failures(log: EtlLog, names: frozenset[str]) -> list[tuple[int, EtlRow]]:
    """The failures of these kinds, with the numbers of their rows."""
    return [(number, row) for number, row in enumerate(log.rows, 1) if row.fact.name in names and _code(row)]


def _code(row: EtlRow) -> int:
    code = row.fact.fields.get("status")
    return code if isinstance(code, int) else 0


def _pair(row: EtlRow) -> frozenset[str]:
    return frozenset(end[0] for end in (row.local, row.remote) if end)


def _places(case: Case, one: Finding) -> Iterator[Place]:
    """Between which addresses the stage of a finding negotiates, and where."""
    for name, number in one.conversations:
        point = case.point(name)
        talk = point.talk(number)
        yield frozenset((talk.address(0), talk.address(1))), point, number


def _is_between(case: Case, log: EtlLog, row: EtlRow, place: Place) -> bool:
    """Whether a failure is of a place: the same addresses, at a time that may be the same."""
    pair, point, number = place
    return _pair(row) == pair and in_time_of(case, log, row.time_ns, point, number) is not False
