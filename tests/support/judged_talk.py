"""Findings of one rule on a conversation that is written down as what each side says."""

from __future__ import annotations

from pathlib import Path

from tests.support.said_over import said
from tests.support.tables import spaced
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding


def findings_on(folder: Path, rule: str, *talks: tuple[int, list[tuple[str, bytes]]]) -> list[Finding]:
    """What a rule says of conversations of one client and one server, one after the other; each is its port and its lines."""
    frames = [frame for place, (port, lines) in enumerate(talks) for frame in said(lines, ports=(50001 + place, port))]
    return judge(make_case(folder, {"client": spaced(frames)}), rule).findings
