"""Every error that wireproof raises on purpose.

A caller that catches `WireproofError` has caught all of them; the command line turns each into one line and exit code 2.
"""

from __future__ import annotations


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


class RuleNameError(WireproofError):
    """A rule or limit was named that does not exist."""
