"""Every error that wireproof raises on purpose, and the fence that keeps those it does not from spreading.

A caller that catches `WireproofError` has caught all that are meant; the command line turns each into one line and exit
code 2. A `Fence` around a stage turns a defect of wireproof itself into a sentence, so that the other stages still speak.
"""

from __future__ import annotations

from collections import abc
from types import TracebackType

LONGEST_TEXT = 300
"""Characters of an exception's own text that a sentence quotes."""


class WireproofError(Exception):
    """Base of all errors that a user can cause and mend."""


class CaptureFormatError(WireproofError):
    """The input is no capture that wireproof knows, or holds no readable frame.

    `offset` is the byte at which reading stopped, counted in the uncompressed capture; None when nothing was read.
    """

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class CaseError(WireproofError):
    """The inputs do not make a case: no capture among them, two of one name, or a `case.toml` that can't be read."""


class KeyMaterialError(WireproofError):
    """A file of keys or passwords can't be used: it holds none, is damaged, or what the user said of it makes no sense."""


class LockedKeysError(KeyMaterialError):
    """A file's keys are encrypted, and no password at hand fits."""


class SiteError(WireproofError):
    """A site file can't be used. `problems` are one sentence each, with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n  ".join(problems))
        self.problems = problems


class RuleNameError(WireproofError):
    """A rule or limit was named that does not exist."""


class Fence:
    """Survives an exception in its `with` block: `tell` gets a sentence that names the stage.

    The traceback goes to the logger `wireproof` at level debug, which writes nothing unless somebody turned it on.
    Interruptions and exits pass. It is the only thing here that catches what it does not know.
    """

    def __init__(self, stage: str, tell: abc.Callable[[str], object]) -> None:
        self._stage = stage
        self._tell = tell

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(value, Exception):
            return False
        import logging

        logging.getLogger("wireproof").debug("%s stopped", self._stage, exc_info=value)
        self._tell(describe_defect(self._stage, value))
        return True


def describe_defect(stage: str, defect: Exception) -> str:
    """What is said of an exception that ended a stage: what the user can mend, or that it should be reported."""
    if isinstance(defect, MemoryError):
        return f"{stage} stopped: there is not enough memory"
    text = " ".join(str(defect).split())[:LONGEST_TEXT]
    if isinstance(defect, WireproofError):
        return f"{stage} failed: {text}"
    if isinstance(defect, OSError) and defect.strerror:
        return f"{stage} failed: {defect.strerror}" + (f": {defect.filename}" if defect.filename else "")
    return f"{stage} stopped with {type(defect).__name__}: {text}; please report it"
