"""Connection attempts that a reset refused in the name of a host whose own capture shows neither the attempt nor the reset.

A part of `path-forged-reset`: takes what alignment says is absent at a point; gives one finding a target.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, display_filter, frame, joined, label
from wireproof.rules.resets import ttl_note

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RST = 0x04
SHOWN = 4


def refusals(case: Case, fix: list[str], references: list[str]) -> Iterator[Finding]:
    """One finding for each target that refuses at one point and hears nothing at another."""
    groups: dict[tuple[int, int, str], list[tuple[int, int]]] = defaultdict(list)
    for absent in case.alignment.absent:
        point = case.points[absent.point]
        talk = point.talk(absent.conversation)
        if talk.protocol == "tcp" and talk.server["rst_row"]:
            key = (absent.point, absent.missing_at, talk.server_endpoint)
            groups[key].append((absent.conversation, int(talk.server["rst_row"]) - 1))
    for (here, there, target), found in groups.items():
        yield _finding(case, (here, there), target, found, fix, references)


def _finding(
    case: Case, ends: tuple[int, int], target: str, found: list[tuple[int, int]], fix: list[str], references: list[str]
) -> Finding:
    here, there = case.points[ends[0]], case.points[ends[1]]
    talk = here.talk(found[0][0])
    numbers = joined([here.packets.number(row) for _, row in found])
    many = len(found) > 1
    return Finding(
        rule="path-forged-reset",
        severity=Severity.ERROR,
        confidence=Confidence.LOW if there.capture.dropped else Confidence.MEDIUM,
        title=f"{count(len(found), 'connection attempt')} to {target} refused between {here.name} and {there.name}",
        summary=(
            f"{here.name} {'frames' if many else 'frame'} {numbers} refuse{'' if many else 's'} connections in the name of {target}, yet {there.name}, "
            f"which such packets have to pass, shows neither the {'attempts' if many else 'attempt'} nor the "
            f"{'resets' if many else 'reset'}. A device in between rejects them, or another host has that address."
        ),
        evidence=_evidence(case, ends[0], found),
        where=f"between {here.name} and {there.name}",
        toward="client",
        talk=label(talk),
        facts={"resets": len(found)} | _ttls(here, [row for _, row in found]),
        fix=fix,
        references=references,
        filters={here.name: display_filter(talk), there.name: display_filter(talk)},
        cause=(here.name, there.name, "refused", target),
        conversations=[(here.name, number) for number, _ in found],
    )


def _ttls(point: Point, rows: list[int]) -> dict[str, list[int]]:
    return {"reset_ttl": sorted(set(point.packets.ttl[rows].tolist()))} if point.capture.carries("ttl") else {}


def _evidence(case: Case, index: int, found: list[tuple[int, int]]) -> list[Evidence]:
    point = case.points[index]
    rows: list[Evidence] = []
    for number, row in found[:SHOWN]:
        own = point.conversations.rows_of_side(number, point.talk(number).client_side)
        before = own[own < row]
        rows += [frame(point, int(sent), "never arrives", "lost") for sent in before[-1:].tolist()]
        rows.append(frame(point, row, f"not sent by that host{ttl_note(point, row)}", "forged"))
    return rows
