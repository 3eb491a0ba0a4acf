"""Two cases, one in which it works and one in which it does not: both judged, their captures compared, their findings sorted apart.

Takes paths, gives a `ComparedReport`; prints nothing and knows no report format.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wireproof.analyse import Report, analyse
from wireproof.errors import Fence
from wireproof.processes.compare.captures import comparable, compare_sights
from wireproof.processes.compare.services import Services
from wireproof.processes.compare.transport import CONVERSATIONS, left_out
from wireproof.processes.sight import Sight

if TYPE_CHECKING:
    from wireproof.analyse.keys import Keys
    from wireproof.capture.frames import Progress
    from wireproof.case import Case, Point
    from wireproof.finding import Finding
    from wireproof.processes.compare.difference import Comparison, Difference
    from wireproof.processes.compare.exchange import Service
    from wireproof.processes.timeline import Timeline

Key = tuple[str, object]


@dataclass(slots=True)
class ComparedReport:
    """Both reports and what differs. `good_point` and `bad_point` are the captures that were compared.

    `only_bad`, `only_good` and `both` are findings (of `both` those of the bad capture), most urgent first; `because` are those of
    `only_bad` that are about the first difference. As a context manager it closes the captures at its end.
    """

    good: Report
    bad: Report
    good_point: Point
    bad_point: Point
    comparison: Comparison
    good_timeline: Timeline | None = None
    bad_timeline: Timeline | None = None
    only_bad: list[Finding] = field(default_factory=list)
    only_good: list[Finding] = field(default_factory=list)
    both: list[Finding] = field(default_factory=list)
    because: list[Finding] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What readers should know of both inputs, and of what was not compared."""
        notes = [note for report in (self.good, self.bad) for note in (*report.case.notes, *report.verdicts.notes)]
        for report, point in ((self.good, self.good_point), (self.bad, self.bad_point)):
            if len(report.case.points) > 1:
                notes.append(
                    f"of {len(report.case.points)} captures only {point.name} ({point.file}) was compared; rules looked at all"
                )
            beyond = left_out(sight_of(point))
            if beyond:
                notes.append(
                    f"{point.file}: {beyond:,} conversations behind the first {CONVERSATIONS.value:,.0f} were not compared"
                )
        return [*notes, *self.comparison.notes]

    def close(self) -> None:
        """Release the capture files."""
        self.good.close()
        self.bad.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def analyse_pair(good: str, bad: str, progress: Progress | None = None, keys: Keys | None = None) -> ComparedReport:
    """Read and judge two inputs (captures, archives or case folders) and compare them; errors and `keys` as for `analyse`."""
    with contextlib.ExitStack() as unless_done:
        reports = []
        for name in (good, bad):
            reports.append(analyse([name], progress=progress, keys=keys))
            unless_done.callback(reports[-1].close)
        made = compare_reports(*reports)
        unless_done.pop_all()
    return made


def compare_reports(good: Report, bad: Report) -> ComparedReport:
    """Compare two cases that were judged."""
    good_point, bad_point = choose_points(good.case, bad.case)
    notes: list[str] = []
    timelines = [timeline_of(point, notes) for point in (good_point, bad_point)]
    comparison = compare_sights((sight_of(good_point), timelines[0]), (sight_of(bad_point), timelines[1]))
    comparison.notes += notes
    made = ComparedReport(good, bad, good_point, bad_point, comparison, *comparable(*timelines))
    _sort_findings(made)
    return made


def sight_of(point: Point) -> Sight:
    """A point as the stages of a process see it."""
    return Sight(point.tables, point.said, point.dns)


def timeline_of(point: Point, notes: list[str]) -> Timeline | None:
    """The connection process that a point shows; None where it shows none, or where a defect (told in `notes`) costs it."""
    with Fence(f"following the DirectAccess connection in {point.file}", notes.append):
        return point.directaccess
    return None


def choose_points(good: Case, bad: Case) -> tuple[Point, Point]:
    """The captures to compare: those of one name where both have several, else the ones nearest to the client."""
    names = {point.name: point for point in bad.points}
    if len(good.points) > 1 and len(bad.points) > 1:
        shared = next((point for point in good.points if point.name in names), None)
        if shared is not None:
            return shared, names[shared.name]
    return nearest_to_client(good), nearest_to_client(bad)


def nearest_to_client(case: Case) -> Point:
    """The first capture on the way from client to server."""
    return case.points[case.alignment.order[0]] if len(case.points) > 1 else case.points[0]


def _sort_findings(made: ComparedReport) -> None:
    """Sort findings apart by rule and service: addresses, ports and frames differ between any two captures."""
    partners = {bad: good for good, bad in made.comparison.services.items()}
    good = {_key(finding, services, {}) for finding, services in _with_services(made.good)}
    bad: set[Key] = set()
    for finding, services in _with_services(made.bad):
        key = _key(finding, services, partners)
        bad.add(key)
        (made.both if key in good else made.only_bad).append(finding)
    made.only_good = [
        finding for finding, services in _with_services(made.good) if _key(finding, services, {}) not in bad
    ]
    first = made.comparison.first
    if first is not None:
        made.because = [
            finding
            for finding, services in _with_services(made.bad)
            if _is_about(finding, first, services) and finding in made.only_bad
        ]


def _with_services(report: Report) -> Iterable[tuple[Finding, dict[str, Services]]]:
    """Each finding with the services of the case's captures by name."""
    services = {point.name: Services(sight_of(point)) for point in report.case.points}
    # Asides only help to read one report's other findings.
    return [(finding, services) for finding in report.verdicts.findings if not finding.aside]


def _service(finding: Finding, services: dict[str, Services]) -> Service | None:
    if not finding.conversations:
        return None
    name, number = finding.conversations[0]
    return services[name].of(number)


def _key(finding: Finding, services: dict[str, Services], partners: dict[Service, Service]) -> Key:
    """What makes two findings the same: the rule, and the service with the name that the good capture knows it by."""
    service = _service(finding, services)
    return finding.rule, partners.get(service, service) if service is not None else None


def _is_about(finding: Finding, difference: Difference, services: dict[str, Services]) -> bool:
    """Whether a finding of the bad capture speaks of the conversation, or at least the service, of a difference."""
    exchange = difference.bad_exchange
    if exchange is not None and any(
        number == exchange.conversation for _, number in (*finding.conversations, *finding.depends_on)
    ):
        return True
    return difference.bad_service is not None and _service(finding, services) == difference.bad_service
