"""Which logs and outputs a text holds: every reader looks whose sign stands in it, and takes what it understands.

Takes bytes; gives logs. A reader is loaded only when its sign is there, so that none of them costs anything where nobody has logs.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from wireproof.logs.text import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.logs.log import Log
    from wireproof.logs.text import LogText


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader: `sign` is found in every text that it understands something of; `module` has a function `find(text) -> Log | None`."""

    module: str
    sign: re.Pattern[str]


READERS: tuple[Reader, ...] = ()
"""Readers of text, in the order in which their logs are told."""


def read_logs(data: bytes, file: str) -> list[Log]:
    """Every log and output in the bytes of one file; none for what is no text or nothing that is understood."""
    text = read_text(data, file)
    if text is None:
        return []
    found = (_finder(reader)(text) for reader in READERS if reader.sign.search(text.whole))
    return [log for log in found if log is not None]


def _finder(reader: Reader) -> Callable[[LogText], Log | None]:
    module = importlib.import_module(f"wireproof.logs.{reader.module}")
    return cast("Callable[[LogText], Log | None]", module.find)
