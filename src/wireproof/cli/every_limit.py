"""Declares every limit: each stands beside what uses it, so every module of the package is loaded.

Takes nothing and gives nothing; `wireproof.limits.LIMITS` is complete behind it. Takes a second, so only those call it that need all.
"""

from __future__ import annotations

import importlib
import pkgutil

PACKAGE = __name__.partition(".")[0]


def declare_every_limit() -> None:
    """Load every module of the package."""
    for found in pkgutil.walk_packages(importlib.import_module(PACKAGE).__path__, f"{PACKAGE}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
