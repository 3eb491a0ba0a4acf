"""What outputs of a machine say against DirectAccess there, whatever its frames show: firewall off, rules owned by another product, policy left out.

Takes the case's logs; gives `Obstacle`s for the rule of this family.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.rules.evidence import log_line

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Evidence

NEEDED = frozenset(("ConSec", "Firewall"))
"""Categories of rules that have to be Windows' own."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way, as a sentence, with the line that shows it and what to do."""

    told: str
    row: Evidence
    fix: str


def obstacles(case: Case) -> list[Obstacle]:
    """Everything in the way that outputs at hand show."""
    return [*_firewall(case), *_categories(case), *_policies(case)] if case.logs else []


def _firewall(case: Case) -> Iterator[Obstacle]:
    """Firewalls that are off in every profile that the output shows: which profile is in use it does not say otherwise."""
    from wireproof.logs.advfirewall import AdvfirewallLog

    for log in case.logs_of(AdvfirewallLog):
        if log.profiles and all(profile.is_on is False for profile in log.profiles):
            yield Obstacle(
                f"By {log.file} Windows Firewall is off, so that no connection security rule applies.",
                log_line(log, log.profiles[0].state_line, "the firewall of this profile is off"),
                "Turn Windows Firewall on for the profile in use: `netsh advfirewall set currentprofile state on`; without it there is no IPsec.",
            )


def _categories(case: Case) -> Iterator[Obstacle]:
    from wireproof.logs.advfirewall import AdvfirewallLog

    for log in case.logs_of(AdvfirewallLog):
        for category in log.categories:
            if category.name in NEEDED and not category.is_windows:
                yield Obstacle(
                    f"By {log.file} the category {category.name} of firewall rules belongs to “{category.owner}”, not to Windows Firewall.",
                    log_line(log, category.line, f"{category.name} rules are made by {category.owner}"),
                    f"Let {category.owner} leave connection security to Windows Firewall, or take it off that machine.",
                )


def _policies(case: Case) -> Iterator[Obstacle]:
    """A DirectAccess policy that was left out on a machine on which no other such policy was applied."""
    from wireproof.logs.gpresult import GpresultLog

    for log in case.logs_of(GpresultLog):
        named = [policy for policy in log.policies if "directaccess" in policy.name.lower().replace(" ", "")]
        if not named or any(policy.is_applied for policy in named):
            continue
        yield Obstacle(
            f"By {log.file} the policy “{named[0].name}” was not applied: {named[0].reason}.",
            log_line(log, named[0].line, f"not applied: {named[0].reason}"),
            f"Let the policy “{named[0].name}” reach the computer (group membership, WMI filter, permissions), then `gpupdate /force` inside the organisation.",
        )
