"""Root causes get the lines of logs that bear on them: what logs tell of their consequences, and who names the processes at their ends.

Takes findings that are linked and have their processes; adds to their evidence. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from wireproof.finding import Evidence, Finding, Severity

A_CONSEQUENCE, IN_ALL = 2, 8
"""Lines that are taken from one consequence, and lines that one finding gets: a reader wants to see that logs agree, not all of them."""


def cite_logs(findings: Sequence[Finding]) -> None:
    """Add lines to the evidence of each error or warning that no other finding explains, of logs that it does not cite itself."""
    identities = [finding.id for finding in findings]
    explained = {identity for finding in findings for identity in finding.explains}
    for finding, identity in zip(findings, identities, strict=True):
        if finding.severity is Severity.INFO or identity in explained or not finding.evidence:
            continue
        effects = [effect for effect, own in zip(findings, identities, strict=True) if own in finding.explains]
        cited = {row.capture for row in finding.evidence}
        lines: dict[tuple[str, int, str], Evidence] = {}
        for row in [*_of_processes(finding), *_of_effects(effects)]:
            lines.setdefault((row.capture, row.line, row.text), row)
        finding.evidence += [row for (file, *_), row in lines.items() if file not in cited][:IN_ALL]


def _of_processes(finding: Finding) -> Iterator[Evidence]:
    for owner in finding.talk.owners if finding.talk else ():
        yield from owner.lines if owner else ()


def _of_effects(effects: Iterable[Finding]) -> Iterator[Evidence]:
    for effect in effects:
        for row in [row for row in effect.evidence if row.line][:A_CONSEQUENCE]:
            yield replace(row, note=f"what follows: {row.note}", mark="")
