"""The whole way of a DirectAccess site on one screen: text -> Site -> Review -> verdicts.

    site     the file's text                read_site        what stands where, with the line of every key
    review   prefixes, plan, topology       Review           each stage by itself, so that one that fails leaves the others
    rules    the review                     run_plan_rules   findings, open questions

Takes the text of a site file; gives a `SiteReport`. Prints nothing and knows no report format.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from wireproof.analyse.selection import choose_plan_rules
from wireproof.directaccess.review import Review, Reviewed
from wireproof.directaccess.site.read import read_site
from wireproof.finding import Severity
from wireproof.rules.run import Verdicts, run_plan_rules

STOPPED = " stopped with "
RULE = "rule "


@dataclass(slots=True)
class SiteReport:
    """What each stage made of a site, and what the rules said about it."""

    reviewed: Reviewed
    verdicts: Verdicts = field(default_factory=Verdicts)


def analyse_site(
    text: str,
    file: str,
    *,
    as_is: bool = False,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    severity: Severity = Severity.INFO,
) -> SiteReport:
    """Plan, verify and judge a site by the selected rules (names or families; all when None).

    `as_is` verifies what the file states without applying the plan. Raises RuleNameError for an unknown rule and SiteError for a
    file that can't be used.
    """
    rules = choose_plan_rules(select, ignore)
    review = Review(read_site(text, file), as_is=as_is)
    report = SiteReport(review.run())
    report.verdicts = run_plan_rules(review, rules, severity)
    report.verdicts.notes = join_defects([*report.reviewed.failed, *report.verdicts.notes])
    return report


def join_defects(notes: Iterable[str]) -> list[str]:
    """Each defect once: what stopped by the same one is named in one sentence, rules only where nothing else is named."""
    stopped: dict[str, list[str]] = defaultdict(list)
    joined: list[str] = []
    for note in dict.fromkeys(notes):
        stage, mark, reason = note.partition(STOPPED)
        if mark:
            stopped[reason].append(stage)
        else:
            joined.append(note)
    for reason, stages in stopped.items():
        parts = [stage for stage in stages if not stage.startswith(RULE)]
        rules = [stage for stage in stages if stage.startswith(RULE)]
        named = parts[0] if parts else rules[0]
        others = [*parts[1:], *([_count(len(rules) - (not parts))] if len(rules) > (not parts) else [])]
        joined.append(f"{named}{STOPPED}{reason}" + (f" (and with it {', '.join(others)})" if others else ""))
    return joined


def _count(rules: int) -> str:
    return f"{rules} rule" if rules == 1 else f"{rules} rules"
