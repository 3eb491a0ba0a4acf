"""No method reaches the clients of this site as it stands.

## What is seen
With `method: auto` every one of the five methods has at least one reason against it that rules it out. The finding lists them, each with its
source, the nearest method first: the one with the fewest reasons. Where a method fails only for want of a fact, such as a prefix that has to
be read on the server, it is a warning that says what to state.

## Why it matters
There is no plan that could work. Copying commands from elsewhere would only hide that until the first real connection.

## Fix
Take the nearest method and remove its reasons: a jump host in the servers' network, native IPv6 towards the servers, a separate ISATAP router, or
distinct prefixes are the usual ones.

## Looks alike but is not
A method that the site asks for by name and that fails alone (`plan-method-refused`).

## References
Every reason names its own: Microsoft's lists of supported configurations, Jason Jones, Richard Hicks, F5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.evidence import sentence
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.plan.model import Objection
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.stated import Place

RULE = "plan-nothing-works"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for the whole site."""
    choice = review.plan.choice
    if review.site.method.value != "auto" or choice.method is not None:
        return
    if choice.wanting:
        yield wanting(review, choice.wanting)
        return
    against: dict[str, list[Objection]] = {}
    for objection in choice.objections:
        if objection.fatal:
            against.setdefault(objection.method.value, []).append(objection)
    nearest = sorted(against, key=lambda method: len(against[method]))
    told = Told(
        "No method of manage-out works here",
        " ".join(f"{method}: {'; '.join(objection.reason for objection in against[method])}." for method in nearest),
        [f"{nearest[0]} is nearest. Remove: {'; '.join(objection.reason for objection in against[nearest[0]])}."],
        [source for method in nearest for objection in against[method] for source in objection.sources],
        {
            "reasons": {method: [objection.key for objection in against[method]] for method in nearest},
            "nearest": nearest[0],
        },
    )
    methods: dict[tuple[Place, str], list[str]] = {}
    for method in nearest:
        for objection in against[method]:
            methods.setdefault((objection.place, objection.reason), []).append(method)
    places = [(place, f"{', '.join(names)}: {reason}") for (place, reason), names in methods.items() if place]
    yield finding(review, RULE, SEVERITY, told, places or [((), "the whole site")])


def wanting(review: Review, objections: list[Objection]) -> Finding:
    """The finding where stating what is not known may let a method work."""
    told = Told(
        "Too little is stated to choose a method of manage-out",
        " ".join(f"{objection.method.value}: {objection.reason}." for objection in objections),
        [sentence(objection.reason) + "." for objection in objections],
        [source for objection in objections for source in objection.sources],
        {"wanting": {objection.method.value: objection.key for objection in objections}},
    )
    places = [(objection.place, f"{objection.method.value}: {objection.reason}") for objection in objections]
    return finding(review, RULE, Severity.WARNING, told, [one for one in places if one[0]] or [((), "the whole site")])
