"""The form in which the rule of this family is told what to check.

Takes nothing, knows no stage.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """`meaning` says what the stage's end means, `codes` which last errors fit (hex and name), `fix` what to do, best first."""

    meaning: str
    fix: tuple[str, ...]
    codes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
