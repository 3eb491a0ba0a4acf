"""What stands above and beneath a ladder's lanes: names, addresses, and how its times are to be read.

Takes a course; gives text. Draws nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.rules.evidence import count, seconds

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.conversations import Talk
    from wireproof.finding import Finding
    from wireproof.report.passages import Course


def name_lanes(course: Course) -> list[tuple[str, str]]:
    """Name and address above each lane; two hosts for a conversation that one point shows."""
    seen = _sights(course)
    client, server = seen[0][1].client_endpoint, seen[-1][1].server_endpoint
    if len(seen) > 1:
        between = [talk.client_endpoint if talk.client_endpoint != client else "" for _, talk in seen[1:-1]]
        return [(point.name, text) for (point, _), text in zip(seen, [client, *between, server], strict=True)]
    own = seen[0][0].name
    if course.far is None:
        return [("client", client), ("server", server)]
    missing, side = course.case.points[course.far[0]].name, course.far[1]
    return [(own, client), (missing, server)] if side == "server" else [(missing, client), (own, server)]


def write_caption(course: Course, finding: Finding) -> str:
    """How to read the times, which clocks were moved, and what the ladder leaves out."""
    first = course.case.points[course.lanes[0][0]].name
    words = [f"Time in seconds since the first frame of {first}; frame numbers stand beside each line."]
    if len(course.lanes) == 1 and course.far is None:
        words.append(f"Only {first} shows this conversation: arrows are what was seen there, not what arrived.")
    if len(course.lanes) > 1:
        words += [
            _clock(course, point) for point, _ in course.lanes if course.case.alignment.clocks[point].group != point
        ]
    words += _translations(course)
    names = [name for name, _ in finding.conversations]
    conversations = max(map(names.count, names), default=1)
    if conversations > 1:
        words.append(f"One of {count(conversations, 'conversation')} drawn.")
    return " ".join(words)


def _sights(course: Course) -> list[tuple[Point, Talk]]:
    points = course.case.points
    return [(points[point], points[point].talk(number)) for point, number in course.lanes]


def _translations(course: Course) -> list[str]:
    """Which other addresses the two ends show."""
    sights = _sights(course)
    (near, seen), (far, there) = sights[0], sights[-1]
    words = []
    if there.client_endpoint != seen.client_endpoint:
        words.append(f"At {far.name} the client is {there.client_endpoint}.")
    if there.server_endpoint != seen.server_endpoint:
        words.append(f"At {near.name} the server is {seen.server_endpoint}.")
    return words


def _clock(course: Course, point: int) -> str:
    clock, name = course.case.alignment.clocks[point], course.case.points[point].name
    if not clock.known or clock.bound_ns is None:
        return f"Frames of {name} match in one direction only, so their place among the others is approximate."
    return f"Times of {name} are moved by {clock.offset_ns / 1e9:+.6f} s, known to ± {seconds(clock.bound_ns / 1e9)}."
