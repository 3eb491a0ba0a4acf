"""Logs as rules and readers get them: texts read as files are, and damaged versions of them.

Takes texts; gives logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from hypothesis import strategies as st

from wireproof.case import Case
from wireproof.logs import Log, read_logs

L = TypeVar("L", bound=Log)


def logs_in(text: str, file: str = "folder/log.txt") -> list[Log]:
    """Every log in a text, through the register of readers."""
    return read_logs(text.encode(), file)


def only_log(kind: type[L], text: str) -> L:
    """The one log of a kind in a text."""
    (found,) = [log for log in logs_in(text) if isinstance(log, kind)]
    return found


def with_logs(case: Case, texts: Mapping[str, str]) -> Case:
    """The case, with the logs in these texts by file name."""
    case.logs += [log for name, text in texts.items() for log in logs_in(text, f"folder/{name}")]
    return case


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text with a part cut out, doubled or replaced."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 80)))
    instead = draw(st.sampled_from(["", " ", "\n", "\t", "0", "99999999999", "::", "(", '"', "é", text[start:end] * 2]))
    return text[:start] + instead + text[end:]
