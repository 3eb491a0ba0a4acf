"""Compiles every `src/wireproof/**/*.pyx` into an extension module: Cython to C, then the compiler that is there.

Takes the source tree. Gives the list of setuptools extensions and the `build_ext` command that builds them. Which
modules exist is read from the tree, so adding one needs no change here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext

from wireproof_build import compilers

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PROCESSES = 2

DIRECTIVES = {
    "language_level": "3",
    "boundscheck": "True",
    "wraparound": "False",
    "initializedcheck": "False",
    "nonecheck": "False",
    "cdivision": "True",
    "show_performance_hints": "False",
}
"""Every index is checked, so hostile bytes never reach foreign memory. The hints would ask to drop that check."""


def module_name(pyx: Path) -> str:
    """`src/wireproof/capture/_walk.pyx` is `wireproof.capture._walk`."""
    return ".".join(pyx.relative_to(SOURCE).with_suffix("").parts)


def find_sources() -> list[Path]:
    """Every Cython source of the package, sorted."""
    return sorted(SOURCE.glob("wireproof/**/*.pyx"))


def find_extensions() -> list[Extension]:
    """One extension a `.pyx` file, with sources relative to the project's root as setuptools wants them."""
    options = ["/O2"] if sys.platform == "win32" else ["-O2", "-g0"]
    return [
        Extension(module_name(pyx), [pyx.relative_to(ROOT).as_posix()], extra_compile_args=options)
        for pyx in find_sources()
    ]


def translate(pyx: Path, folder: Path) -> Path:
    """Run Cython on one file. Gives the C file, and beside it `<name>.c.dep` with the files that it was made from."""
    name = module_name(pyx)
    target = folder / f"{name}.c"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "cython", "--depfile", "--module-name", name, "-I", str(SOURCE), "-o", str(target)]
    for directive, value in DIRECTIVES.items():
        command += ["-X", f"{directive}={value}"]
    subprocess.run([*command, str(pyx)], check=True, cwd=ROOT)
    return target


class BuildExtensions(build_ext):
    """setuptools' `build_ext` that runs Cython first and falls back to Zig where there is no C compiler."""

    def finalize_options(self) -> None:
        """Modules are independent of each other, so two are compiled at a time."""
        super().finalize_options()
        self.parallel = self.parallel or PROCESSES
        self.use_zig = False

    def run(self) -> None:
        """Choose the compiler once, before setuptools sets up its own."""
        if self.extensions:
            found = compilers.find_system_compiler()
            self.use_zig = found is None
            if found is None:
                compilers.require_zig()
            elif found != "msvc":
                os.environ["CC"] = found
        super().run()

    def build_extension(self, ext: Extension) -> None:
        """Build one module; called from several threads."""
        folder = Path(self.build_temp).resolve() / "cython"
        source = translate(ROOT / ext.sources[0], folder)
        if not self.use_zig:
            compiled = Extension(ext.name, [str(source)], extra_compile_args=ext.extra_compile_args)
            compiled._full_name, compiled._file_name = ext._full_name, ext._file_name
            compiled._links_to_dynamic = compiled._needs_stub = False
            super().build_extension(compiled)
            return
        target = Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        environment = compilers.zig_environment(folder.parent / "zig-cache")
        subprocess.run(compilers.zig_command(source, target), check=True, env=environment)
