"""Measure the shape of the package: sizes, nesting, documentation, annotations and who imports whom.

    python tools/measure.py             the figures, and the longest files and functions
    python tools/measure.py --edges     also which room imports which

Reads source text only; nothing is imported from what it measures. Physical lines are counted. A function's body is its
lines without the docstring; stubs and overloads are left out. The limits are held by tests/test_shape.py, the order of
rooms by tests/test_layers.py.
"""

from __future__ import annotations

import argparse
import ast
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "wireproof"

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
BROAD = {"Exception", "BaseException"}
CYTHON_IMPORT = re.compile(
    r"^\s*(?:from\s+(wireproof[\w.]*)\s+c?import\s+(.+)|c?import\s+(wireproof[\w.]*))", re.MULTILINE
)

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """One function or method. `public` ones owe a docstring."""

    where: str
    lines: int
    body: int
    depth: int
    arguments: int
    public: bool
    documented: bool
    annotated: bool


@dataclass(frozen=True)
class Import:
    """One import of something in the package: `target` is the dotted name as far as the statement gives it."""

    target: str
    line: int
    typing_only: bool = False


@dataclass
class Module:
    """One source file. For Cython sources only `lines` and `imports` are filled."""

    path: Path
    name: str
    lines: int
    documented: bool = True
    functions: list[Function] = field(default_factory=list)
    undocumented_classes: list[str] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    broad_excepts: list[int] = field(default_factory=list)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_package(package: Path = PACKAGE) -> list[Module]:
    """Every source file of a package, Python and Cython."""
    paths = sorted(path for ending in ("py", "pyx", "pxd") for path in package.rglob(f"*.{ending}"))
    return [read_module(path, package) for path in paths]


