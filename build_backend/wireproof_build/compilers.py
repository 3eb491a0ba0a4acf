"""Finds what can turn C into a Python extension module here: the machine's own compiler, or Zig from PyPI.

Takes the environment and the running Python. Gives command lines. Knows nothing of Cython or of wireproof's modules.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ZIG_REQUIREMENT = "ziglang==0.15.2"
"""Pinned: the index also holds a 0.0.0 without a compiler in it, and Zig promises no stability before its 1.0."""

PROBE = """\
#include <Python.h>
int wireproof_probe(void) { return PY_MAJOR_VERSION; }
"""
PROBE_SECONDS = 60


class NoCompilerError(Exception):
    """Neither a C compiler nor Zig can build a module that includes Python.h."""


def include_options() -> list[str]:
    """Where Python.h and pyconfig.h lie, as compiler options."""
    paths = dict.fromkeys(sysconfig.get_path(name) for name in ("include", "platinclude"))
    return [f"-I{path}" for path in paths if path]


@functools.cache
def find_system_compiler() -> str | None:
    """The first compiler that builds a shared library around Python.h; None when there is none.

    The text is what the environment variable CC would hold. On Windows it is "msvc", which setuptools finds by itself.
    The environment variable WIREPROOF_COMPILER=zig makes it look no further, to try the other way on any machine.
    """
    if os.environ.get("WIREPROOF_COMPILER") == "zig":
        return None
    if sys.platform == "win32":
        return "msvc" if _msvc_works() else None
    candidates = [os.environ.get("CC"), sysconfig.get_config_var("CC"), "cc", "gcc", "clang"]
    return next((text for text in dict.fromkeys(candidates) if text and _compiler_works(shlex.split(text))), None)


def zig_command(source: Path, target: Path) -> list[str]:
    """The command that compiles and links one C file into an extension module with Zig's bundled clang.

    Without an optimisation level Zig traps on undefined behaviour, and without `-mcpu` it uses instructions that only
    this processor may have. `-fwrapv` is what CPython itself is built with.
    """
    options = ["-shared", "-O2", "-g0", "-DNDEBUG", "-fwrapv", "-fno-sanitize=all", "-mcpu=baseline", "-w"]
    command = [sys.executable, "-m", "ziglang", "cc", *options, *include_options(), str(source), "-o", str(target)]
    return [*command, *_zig_platform_options()]


def zig_environment(cache: Path) -> dict[str, str]:
    """The environment for `zig_command`: its caches need a folder, and a build may run without a home folder."""
    folders = {"ZIG_GLOBAL_CACHE_DIR": str(cache), "ZIG_LOCAL_CACHE_DIR": str(cache)}
    return folders | dict(os.environ)


def require_zig() -> None:
    """Raise NoCompilerError when Zig is not installed, or when it can't help because Python's headers are missing."""
    if not any((Path(option[2:]) / "Python.h").is_file() for option in include_options()):
        folder = sysconfig.get_path("include")
        raise NoCompilerError(f"Python.h is not in {folder}: install Python's development files (python3-dev)")
    if importlib.util.find_spec("ziglang") is None:
        raise NoCompilerError(f"no working C compiler found: install one, or run: pip install {ZIG_REQUIREMENT}")


def _zig_platform_options() -> list[str]:
    if sys.platform == "win32":
        library = f"python{sys.version_info.major}{sys.version_info.minor}.lib"
        # Zig's Windows target is MinGW, for which pyconfig.h does not set the word size itself.
        word_size = ["-DMS_WIN64="] if sys.maxsize > 2**32 else []
        return [*word_size, str(Path(sys.base_prefix) / "libs" / library)]
    if sys.platform == "darwin":
        return ["-undefined", "dynamic_lookup"]
    return ["-fPIC", "-s"]


def _compiler_works(command: list[str]) -> bool:
    with tempfile.TemporaryDirectory(prefix="wireproof-probe-") as folder:
        source = Path(folder) / "probe.c"
        source.write_text(PROBE, encoding="ascii")
        built = source.with_suffix(".so")
        line = [*command, "-shared", "-fPIC", *include_options(), str(source), "-o", str(built)]
        try:
            done = subprocess.run(line, capture_output=True, timeout=PROBE_SECONDS, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0 and built.is_file()


def _msvc_works() -> bool:
    from setuptools._distutils.ccompiler import new_compiler
    from setuptools._distutils.errors import CCompilerError, DistutilsError

    with tempfile.TemporaryDirectory(prefix="wireproof-probe-") as folder:
        source = Path(folder) / "probe.c"
        source.write_text(PROBE, encoding="ascii")
        try:
            new_compiler(compiler="msvc").compile(
                [str(source)], output_dir=folder, include_dirs=[option[2:] for option in include_options()]
            )
        except (CCompilerError, DistutilsError, OSError):
            return False
        return True
