"""wireproof's PEP 517 backend: setuptools, plus Zig as a build requirement on machines without a C compiler.

Takes the hooks' arguments as pip, build and uv give them. Its own are the two hooks that may add a requirement, and
`build_wheel`, which starts from an empty folder.
"""

from __future__ import annotations

import shutil
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from wireproof_build import compilers, extensions

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What a wheel needs beyond `build-system.requires`."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_compiler_requirement()]


def get_requires_for_build_editable(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What an editable install needs beyond `build-system.requires`."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_compiler_requirement()]


def build_wheel(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel. What an earlier build left is removed first, or modules that are gone would be packed again."""
    for folder in (extensions.ROOT / "build").glob("lib*"):
        shutil.rmtree(folder)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def _compiler_requirement() -> list[str]:
    return [] if compilers.find_system_compiler() else [compilers.ZIG_REQUIREMENT]
