"""Which group policy objects `gpresult /r` says were applied to a computer and its user, and which were left out.

Takes a text; gives policies. Sections are told by the rule of dashes under their heads; which one lists the applied ones by its words in
the usual languages, else by its place before the one whose items state a reason.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.text import LogText

RULE = re.compile(r"[ \t]*-{8,}[ \t]*")
APPLIED = re.compile(
    r"(?i)applied group policy objects|angewendete gruppenrichtlinienobjekte|objets (?:de )?strat[ée]gie de groupe appliqu[ée]s|"
    r"objetos de directiva de grupo aplicados|oggetti criteri di gruppo applicati|objetos de pol[íi]tica de grupo aplicados|"
    r"примен[её]нные объекты групповой политики|"
    r"適用されたグループ ポリシー|已应用的组策略对象"
)
REASON = re.compile(r"^[ \t]*[^\n:\uff1a]{3,60}[:\uff1a][ \t]*(?P<reason>\S[^\n]{0,200})$")
NONE = re.compile(r"(?i)^(?:n/a|n/d|none|keine|aucune?|nicht zutreffend|ninguno|nessuno|нет|н/д)\.?$")
MOST = 2_000
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Policy:
    """One object: `reason` says why it was left out, "" for one that was applied."""

    name: str
    line: int
    reason: str = ""

    @property
    def is_applied(self) -> bool:
        """Whether it was applied."""
        return not self.reason


@dataclass(slots=True, kw_only=True)
class GpresultLog(Log):
    """Every policy object that one text names."""

    title: ClassVar[str] = "gpresult"

    policies: list[Policy] = field(default_factory=list)


@dataclass(slots=True)
class _Section:
    head: str
    items: list[Policy] = field(default_factory=list)


def find(text: LogText) -> GpresultLog | None:
    """The policies in a text; None where no section lists any."""
    sections = _sections(text)
    found: list[Policy] = []
    for at, section in enumerate(sections):
        following = sections[at + 1].items if at + 1 < len(sections) else []
        if APPLIED.search(section.head) or (_states_reasons(following) and not _states_reasons(section.items)):
            found += section.items
        elif _states_reasons(section.items):
            found += [policy for policy in section.items if policy.reason]
    found = [policy for policy in found if not NONE.match(policy.name)]
    log = GpresultLog(file=text.file, policies=found[:MOST])
    if len(found) > MOST:
        log.notes.append(f"policies are read up to line {found[MOST - 1].line:,}; {len(found) - MOST:,} more were not")
    return log if found else None


def _sections(text: LogText) -> list[_Section]:
    """Heads with a rule of dashes below, and the items that stand deeper than the head."""
    found: list[_Section] = []
    depth = 0
    lines = [line[:LONGEST].rstrip() for line in text.lines]
    for index, (line, below) in enumerate(itertools.pairwise([*lines, ""])):
        if RULE.fullmatch(below) and line.strip() and not RULE.fullmatch(line):
            found.append(_Section(line.strip()))
            depth = _indent(line)
        elif found and line.strip() and not RULE.fullmatch(line):
            _take(found[-1].items, line, index + 1, depth)
    return found


def _take(items: list[Policy], line: str, number: int, depth: int) -> None:
    """Add an item, or the reason of the last one, which stands deeper than it."""
    own, indent = items[-1] if items else None, _indent(line)
    reason = REASON.match(line)
    if own is not None and not own.reason and reason and indent > depth + 4 and number - own.line <= 2:
        items[-1] = Policy(own.name, own.line, reason["reason"].strip())
    elif indent > depth:
        items.append(Policy(line.strip(), number))


def _states_reasons(items: list[Policy]) -> bool:
    return bool(items) and any(policy.reason for policy in items)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
