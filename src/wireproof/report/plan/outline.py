"""The tree that every renderer of a site's report reads: findings with lines of the site file, the plan, what was routed.

Takes what the stages made of a site and the rules' verdicts; gives an `Outline` of the findings, as for captures, and with it a
`SiteOutline`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.directaccess.site.model import Method
from wireproof.directaccess.topology.model import Journey, Outcome
from wireproof.report.outline import EvidenceRow, FindingItem, Outline, nest, number_items
from wireproof.report.plan.words import METHODS
from wireproof.report.words import count
from wireproof.rules.evidence import sentence

if TYPE_CHECKING:
    from wireproof.directaccess.plan.model import Choice
    from wireproof.directaccess.review import Reviewed
    from wireproof.finding import Finding
    from wireproof.rules.run import Verdicts

NEXT_STEP = "State in the site file"
"""What leads the settling of an open question."""


@dataclass(slots=True)
class SiteOutline:
    """A whole report on a site. `findings` has no captures."""

    findings: Outline
    reviewed: Reviewed

    @property
    def choice(self) -> Choice | None:
        """The method taken and why; None where no plan could be made."""
        return self.reviewed.plan.choice if self.reviewed.plan else None

    @property
    def classes(self) -> list[Journey]:
        """The classes of packets that are always routed."""
        return [journey for journey in self.reviewed.journeys if not journey.place]

    @property
    def expectations(self) -> list[Journey]:
        """The journeys that lines of `expect` asked for."""
        return [journey for journey in self.reviewed.journeys if journey.place]

    @property
    def delivered(self) -> int:
        """How many classes are delivered both ways."""
        return sum(journey.outcome is Outcome.DELIVERED for journey in self.classes)


def outline_site(reviewed: Reviewed, verdicts: Verdicts) -> SiteOutline:
    """Build the tree of a site's report."""
    items = [FindingItem(finding, _make_rows(finding)) for finding in verdicts.findings]
    findings = Outline(reviewed.site.site, [], nest(items), verdicts.undecided, list(verdicts.notes), NEXT_STEP)
    number_items(findings)
    return SiteOutline(findings, reviewed)


def _make_rows(finding: Finding) -> tuple[EvidenceRow, ...]:
    """Each line once, in the order of the file. What stands nowhere in it points at its first line."""
    notes: dict[tuple[str, int], list[str]] = {}
    for evidence in finding.evidence:
        found = notes.setdefault((evidence.capture, max(evidence.line, 1)), [])
        if evidence.note and evidence.note not in found:
            found.append(evidence.note)
    return tuple(
        EvidenceRow(file, 0, "; ".join(texts), "", None, line) for (file, line), texts in sorted(notes.items())
    )


def verdict(report: SiteOutline) -> str:
    """The report in one sentence: the method, and how many classes of packets are delivered of how many."""
    choice = report.choice
    if choice is None:
        return f"No plan could be made. {sentence(_routed(report))}"
    if choice.method is None:
        refused = (
            "The method that the site asks for does not work here"
            if report.reviewed.site.method is not Method.AUTO
            else "Too little is stated to choose a method"
            if choice.wanting
            else "No method works here"
        )
        return f"{refused}. {sentence(_routed(report))}"
    if report.reviewed.as_is:
        return f"As the file states it, {_routed(report)}"
    return f"{sentence(METHODS[choice.method])}: {_routed(report)}"


def reason(choice: Choice) -> str:
    """Why the method was taken, as a sentence; a name of the site file such as `native-own` stays as it is written there."""
    words = choice.why.rstrip(".") + "." if choice.why else ""
    first = words.split(" ", 1)[0]
    return f"`{first}`{words.removeprefix(first)}" if first in set(Method) else sentence(words)


def _routed(report: SiteOutline) -> str:
    every, delivered = len(report.classes), report.delivered
    if not every:
        return "no packet could be routed"
    if delivered == every:
        whole = "the one class" if every == 1 else "both classes" if every == 2 else f"all {every:,} classes"
        return f"{whole} of packets {'is' if every == 1 else 'are'} delivered both ways"
    if not delivered:
        return f"no packet is delivered both ways ({count(every, 'class', 'classes')} routed)"
    return f"{delivered:,} of {count(every, 'class', 'classes')} of packets {'is' if delivered == 1 else 'are'} delivered both ways"


def scope(report: SiteOutline) -> str:
    """How much the verdict covers: stations, servers, entry points."""
    site = report.reviewed.site
    servers = sum(len(entry.servers) for entry in site.entry_points)
    parts = [
        count(len(site.stations), "station"),
        count(servers, "DirectAccess server"),
        count(len(site.entry_points), "entry point"),
    ]
    return ", ".join(parts)


def tally(journeys: list[Journey]) -> dict[Outcome, int]:
    """How often each outcome is, in the order of `Outcome`; only those that are."""
    counted: Callable[[Outcome], int] = lambda outcome: sum(journey.outcome is outcome for journey in journeys)  # noqa: E731
    return {outcome: counted(outcome) for outcome in Outcome if counted(outcome)}
