"""A Lync client or server is not of the newest update that the list known here has.

## What is seen
Clients write their version into the User-Agent of every SIP message, in captures and in logs of servers and clients. Versions of servers stand
in lists of files or programs. The update they belong to is named, and how many newer ones the list has.

## Why it matters
Updates repair defects in signing in, in media negotiation and in the way through firewalls. Who looks for a fault that was repaired years ago
looks in vain; and parties of different updates may behave in different ways.

## Fix
Install the newest update, on clients and servers. Before looking deeper, see whether the fault is in the articles of the updates between.

## Looks alike but is not
A version of the newest update of the list, or above it, stays silent: nothing is said of updates that the list does not hold. It ends in
February 2014. Server and User-Agent headers of servers (`RTC/4.0`, `RTCC/4.0.0.0`) have no build, phones and attendee clients have updates of
their own; nothing is told from them.

## References
Microsoft's articles on the updates (KB 2737155 and its like), as the findings name them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.messages.sip_logged import LoggedSip
from wireproof.rules.evidence import count, frame, joined, log_line
from wireproof.wire.lync_versions import UNTIL, Standing, Version, read_agent, standing, version_text

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.sip import SipMessage

RULE = "lync-outdated"
SEVERITY = Severity.INFO
SHOWN, NAMED = 4, 20


@dataclass(slots=True)
class Seen:
    """Where one version of one product was seen, and by whom it is used."""

    evidence: list[Evidence] = field(default_factory=list)
    users: dict[str, None] = field(default_factory=dict)
    count: int = 0

    def add(self, user: str, row: Callable[[], Evidence]) -> None:
        """Count one sight; the first of each of a few users is shown."""
        self.count += 1
        if user not in self.users:
            self.users[user] = None
            if len(self.evidence) < SHOWN:
                self.evidence.append(row())


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each version that has newer ones in the list."""
    for (product, version), seen in _find_versions(case).items():
        place = standing(product, version)
        if place.newer:
            yield _finding(product, version, place, seen)


def _find_versions(case: Case) -> dict[tuple[str, Version], Seen]:
    found: dict[tuple[str, Version], Seen] = {}
    agents: dict[str, tuple[str, Version] | None] = {}
    for message, source in _messages(case):
        if message.agent not in agents:
            agents[message.agent] = read_agent(message.agent)
        told = agents[message.agent]
        if told:
            user = message.from_uri if message.is_request else message.to_uri
            found.setdefault(told, Seen()).add(user, functools.partial(_row, message, source))
    if case.logs:
        from wireproof.logs.lync_files import LyncFilesLog

        for log in case.logs_of(LyncFilesLog):
            for file in log.files:
                row = functools.partial(log_line, log, file.line, f"{file.name} {version_text(file.version)}")
                found.setdefault((file.product, file.version), Seen()).add(f"{file.name} in {log.file}", row)
    return found


def _messages(case: Case) -> Iterator[tuple[SipMessage, Point | LoggedSip]]:
    """Messages that name a program, with where they were seen."""
    for point in case.points:
        yield from ((message, point) for message in point.said.sip if "OC/" in message.agent)
    for logged in case.logged_sip:
        yield from ((message, logged) for message in logged.messages if "OC/" in message.agent)


def _row(message: SipMessage, source: Point | LoggedSip) -> Evidence:
    """The frame or line of a message."""
    agent = message.agent[:120]
    return (
        log_line(source.log, message.row, agent) if isinstance(source, LoggedSip) else frame(source, message.row, agent)
    )


def _finding(product: str, version: Version, place: Standing, seen: Seen) -> Finding:
    newest, text = place.newer[-1], version_text(version)
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH if place.exact else Confidence.MEDIUM,
        f"{product} {text} is {_what(place)}; {count(len(place.newer), 'newer one')} {'is' if len(place.newer) == 1 else 'are'} listed",
        f"{joined(seen.users, 3) or 'A program'} {'use' if len(seen.users) > 1 else 'uses'} {product} {text}, {_what(place)}."
        f" The list of updates known here, which ends in {UNTIL}, has newer ones: {joined([update.text for update in place.newer], 4)}.",
        seen.evidence,
        where=joined(seen.users, 3),
        facts={
            "count": seen.count,
            "product": product,
            "version": text,
            "update": place.exact.name if place.exact else "",
            "article": place.exact.article if place.exact else "",
            "newer": len(place.newer),
            "newest_listed": version_text(newest.version),
            "newest_listed_name": newest.name,
            "users": list(seen.users)[:NAMED],
        },
        fix=[
            f"Update {product}: the newest of the list is {newest.text}, https://support.microsoft.com/kb/{newest.article}.",
            f"See whether there are later ones than {UNTIL}.",
        ],
        references=[f"KB {update.article}" for update in (place.exact, newest) if update],
        cause=(product, text),
    )


def _what(place: Standing) -> str:
    """The update that a version is."""
    if place.exact:
        return f"the update of {place.exact.name}"
    if place.before:
        return f"between the updates {place.before.name} and {place.newer[0].name}"
    return f"older than {place.newer[0].name}, the first update of the list"
