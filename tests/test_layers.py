"""The order of the rooms: each imports only from rooms that stand before it, and no import turns in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.measure import PACKAGE, Module, find_cycles, import_graph, read_package, room

LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("finding",),
    ("limits",),
    ("wire",),
    ("capture", "logs"),
    ("table",),
    ("conversations",),
    ("streams",),
    ("decrypt",),
    ("messages", "align"),
    ("processes", "export"),
    ("case", "directaccess"),
    ("rules",),
    ("analyse", "report"),
    ("cli",),
    ("__main__",),
)
"""A room imports from lines above its own; rooms of one line do not know each other."""

NARROWED: dict[str, set[str]] = {"directaccess": {"errors", "finding", "limits", "wire", "logs"}}
"""Rooms that may import less than their place allows: plans are made without captures."""

SIDE_WINGS: dict[str, set[str]] = {
    "probe": {room for line in LAYERS[:-2] for room in line},
    "lab": {room for line in LAYERS[:-2] for room in line},
    "collect": {"errors", "finding", "limits", "wire"},
    "policy": {"errors", "limits", "wire"},
}
"""Rooms beside the way of a capture, and what they may import. Only the command line imports them."""

OUTSIDE_WORLD = {"http", "random", "requests", "socket", "subprocess", "time", "urllib"}
"""Modules that bring in clock, network, chance or other programs: only for the rooms at the edge."""

EDGE = {"capture", "logs", "report", "cli", "probe", "lab", "collect", "__main__"}

MODULES = read_package()


def allowed_rooms() -> dict[str, set[str]]:
    """Room name to the rooms that it may import."""
    allowed = {}
    before: set[str] = set()
    for line in LAYERS:
        allowed.update({name: set(before) for name in line})
        before.update(line)
    allowed["cli"] |= set(SIDE_WINGS)
    return allowed | SIDE_WINGS | NARROWED


def wrong_turns(modules: list[Module]) -> list[str]:
    """Every import that goes against the order. Those for type checkers count too: a name that is known is known."""
    allowed = allowed_rooms()
    return [
        f"{module.path.name}:{imported.line}: {room(module.name)} may not import {imported.target}"
        for module in modules
        for imported in module.imports
        if imported.target.partition(".")[0] == "wireproof" and room(module.name) != "(root)"
        if imported.target != "wireproof.__version__"
        if room(imported.target) not in allowed[room(module.name)] | {room(module.name)}
    ]


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room(module.name) for module in MODULES} - {"(root)"} <= set(allowed_rooms())


def test_each_file_imports_only_from_rooms_before_its_own() -> None:
    assert wrong_turns(MODULES) == []


def test_no_import_turns_in_a_circle() -> None:
    assert find_cycles(import_graph(MODULES)) == []


def test_only_the_rooms_at_the_edge_reach_the_outside_world() -> None:
    reached = [
        f"{module.name}:{imported.line} imports {imported.target}"
        for module in MODULES
        if room(module.name) not in EDGE
        for imported in module.imports
        if imported.target.partition(".")[0] in OUTSIDE_WORLD
    ]
    assert reached == []


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("table/build.py", "from wireproof.case import Case", "table may not import wireproof.case.Case"),
        ("table/_decode.pyx", "from wireproof.case cimport (\n    Case)", "table may not import wireproof.case"),
        ("report/as_json.py", "import wireproof.analyse", "report may not import wireproof.analyse"),
        ("wire/ip.py", "def f():\n    from wireproof import table", "wire may not import wireproof.table"),
        ("directaccess/plan.py", "import wireproof.capture", "directaccess may not import wireproof.capture"),
        ("rules/run.py", "from wireproof import Case", "rules may not import wireproof.Case"),
    ],
)
def test_an_import_against_the_order_is_seen(tmp_path: Path, file: str, text: str, complaint: str) -> None:
    found = wrong_turns(read_package(write_package(tmp_path, {file: text})))
    assert [line.partition(": ")[2] for line in found] == [complaint]


def test_an_import_along_the_order_is_allowed(tmp_path: Path) -> None:
    files = {
        "table/build.py": "import numpy\nfrom wireproof.wire import ip\nfrom wireproof.table import schema",
        "report/as_json.py": "from wireproof import __version__",
        "cli/plan.py": "import wireproof.directaccess",
    }
    assert wrong_turns(read_package(write_package(tmp_path, files))) == []


def test_a_circle_is_seen_even_when_one_import_hides_in_a_function(tmp_path: Path) -> None:
    hidden = "def f():\n    from wireproof.c import g"
    files = {"a.py": "import wireproof.b", "b.py": hidden, "c.py": "import wireproof.a"}
    graph = import_graph(read_package(write_package(tmp_path, files)))
    assert find_cycles(graph) == [["wireproof.a", "wireproof.b", "wireproof.c"]]


def test_the_tree_under_test_is_the_package(tmp_path: Path) -> None:
    assert {module.name for module in MODULES} >= {"wireproof", "wireproof.errors", "wireproof.table.schema"}
    assert all(ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("*.py"))


def write_package(folder: Path, files: dict[str, str]) -> Path:
    """A package `wireproof` with these files."""
    package = folder / "wireproof"
    for name, text in {"__init__.py": "", **files}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return package
