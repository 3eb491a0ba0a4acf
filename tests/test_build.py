"""The build: every Cython source arrives as a compiled module, and a machine without a compiler is told apart."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tools.measure import PACKAGE, ROOT, module_name


@pytest.fixture
def compilers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The build backend's search for a compiler, loaded by path: it is not installed with the package."""
    path = ROOT / "build_backend" / "wireproof_build" / "compilers.py"
    if not path.is_file():
        pytest.skip("the build backend is not beside the tests")
    spec = importlib.util.spec_from_file_location("compilers_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("WIREPROOF_COMPILER", raising=False)
    return module


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose PATH holds nothing."""
    if sys.platform == "win32":
        pytest.skip("MSVC is not found through PATH")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)


@pytest.mark.parametrize("source", sorted(PACKAGE.rglob("*.pyx")), ids=lambda path: path.stem)
def test_each_cython_source_is_installed_compiled(source: Path) -> None:
    spec = importlib.util.find_spec(module_name(source, PACKAGE))
    assert spec is not None
    assert isinstance(spec.loader, importlib.machinery.ExtensionFileLoader)


@pytest.mark.parametrize("source", sorted(PACKAGE.rglob("*.pyx")), ids=lambda path: path.stem)
def test_each_cython_source_has_a_stub(source: Path) -> None:
    assert source.with_suffix(".pyi").is_file()


@pytest.mark.usefixtures("no_programs")
def test_no_compiler_is_found_where_path_is_empty(compilers: ModuleType) -> None:
    assert compilers.find_system_compiler() is None


@pytest.mark.usefixtures("no_programs")
def test_a_program_that_builds_nothing_is_no_compiler(compilers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", f"'{sys.executable}' -c pass")
    assert compilers.find_system_compiler() is None


def test_zig_can_be_asked_for_where_there_is_a_compiler(compilers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREPROOF_COMPILER", "zig")
    assert compilers.find_system_compiler() is None


def test_missing_zig_is_reported_with_the_command_that_mends_it(
    compilers: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "ziglang", None)
    monkeypatch.setattr(compilers, "include_options", lambda: [f"-I{tmp_path}"])
    with pytest.raises(compilers.NoCompilerError, match="install Python's development files"):
        compilers.require_zig()
    (tmp_path / "Python.h").touch()
    with pytest.raises(compilers.NoCompilerError, match="pip install ziglang=="):
        compilers.require_zig()


def test_zig_builds_for_any_processor_and_without_traps(compilers: ModuleType) -> None:
    command = compilers.zig_command(Path("a.c"), Path("a.so"))
    assert command[:4] == [sys.executable, "-m", "ziglang", "cc"]
    assert {"-O2", "-mcpu=baseline", "-fno-sanitize=all", "-fwrapv"} <= set(command)
