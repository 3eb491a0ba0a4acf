"""Access checks on the tokens and descriptors that texts of a case hold, and the pipes that servers refuse in its captures.

Takes a case; gives `Check`s and refusals. Decides nothing about what is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wireproof.rules.smb._refusals import ANONYMOUS, PIPE, find_refusals, refused_kind
from wireproof.rules.subjects import seen_first
from wireproof.wire.security import LABEL, Ace, Descriptor, Token
from wireproof.wire.security_check import GRANTED, INTEGRITY, Decision, check_access
from wireproof.wire.security_names import FILE_READ, FILE_WRITE, NO_WRITE_UP, label_sid, specific

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.windbg import WindbgLog
    from wireproof.rules.smb._refusals import Refusal

ANONYMOUS_SID = "S-1-5-7"
COMPARED = 16
"""Tokens, and descriptors, of one text that are compared with each other."""
BOTH_WAYS = FILE_READ | FILE_WRITE
"""What most clients of pipes ask for: to read and write."""


@dataclass(frozen=True)
class Check:
    """What becomes of one token at one descriptor. `admitted` are other tokens that the same descriptor admits."""

    token_log: WindbgLog
    descriptor_log: WindbgLog
    token: Token
    descriptor: Descriptor
    asked: int
    decision: Decision
    admitted: list[Token] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The SDDL label with which the integrity check lets the token pass; "" where another step refuses."""
        if self.decision.step != INTEGRITY or self.token.level is None:
            return ""
        return f"S:(ML;;NW;;;{label_sid(self.token.level)})"

    @property
    def relabelled(self) -> Decision:
        """What becomes of the token once the object has that label."""
        sid = f"S-1-16-{self.token.level}"
        lower = replace(self.descriptor, sacl=(Ace(LABEL, 0, NO_WRITE_UP, sid),))
        return check_access(self.token, lower, self.asked)

    @property
    def reading(self) -> Decision:
        """What becomes of the token when it only asks to read."""
        return check_access(self.token, self.descriptor, FILE_READ)


def find_pipe_refusals(case: Case) -> list[Refusal]:
    """Pipes that servers of the captures refuse with access denied."""
    found: list[Refusal] = []
    for point in case.points:
        if not point.said.protocols.has_streams("smb"):
            continue
        concerned = {message.conversation for message in point.said.smb if refused_kind(message) == PIPE}
        if not concerned:
            continue
        own = seen_first(case, point, concerned)
        for refusals in find_refusals(point, own).values():
            found += [refusal for refusal in refusals if refusal.kind == PIPE]
    return found


def fits(check: Check, refusal: Refusal) -> bool:
    """Whether a token may be that of the session that was refused: both anonymous, both not, or not told."""
    user = refusal.message.user
    return not user or not check.token.user or (user == ANONYMOUS) == (check.token.user == ANONYMOUS_SID)


def find_checks(case: Case, refusals: list[Refusal]) -> list[Check]:
    """Every token of the texts against every descriptor of the same text, or of the others where one text has only one of them."""
    if not case.logs:
        return []
    from wireproof.logs.windbg import WindbgLog

    logs = case.logs_of(WindbgLog)
    speaks = bool(refusals) or any(log.about_pipes for log in logs)
    asked = next((specific(refusal.message.access) for refusal in refusals if refusal.message.access), BOTH_WAYS)
    # MAXIMUM_ALLOWED asks for whatever there is: then what a pipe is for has to be there.
    asked = asked if asked & ~0x02000000 else BOTH_WAYS
    return [check for log in logs if speaks for check in _checks_of(log, logs, asked & ~0x02000000)]


def _checks_of(log: WindbgLog, logs: list[WindbgLog], asked: int) -> list[Check]:
    """Checks on the descriptors of one text."""
    token_logs = [log] if log.tokens else [other for other in logs if not other.descriptors]
    found = []
    for descriptor in log.descriptors[:COMPARED]:
        own = [
            Check(other, log, token, descriptor, asked, check_access(token, descriptor, asked))
            for other in token_logs
            for token in other.tokens[:COMPARED]
        ]
        admitted = [check.token for check in own if check.decision.step == GRANTED]
        found += [replace(check, admitted=[] if check.token in admitted else admitted) for check in own]
    return found
