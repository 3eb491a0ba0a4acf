"""The shape of the code: sizes, nesting, documentation and annotations stay within figures that keep it readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.measure import ROOT, Module, figures, read_module, read_package

MODULES = read_package()
FIGURES = figures(MODULES)

AT_MOST = {
    "file lines median": 200,
    "file lines max": 700,
    "function lines max": 100,
    "function body p95": 40,
    "% functions over 50 body lines": 2,
    "block depth max": 4,
    "arguments p95": 5,
    "broad excepts": 0,
    "import cycles": 0,
}
AT_LEAST = {
    "% modules documented": 100,
    "% public functions documented": 85,
    "% functions annotated": 100,
}


def offenders(name: str) -> list[str]:
    """The places that a figure comes from, worst first, so that a failure says where to look."""
    functions = [function for module in MODULES for function in module.functions]
    lists: dict[str, list[str]] = {
        "file lines max": [f"{m.name} {m.lines}" for m in sorted(MODULES, key=lambda m: -m.lines)],
        "block depth max": [f"{f.where} {f.depth}" for f in sorted(functions, key=lambda f: -f.depth)],
        "broad excepts": [f"{m.name}:{line}" for m in MODULES for line in m.broad_excepts],
        "arguments p95": [f"{f.where} {f.arguments}" for f in sorted(functions, key=lambda f: -f.arguments)],
        "% modules documented": [m.name for m in MODULES if not m.documented],
        "% public functions documented": [f.where for f in functions if f.public and not f.documented],
        "% functions annotated": [f.where for f in functions if not f.annotated],
    }
    bodies = [f"{f.where} {f.body}" for f in sorted(functions, key=lambda f: -f.body)]
    return lists.get(name, bodies)[:10]


@pytest.mark.parametrize("name", AT_MOST)
def test_figure_is_not_above_its_limit(name: str) -> None:
    assert FIGURES[name] <= AT_MOST[name], offenders(name)


@pytest.mark.parametrize("name", AT_LEAST)
def test_figure_is_not_below_its_limit(name: str) -> None:
    assert FIGURES[name] >= AT_LEAST[name], offenders(name)


def test_public_classes_are_documented() -> None:
    assert [name for module in MODULES for name in module.undocumented_classes] == []


def test_nothing_in_the_repository_names_a_machine_it_was_written_on() -> None:
    folders = ("src", "tests", "tools", "docs", "bench", "fuzz", "examples", "build_backend", ".ci", ".github")
    kinds = {".py", ".pyx", ".pxd", ".pyi", ".md", ".toml", ".yml", ".html", ".j2", ""}
    every = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    files = [path for path in every if path.suffix in kinds and path.is_file()]
    private = ("/" + "work/", "/" + "root/", "/" + "home/")
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in files}
    assert [str(path) for path, text in texts.items() if any(word in text for word in private)] == []


# --- the measure itself ----------------------------------------------------------------------------------------------

SAMPLE = '''
def open_door(key, *more, width: int = 1):
    """Two
    lines."""
    for turn in range(width):
        if turn:
            pass
        elif key:
            with key:
                try:
                    turn()
                except (ValueError, Exception):
                    return more
    return None


class Door:
    def stub(self) -> None:
        """Nothing here."""

    def _private(self) -> int:
        def inner() -> int:
            return 1
        return inner()
'''


@pytest.fixture
def sample(tmp_path: Path) -> Module:
    path = tmp_path / "door.py"
    path.write_text(SAMPLE, encoding="utf-8")
    return read_module(path, tmp_path)


def test_measure_counts_lines_depth_arguments_and_annotations(sample: Module) -> None:
    door = sample.functions[0]
    assert (door.lines, door.body, door.depth, door.arguments) == (13, 11, 4, 3)
    assert door.documented
    assert not door.annotated


def test_measure_leaves_stubs_out_and_asks_no_docstring_of_private_and_inner_functions(sample: Module) -> None:
    names = [(function.where.rpartition("door.")[2], function.public) for function in sample.functions]
    assert names == [("open_door", True), ("Door._private", False), ("Door._private.inner", False)]


def test_measure_sees_missing_docstrings_and_broad_excepts(sample: Module) -> None:
    assert not sample.documented
    assert [name.rpartition(".")[2] for name in sample.undocumented_classes] == ["Door"]
    assert sample.broad_excepts == [12]
