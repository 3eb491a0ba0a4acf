"""Tests stand where their sources stand: tests/capture/test_pcap.py for src/wireproof/capture/pcap.py.

A leading underscore is dropped (`_walk.pyx` has test_walk.py), and what an `__init__.py` defines is tested in
test_init.py. Two lists in pyproject.toml under `tool.wireproof.mirror`: `across` for tests of the whole house,
`untested` for sources without tests of their own.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tools.measure import PACKAGE, ROOT

TESTS = ROOT / "tests"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["wireproof"]["mirror"]

DEFINITION = re.compile(r"^(?:@|def |class |async def |cdef |cpdef )", re.MULTILINE)


def sources() -> list[Path]:
    """Every source file that defines something. A `.pxd` beside its `.pyx` declares what that one defines."""
    python = [path for path in PACKAGE.rglob("*.py") if path.name not in {"__init__.py", "__main__.py"}]
    python += [path for path in PACKAGE.rglob("__init__.py") if DEFINITION.search(path.read_text(encoding="utf-8"))]
    cython = list(PACKAGE.rglob("*.pyx"))
    inline = [path for path in PACKAGE.rglob("*.pxd") if "inline" in path.read_text(encoding="utf-8")]
    return sorted([*python, *cython, *(path for path in inline if not path.with_suffix(".pyx").exists())])


def expected_test(source: Path) -> Path:
    """The test file that belongs to a source file."""
    name = "init" if source.stem == "__init__" else source.stem.lstrip("_")
    return TESTS / source.relative_to(PACKAGE).with_name(f"test_{name}.py")


def named(path: Path) -> str:
    """A path as pyproject.toml names it."""
    return path.relative_to(ROOT).as_posix()


def across() -> set[Path]:
    """The tests of the whole house."""
    return {path for pattern in SETTINGS["across"] for path in ROOT.glob(pattern)}


def test_each_test_file_has_its_source_file() -> None:
    belonging = {expected_test(source) for source in sources()} | across()
    assert [named(test) for test in sorted(TESTS.rglob("test_*.py")) if test not in belonging] == []


def test_each_source_file_has_its_test_file() -> None:
    bare = [source for source in sources() if not expected_test(source).exists()]
    missing = [f"{named(expected_test(source))} for {named(source)}" for source in bare]
    unexcused = [line for line, source in zip(missing, bare, strict=True) if named(source) not in SETTINGS["untested"]]
    assert not unexcused, "missing test files:\n" + "\n".join(unexcused)


def test_the_list_of_untested_sources_only_shrinks() -> None:
    untested = {named(source) for source in sources() if not expected_test(source).exists()}
    assert [name for name in SETTINGS["untested"] if name not in untested] == [], "tested or gone: take it off the list"
    assert len(SETTINGS["untested"]) == len(set(SETTINGS["untested"]))


def test_every_test_of_the_whole_house_exists() -> None:
    assert [pattern for pattern in SETTINGS["across"] if not any(ROOT.glob(pattern))] == []
