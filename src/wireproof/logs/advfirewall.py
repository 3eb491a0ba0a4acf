"""What `netsh advfirewall show currentprofile`, `allprofiles` and `global` say: profiles, policies, and who owns which category of rules.

Takes a text; gives profiles and categories. Told by words that Windows does not translate (`BlockInbound`, `…RuleCategory`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.scan import find_near, places
from wireproof.logs.text import LogText

POLICY = re.compile(
    r"\b(?P<inbound>Block|Allow)Inbound(?P<always>Always)?[ \t]?,[ \t]?(?P<outbound>Block|Allow)Outbound\b"
)
STATE = re.compile(
    r"(?<![\w-])(?:(?P<on>ON|EIN|ACTIF|ACTIVÉE?|ACTIVAR|ACTIVADO|ACTIVO|ATTIVATO|ATTIVO|ATIVAR|LIGADO|ВКЛЮЧИТЬ|オン|启用)"
    r"|(?P<off>OFF|AUS|INACTIF|DÉSACTIVÉE?|DESACTIVAR|DESACTIVADO|INACTIVO|DISATTIVATO|INATTIVO|DESATIVAR|DESLIGADO|ОТКЛЮЧИТЬ|オフ|禁用))(?![\w-])"
)
HEADING = re.compile(r"(?P<name>[^\n:\uff1a]{3,80})[:\uff1a][ \t]{0,8}\n?[ \t]{0,8}-{10,}")
BEFORE, BEHIND = 500, 1200
"""Characters around a policy in which the rest of its profile stands."""
KINDS = (
    ("domain", re.compile(r"(?i)dom[aäíéè]|домен|ドメイン|域")),
    ("private", re.compile(r"(?i)priv|частн|プライベート|专用")),
    ("public", re.compile(r"(?i)publi|öffentl|públic|pubblic|общ|パブリック|公用")),
)
DROPPED = re.compile(r"\bLogDroppedConnections[ \t]+(?P<word>\w{2,20})")
LOG_FILE = re.compile(r"\bFileName[ \t]+(?P<path>\S[^\n]{0,255}?)(?=[ \t]+MaxFileSize\b|[ \t]*\n|[ \t]*$)")
CATEGORY = re.compile(
    r"\b(?P<name>BootTime|Firewall|Stealth|ConSec)Rule(?:Rule)?Category[ \t]+(?P<owner>[^\n]{1,80}?)"
    r"(?=[ \t]+\w+Category\b|[ \t]+-[ \t]|[ \t]*\n|[ \t]*$)"
)
WINDOWS = re.compile(r"(?i)windows|microsoft")
ENABLED = re.compile(r"(?i)enable|aktiv|activ|abilit|habilit|вкл")
NOT_ENABLED = re.compile(r"(?i)disab|deakt|désact|desact|disabil|deshab|откл")


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile: `kind` is `domain`, `private`, `public` or ""; `is_on` None where its state can't be read; `policy` as printed.

    `line` is that of the policy, `state_line` that of the state, 0 where it can't be read.
    """

    kind: str
    policy: str
    line: int
    is_on: bool | None = None
    logs_dropped: bool | None = None
    log_file: str = ""
    state_line: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    """Which product makes the rules of one category: `BootTime`, `Firewall`, `Stealth` or `ConSec` (connection security)."""

    name: str
    owner: str
    line: int

    @property
    def is_windows(self) -> bool:
        """Whether it is Windows' own firewall."""
        return bool(WINDOWS.search(self.owner))


@dataclass(slots=True, kw_only=True)
class AdvfirewallLog(Log):
    """Every profile and category in one text."""

    title: ClassVar[str] = "netsh advfirewall"

    profiles: list[Profile] = field(default_factory=list)
    categories: list[Category] = field(default_factory=list)


def find(text: LogText) -> AdvfirewallLog | None:
    """The profiles and categories in a text; None for none."""
    whole, log, before = text.whole, AdvfirewallLog(file=text.file), 0
    policies = list(find_near(POLICY, whole, places(whole, "Inbound"), 10, 100))
    for turn, policy in enumerate(policies):
        end = policies[turn + 1].start() if turn + 1 < len(policies) else len(whole)
        start = max(before, policy.start() - BEFORE)
        rest = whole[policy.end() : min(end, policy.end() + BEHIND)]
        log.profiles.append(_profile(policy, start, rest, text))
        before = policy.end()
    log.categories = [
        Category(match["name"], match["owner"].strip(), text.line_at(match.start()))
        for match in find_near(CATEGORY, whole, places(whole, "RuleCategory", "RuleRuleCategory"), 20, 1000)
    ]
    return log if log.profiles or log.categories else None


def _profile(policy: re.Match[str], start: int, rest: str, text: LogText) -> Profile:
    head = policy.string[start : policy.start()]
    states, headings = list(STATE.finditer(head)), list(HEADING.finditer(head))
    name = headings[-1]["name"] if headings else head
    kind = next((kind for kind, pattern in KINDS if pattern.search(name)), "")
    dropped, path = DROPPED.search(rest), LOG_FILE.search(rest)
    return Profile(
        kind, policy[0], text.line_at(policy.start()), bool(states[-1]["on"]) if states else None,
        _switch(dropped["word"]) if dropped else None, path["path"].strip() if path else "",
        text.line_at(start + states[-1].start()) if states else 0,
    )  # fmt: skip


def _switch(word: str) -> bool | None:
    return False if NOT_ENABLED.search(word) else True if ENABLED.search(word) else None
