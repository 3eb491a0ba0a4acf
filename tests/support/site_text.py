"""Site files for tests: small ones made here, and changes to them."""

from __future__ import annotations


def change(text: str, old: str, new: str) -> str:
    """The text with its only `old` replaced; fails where there is none or more than one, so that no test loses its point."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)
