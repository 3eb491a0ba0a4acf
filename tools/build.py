"""Compile the package's Cython modules in place, those that changed only.

    python tools/build.py                     every module whose sources changed
    python tools/build.py _walk _decode       only modules whose name ends so
    python tools/build.py --force             all of them

Takes the source tree, writes extension modules beside the sources and everything else under build/. A module is rebuilt
when its .pyx, a .pxd that it cimports, or the build itself changed. Needs cython and setuptools in the running Python.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "build_backend"))

from setuptools import Distribution  # noqa: E402  the backend's folder has to be on the path first
from setuptools._distutils.errors import CCompilerError, DistutilsError  # noqa: E402

from wireproof_build import compilers, extensions  # noqa: E402

WORK = ROOT / "build" / "in-place" / f"python{sys.version_info.major}.{sys.version_info.minor}"
FAILURES = (subprocess.CalledProcessError, CCompilerError, DistutilsError)


def main() -> int:
    """Build what is stale; 1 when a module failed."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("module", nargs="*", help="end of a module's name, such as _walk")
    parser.add_argument("--force", action="store_true", help="build also what is up to date")
    options = parser.parse_args()
    with one_at_a_time():
        wanted = [pyx for pyx in extensions.find_sources() if named(pyx, options.module)]
        stale = [pyx for pyx in wanted if options.force or is_stale(pyx)]
        if not stale:
            print(f"{len(wanted)} modules, all up to date")
            return 0
        with ThreadPoolExecutor(extensions.PROCESSES) as pool:
            failed = [pyx for pyx, built in zip(stale, pool.map(build, stale), strict=True) if not built]
        return 1 if failed else 0


def named(pyx: Path, endings: list[str]) -> bool:
    """Whether a module is among those asked for; without names all are."""
    return not endings or any(extensions.module_name(pyx).endswith(Path(ending).stem) for ending in endings)


def is_stale(pyx: Path) -> bool:
    """Whether the compiled module is missing or older than anything that it was made from."""
    target = compiled_path(pyx)
    dependencies = WORK / extensions.module_name(pyx) / "temp" / "cython" / f"{extensions.module_name(pyx)}.c.dep"
    if not target.exists() or not dependencies.exists():
        return True
    listed = re.split(r"[\s\\]+", dependencies.read_text(encoding="utf-8").partition(":")[2])
    made_from = [ROOT / name for name in listed if name]
    made_from += [pyx, Path(extensions.__file__), Path(compilers.__file__)]
    if pyx.with_suffix(".pxd").exists():
        made_from.append(pyx.with_suffix(".pxd"))
    built = target.stat().st_mtime
    return any(not path.exists() or path.stat().st_mtime > built for path in made_from)


def compiled_path(pyx: Path) -> Path:
    """Where Python looks for the compiled module."""
    return pyx.with_name(pyx.stem + EXTENSION_SUFFIXES[0])


def build(pyx: Path) -> bool:
    """Build one module apart, then move it over the old one: a running Python never maps a half-written file."""
    started = time.time()
    name = extensions.module_name(pyx)
    extension = next(e for e in extensions.find_extensions() if e.name == name)
    command = extensions.BuildExtensions(Distribution({"name": "wireproof", "ext_modules": [extension]}))
    command.build_lib, command.build_temp = str(WORK / name / "lib"), os.path.relpath(WORK / name / "temp")
    command.force = True
    try:
        command.ensure_finalized()
        command.run()
    except FAILURES as error:
        print(f"{name} FAILED: {error}", file=sys.stderr)
        return False
    made = Path(command.get_ext_fullpath(name))
    os.utime(made, (started, started))  # a source saved while the compiler ran counts as newer
    made.replace(compiled_path(pyx))
    print(f"{name}  {time.time() - started:.1f} s")
    return True


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second run in the same tree wait for the first, where the system has file locks of this kind."""
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (WORK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