def read_module(path: Path, package: Path) -> Module:
    """Measure one file."""
    text = path.read_text(encoding="utf-8")
    module = Module(path=path, name=module_name(path, package), lines=len(text.splitlines()))
    if path.suffix != ".py":
        module.imports = list(find_cython_imports(text))
        return module
    tree = ast.parse(text, str(path))
    module.documented = not text.strip() or ast.get_docstring(tree) is not None
    module.imports = list(find_imports(tree, module.name, is_package=path.name == "__init__.py"))
    module.broad_excepts = [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    for function, inside, public in walk_functions(tree):
        if not is_stub(function):
            module.functions.append(measure_function(function, f"{module.name}.{inside}", public=public))
    module.undocumented_classes = [
        f"{module.name}.{node.name}"
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    return module


def module_name(path: Path, package: Path) -> str:
    """`…/wireproof/capture/__init__.py` is `wireproof.capture`."""
    parts = [package.name, *path.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def walk_functions(node: ast.AST, inside: str = "", *, public: bool = True) -> Iterator[tuple[AnyFunction, str, bool]]:
    """Every function below a node, with its dotted name and whether it is public (nested functions are not)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{inside}.{child.name}".lstrip(".")
            seen = public and not child.name.startswith("_")
            if not isinstance(child, ast.ClassDef):
                yield child, name, seen
            yield from walk_functions(child, name, public=seen and isinstance(child, ast.ClassDef))
        else:
            yield from walk_functions(child, inside, public=public)


def measure_function(node: AnyFunction, where: str, *, public: bool) -> Function:
    """The figures of one function."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    documented = ast.get_docstring(node) is not None
    docstring = (node.body[0].end_lineno or 0) - node.body[0].lineno + 1 if documented else 0
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    arguments = [argument for argument in every if argument and argument.arg not in {"self", "cls"}]
    return Function(
        where=where,
        lines=lines,
        body=lines - docstring,
        depth=block_depth(node),
        arguments=len(arguments),
        public=public,
        documented=documented,
        annotated=node.returns is not None and all(argument.annotation for argument in arguments),
    )


def is_stub(node: AnyFunction) -> bool:
    """Whether a function has no body worth measuring: `...`, `pass`, a docstring, or NotImplementedError."""
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (isinstance(statement, ast.Raise) and "NotImplementedError" in ast.dump(statement))
        for statement in node.body
    )


def is_broad(node: ast.ExceptHandler) -> bool:
    """Whether an `except` catches everything."""
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def block_depth(node: ast.AST) -> int:
    """How deep blocks nest inside a node; an `elif` counts as deep as its `if`."""
    inner = [child for child in ast.iter_child_nodes(node) if not isinstance(child, SCOPES)]
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        return max(1 + deepest(node.body), block_depth(node.orelse[0]))
    return deepest(inner) + isinstance(node, BLOCKS)


def deepest(nodes: Iterable[ast.AST]) -> int:
    """The greatest block depth among some nodes."""
    return max((block_depth(node) for node in nodes if not isinstance(node, SCOPES)), default=0)


# --- imports ---------------------------------------------------------------------------------------------------------


def find_imports(node: ast.AST, module: str, *, is_package: bool, typing_only: bool = False) -> Iterator[Import]:
    """Every import below a node, at load or in a function; those under `if TYPE_CHECKING` are marked."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, typing_only)
        elif isinstance(child, ast.ImportFrom):
            base = absolute_base(child, module, is_package=is_package)
            for alias in child.names:
                yield Import(f"{base}.{alias.name}", child.lineno, typing_only)
        else:
            guarded = typing_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
            yield from find_imports(child, module, is_package=is_package, typing_only=guarded)


def absolute_base(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """What stands between `from` and `import`, without leading dots."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def find_cython_imports(text: str) -> Iterator[Import]:
    """Every import and cimport of the package in a Cython source."""
    for match in CYTHON_IMPORT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        base, names, whole = match.groups()
        if whole:
            yield Import(whole, line)
            continue
        for name in names.strip(" (").split(","):
            yield Import(f"{base}.{name.split()[0]}" if name.strip(" \\") else base, line)


def imported_modules(module: Module, known: set[str], *, typing: bool = False) -> set[str]:
    """The modules of the package that a module imports: each name's longest known beginning, itself left out."""
    found = set()
    for imported in module.imports:
        name = imported.target
        while name and name not in known:
            name = name.rpartition(".")[0]
        if name and (typing or not imported.typing_only):
            found.add(name)
    return found - {module.name}


def import_graph(modules: Sequence[Module]) -> dict[str, set[str]]:
    """Module name to the modules that it imports when it runs; a `.pyx` and its `.pxd` are one module."""
    known = {module.name for module in modules}
    graph: dict[str, set[str]] = {name: set() for name in known}
    for module in modules:
        graph[module.name] |= imported_modules(module, known)
    return graph


def find_cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach each other, sorted; empty when the graph has no cycle."""
    reach = {name: reachable(name, graph) for name in graph}
    turning = [name for name in graph if name in reach[name]]
    groups = {frozenset(other for other in reach[name] if name in reach[other]) for name in turning}
    return sorted(sorted(group) for group in groups)


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Every module that a module imports, directly or through others; itself only when it stands in a cycle."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


# --- figures ---------------------------------------------------------------------------------------------------------


def percentile(values: Iterable[float], share: float) -> float:
    """Nearest-rank percentile; 0 for no values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0


def percent(hits: Iterable[bool]) -> float:
    """Share of true values in per cent; 100 for none."""
    every = list(hits)
    return 100 * sum(every) / len(every) if every else 100.0


def figures(modules: Sequence[Module]) -> dict[str, float]:
    """The figures of a package by name."""
    python = [module for module in modules if module.path.suffix == ".py"]
    functions = [function for module in python for function in module.functions]
    return {
        "files": len(modules),
        "lines": sum(module.lines for module in modules),
        "file lines median": percentile((module.lines for module in python), 0.5),
        "file lines p95": percentile((module.lines for module in python), 0.95),
        "file lines max": max((module.lines for module in modules), default=0),
        "functions": len(functions),
        "function lines median": percentile((function.lines for function in functions), 0.5),
        "function lines max": max((function.lines for function in functions), default=0),
        "function body p95": percentile((function.body for function in functions), 0.95),
        "% functions over 50 body lines": percent(function.body > 50 for function in functions) if functions else 0.0,
        "block depth max": max((function.depth for function in functions), default=0),
        "arguments p95": percentile((function.arguments for function in functions), 0.95),
        "% modules documented": percent(module.documented for module in python),
        "% public functions documented": percent(f.documented for f in functions if f.public),
        "% functions annotated": percent(function.annotated for function in functions),
        "broad excepts": sum(len(module.broad_excepts) for module in python),
        "import cycles": len(find_cycles(import_graph(modules))),
    }


def room(name: str) -> str:
    """`wireproof.capture.pcap` stands in the room `capture`; the package's own `__init__` in `(root)`."""
    return name.partition(".")[2].partition(".")[0] or "(root)"


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE)
    parser.add_argument("--edges", action="store_true", help="list which room imports which")
    options = parser.parse_args()
    modules = read_package(options.package.resolve())
    for name, value in figures(modules).items():
        print(f"{value:8g}  {name}")
    print("\nlongest files")
    for module in sorted(modules, key=lambda m: -m.lines)[:8]:
        print(f"{module.lines:8}  {module.path.relative_to(options.package.resolve())}")
    print("\nlongest function bodies")
    for function in sorted((f for m in modules for f in m.functions), key=lambda f: -f.body)[:8]:
        print(f"{function.body:8}  {function.where}")
    if options.edges:
        print_edges(modules)
    return 0


def print_edges(modules: Sequence[Module]) -> None:
    """List for each room the rooms that it imports."""
    edges: dict[str, set[str]] = {}
    for name, imported in import_graph(modules).items():
        edges.setdefault(room(name), set()).update(room(other) for other in imported)
    print("\nimports between rooms")
    for here, others in sorted(edges.items()):
        print(f"  {here} imports {', '.join(sorted(others - {here})) or 'nothing'}")


if __name__ == "__main__":
    sys.exit(main())
