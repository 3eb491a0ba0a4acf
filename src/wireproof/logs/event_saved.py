"""Events as Event Viewer saves them as text or CSV: level, time, source, id, category and message, parted by tabs or commas.

Takes a text; gives rows. Heads are not needed: a row is told by its level, its time and the number at its place, in any language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wireproof.logs.scan import find_at, places
from wireproof.logs.stamps import CLOCK, DATE

AUDITS = (
    "Audit Success", "Audit Failure", "Überwachung erfolgreich", "Überwachung gescheitert", "Succès de l’audit", "Échec de l’audit",
    "Succès de l'audit", "Échec de l'audit",
)  # fmt: skip
"""What stands in place of a level where the log is the one of security."""
MESSAGE_MOST = 8000
"""Characters of a message; Event Viewer puts those of several lines into quotation marks."""


@dataclass(frozen=True, slots=True)
class SavedRow:
    """One row. `found` has its `level`, `date` and `clock`; `text` is its message."""

    found: re.Match[str]
    source: str
    event_id: int
    text: str


def saved_pattern(levels: str) -> re.Pattern[str]:
    """What a row looks like with these levels."""
    return re.compile(
        rf"(?:^|(?<=^\"))(?P<level>{levels}|{'|'.join(AUDITS)})\"?(?P<sep>[\t,;])\"?(?P<date>{DATE}),?[ \t]+(?P<clock>{CLOCK})\"?(?P=sep)"
        r"\"?(?P<source>[^\t\n\",;]{1,80})\"?(?P=sep)\"?(?P<id>\d{1,5})\"?(?P=sep)(?:\"[^\"\n]{0,80}\"|[^\t\n\",;]{0,80})(?P=sep)"
        rf"(?:\"(?P<quoted>(?:[^\"]|\"\"){{0,{MESSAGE_MOST}}})\"(?=[\t,;]|[ \r]*$)|(?P<plain>[^\n]{{0,{MESSAGE_MOST}}}))",
        re.MULTILINE,
    )


def find_saved(pattern: re.Pattern[str], whole: str, levels: str) -> Iterator[SavedRow]:
    """The rows of a text, in order."""
    for found in find_at(pattern, whole, places(whole, *levels.split("|"), *AUDITS)):
        said = found["plain"] if found["quoted"] is None else found["quoted"].replace('""', '"')
        yield SavedRow(found, found["source"].strip(), int(found["id"]), " ".join(said.split())[:1000])
