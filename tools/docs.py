"""Generate the documentation pages that repeat what the code already says.

    python tools/docs.py            write docs/rules/, docs/columns.md, docs/limits.md, docs/cli.md, README's table of rules,
                                    docs/messages.md, docs/site-file.md, docs/site.schema.json
    python tools/docs.py --check    write nothing; name the pages that are stale and exit 1

Takes rule docstrings, the packet table's schema, the classes of messages, the declared limits and the command line's own help. Needs the package
to be installed; parts that the installed package does not have are left out.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import enum
import importlib
import inspect
import itertools
import json
import pkgutil
import struct
import sys
import tempfile
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"

GENERATED = "<!-- Made by tools/docs.py from {source}; edit that instead. -->"
RULES_BEGIN, RULES_END = "<!-- rules: made by tools/docs.py -->\n", "<!-- end of rules -->\n"
HEADINGS = ("What is seen", "Why it matters", "Fix", "Looks alike but is not", "References")
FLAG_WORDS = {True: "on", False: "off"}


def main() -> int:
    """Write the pages, or say which are stale."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say which pages are stale")
    options = parser.parse_args()
    pages = make_pages()
    stale = sorted(path for path, text in pages.items() if not is_current(path, text))
    left_over = sorted(set((DOCS / "rules").glob("*.md")) - set(pages)) if pages else []
    for path in [*stale, *left_over]:
        print(f"{'stale' if options.check else 'written' if path in pages else 'removed'}: {path.relative_to(ROOT)}")
    if options.check:
        return 1 if stale or left_over else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], encoding="utf-8", newline="\n")
    for path in left_over:
        path.unlink()
    print(f"{len(pages)} pages, {len(stale)} written")
    return 0


def make_pages() -> dict[Path, str]:
    """Every generated page by path."""
    pages: dict[Path, str] = {}
    makers: tuple[Callable[[], dict[Path, str]], ...] = (
        rule_pages, readme_page, column_pages, message_pages, limit_pages, command_pages, site_pages,
    )  # fmt: skip
    for maker in makers:
        pages.update(maker())
    return pages


def is_current(path: Path, text: str) -> bool:
    """Whether a page stands there as it would be written; line ends don't matter."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def page(title: str, source: str, *parts: str) -> str:
    """One Markdown page, parts apart by empty lines."""
    return "\n\n".join([f"# {title}", GENERATED.format(source=source), *(part for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    escaped = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *escaped]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def installed(name: str) -> ModuleType | None:
    """A module of the package, or None when there is none of that name. Other import errors are told as they are."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            return None
        raise


# --- rules -----------------------------------------------------------------------------------------------------------


def rules() -> dict[str, Any]:
    """The rule registry, in its own order."""
    load = getattr(installed("wireproof.rules"), "load_every_rule", dict)
    return dict(load())


def rule_pages() -> dict[Path, str]:
    """One page a rule, and the index by family."""
    every = rules()
    if not every:
        return {}
    pages = {DOCS / "rules" / f"{name}.md": rule_page(rule) for name, rule in every.items()}
    pages[DOCS / "rules" / "README.md"] = rule_index(every)
    return pages


def rule_page(rule: Any) -> str:
    """What a rule's docstring says, with its severity and its limits."""
    summary, _, rest = inspect.cleandoc(rule.doc).partition("\n\n")
    source = f"src/wireproof/rules/{rule.family}/{rule.name.partition('-')[2].replace('-', '_')}.py"
    facts = f"Family `{rule.family}` · severity **{severity(rule)}** · `wireproof rules {rule.name}` prints this page."
    owned = [limit for name, limit in limits().items() if name.startswith(f"{rule.name}.")]
    return page(rule.name, source, summary, facts, with_headings(rest), limit_section(owned))


def with_headings(text: str) -> str:
    """Turn the fixed headings of a rule's docstring, however underlined, into Markdown headings."""
    lines: list[str] = []
    for line in text.splitlines():
        bare = line.strip().strip("#*:").strip()
        if bare in HEADINGS:
            lines += ["", f"## {bare}", ""]
        elif not (set(line.strip()) in ({"-"}, {"="}) and lines and lines[-1] == ""):
            lines.append(line)
    return squeeze(lines)


def squeeze(lines: Iterable[str]) -> str:
    """Join lines, leaving one empty line where there were several."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1]):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def rule_index(every: dict[str, Any]) -> str:
    """All rules, a table a family."""
    families = dict.fromkeys(rule.family for rule in every.values())
    parts = []
    for family in families:
        members = [rule for rule in every.values() if rule.family == family]
        rows = [(f"[{rule.name}]({rule.name}.md)", severity(rule), first_sentence(rule.doc)) for rule in members]
        parts.append(f"## {family}\n\n" + table(("rule", "severity", "what it says"), rows))
    opening = f"{len(every)} rules. `--select` and `--ignore` of `wireproof check` take these names; those of `wireproof plan` the names in plan."
    return page("Rules", "the rules' docstrings", opening, *parts)


def readme_page() -> dict[Path, str]:
    """README with its table of rules made anew, where there is a README."""
    every = rules()
    if not every or not README.is_file():
        return {}
    return {README: with_rule_table(README.read_text(encoding="utf-8"), every)}


def with_rule_table(text: str, every: dict[str, Any]) -> str:
    """A page with all rules in one table between its two marks; as it is where a mark is missing."""
    head, begin, rest = text.partition(RULES_BEGIN)
    _, end, tail = rest.partition(RULES_END)
    if not begin or not end:
        return text
    rows = [
        (f"[{name}](docs/rules/{name}.md)", severity(rule), first_sentence(rule.doc)) for name, rule in every.items()
    ]
    return f"{head}{begin}\n{table(('rule', 'severity', 'what it says'), rows)}\n\n{end}{tail}"


def severity(rule: Any) -> str:
    """`error`, `warning` or `info`."""
    return str(getattr(rule.severity, "value", rule.severity))


def first_sentence(doc: str) -> str:
    """A docstring's summary on one line."""
    return " ".join(inspect.cleandoc(doc).partition("\n\n")[0].split())


# --- limits ----------------------------------------------------------------------------------------------------------


def limits() -> dict[str, Any]:
    """Every declared limit; they are declared where they are used, so every module is loaded."""
    package = importlib.import_module("wireproof")
    for name in module_names(package):
        if not name.endswith("__main__"):
            importlib.import_module(name)
    return dict(sorted(getattr(installed("wireproof.limits"), "LIMITS", {}).items()))


def module_names(package: ModuleType) -> Iterator[str]:
    """Names of all modules below a package, without loading them."""
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield found.name
        if found.ispkg:
            yield from module_names(importlib.import_module(found.name))


def limit_pages() -> dict[Path, str]:
    """All thresholds on one page."""
    every = limits()
    if not every:
        return {}
    opening = "Every threshold that a judgement rests on, and why. `wireproof check --limit NAME=VALUE` sets one."
    return {DOCS / "limits.md": page("Limits", "the limits' declarations", opening, limit_table(every.values()))}


def limit_section(owned: Sequence[Any]) -> str:
    """The limits of one rule as a section; nothing when it has none."""
    return f"## Limits\n\n{limit_table(owned)}" if owned else ""


def limit_table(every: Iterable[Any]) -> str:
    """Name, default and reason."""
    return table(("limit", "default", "because"), [(f"`{x.name}`", f"{x.default:.12g}", x.because) for x in every])


# --- columns ---------------------------------------------------------------------------------------------------------


def column_pages() -> dict[Path, str]:
    """Tables of columns and the codes that stand in them, in the order of the schema."""
    schema = installed("wireproof.table.schema")
    if schema is None:
        return {}
    notes = assignment_notes(Path(str(schema.__file__)))
    parts = [column_section(name, value, notes.get(name, "")) for name, value in vars(schema).items() if name.isupper()]
    return {DOCS / "columns.md": page("Columns", "src/wireproof/table/schema.py", inspect.getdoc(schema) or "", *parts)}


def column_section(name: str, value: object, note: str) -> str:
    """One constant of the schema: a tuple of columns, or a mapping between names and codes."""
    title = f"## {name.replace('_', ' ').capitalize()}"
    if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        head = [field.name for field in dataclasses.fields(value[0])]
        rows = [[cell(getattr(item, key), key) for key in head] for item in value]
        return "\n\n".join(filter(None, [title, note, table([key.replace("_", " ") for key in head], rows)]))
    if isinstance(value, dict):
        codes = [(show(key), show(entry)) for key, entry in value.items()]
        return "\n\n".join(filter(None, [title, note, table(("name or code", "value"), codes)]))
    return ""


# --- messages --------------------------------------------------------------------------------------------------------

MESSAGES = """`wireproof show --messages NAME` lists the messages of one table, and `wireproof show --export DIR` writes each as
`NAME.parquet`. There a field that holds a packet row holds the frame number under the name `…frame`, 0 for none, and times are
nanoseconds since 1970-01-01 UTC. A table without messages has no file."""


def message_pages() -> dict[Path, str]:
    """Every message table with its fields, in the words of the class of its messages."""
    said = installed("wireproof.messages.said")
    base = installed("wireproof.messages.table")
    if said is None or base is None:
        return {}
    kinds = [(name, message_kind(said, name)) for name in said.TABLES]
    parts = [MESSAGES, "## Every message", squeeze_doc(base.Message), field_table(base.Message)]
    own = {field.name for field in dataclasses.fields(base.Message)}
    for name, kind in kinds:
        parts += [f"## {name}", squeeze_doc(kind), field_table(kind, leave_out=own)]
    return {DOCS / "messages.md": page("Messages", "the classes in src/wireproof/messages", *parts)}


def message_kind(said: ModuleType, name: str) -> type:
    """The class of a table's messages: that of the table which an empty capture gives."""
    reading = importlib.import_module("wireproof.conversations")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.pcap"
        path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        tables = reading.read_capture(path)
        with tables.capture:
            kind: type = said.Said(tables).table(name).kind
    return kind


def squeeze_doc(kind: type) -> str:
    """A class's docstring."""
    return inspect.getdoc(kind) or ""


def field_table(kind: type, leave_out: Iterable[str] = ()) -> str:
    """The fields of a class of messages with their types and, where it has such, the words below each."""
    notes = field_notes(kind)
    fields = [field for field in dataclasses.fields(kind) if field.name not in set(leave_out)]
    if not fields:
        return ""
    if not any(notes.get(field.name) for field in fields):
        return table(("field", "type"), [(f"`{field.name}`", f"`{field.type}`") for field in fields])
    return table(
        ("field", "type", "meaning"),
        [(f"`{field.name}`", f"`{field.type}`", notes.get(field.name, "")) for field in fields],
    )


def field_notes(kind: type) -> dict[str, str]:
    """The strings that stand below fields."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef))
    return {
        first.target.id: " ".join(second.value.value.split())
        for first, second in itertools.pairwise(body)
        if isinstance(first, ast.AnnAssign)
        and isinstance(first.target, ast.Name)
        and isinstance(second, ast.Expr)
        and isinstance(second.value, ast.Constant)
        and isinstance(second.value.value, str)
    }


def cell(value: object, key: str) -> str:
    """A column's name and type are code, the rest is prose."""
    return f"`{value}`" if key in {"name", "dtype"} else str(value)


def show(value: object) -> str:
    """Bit sets in hexadecimal, everything else as it is."""
    return f"`0x{value:x}`" if isinstance(value, int) and value > 9 else str(value)


def assignment_notes(path: Path) -> dict[str, str]:
    """The docstring that follows an assignment in a module, by the name that is assigned."""
    notes = {}
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for before, after in itertools.pairwise(body):
        target = before.target if isinstance(before, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            notes[target.id] = inspect.cleandoc(str(after.value.value))
    return notes


# --- site file -------------------------------------------------------------------------------------------------------

SITE_OPENING = """\
What `wireproof plan SITE.yaml` reads: which DirectAccess servers, stations, routers and balancers there are, and what
they are known to have. State what you know and leave out what you don't; what can be derived is derived, and what
differs from the derived is told. Complete files for every topology are in [examples/plan](../examples/plan).

The file is YAML in UTF-8, one document, without tags. Every value is text until its key says otherwise, so
`2001:0:836b:2::/64` and `10` need no quotes. Addresses that end with a colon, such as `"2001:db8::"`, do, and inside
`[...]` and `{...}` those that begin with one, such as `"::/0"`. A key that stands twice, a key that does not exist, and
a value that is not accepted are errors with their line; slips inside addresses (host bits in a prefix, five numbers in
a dotted part) are findings. A key without a value counts as left out.

Editors complete and check the file by its [JSON Schema](site.schema.json); those with the YAML language server take it
from a first line such as `# yaml-language-server: $schema=site.schema.json`."""


def site_pages() -> dict[Path, str]:
    """The reference of the site file and its JSON Schema."""
    schema = installed("wireproof.directaccess.site.schema")
    if schema is None:
        return {}
    source = "src/wireproof/directaccess/site/model.py"
    made = {"$comment": f"Made by tools/docs.py from {source}; edit that instead.", **schema.make_schema()}
    return {
        DOCS / "site-file.md": page("Site file", source, SITE_OPENING, *schema.render_sections()),
        DOCS / "site.schema.json": json.dumps(made, indent=2, ensure_ascii=False) + "\n",
    }


# --- command line ----------------------------------------------------------------------------------------------------


def command_pages() -> dict[Path, str]:
    """Every command with its arguments and options, read from the command line's own declarations.

    Only attributes that all releases of the parser share are read, so that the page does not change with them.
    """
    typer = installed("typer")
    cli = installed("wireproof.cli")
    if not typer or not cli:
        return {}
    group = importlib.import_module("typer.main").get_command(cli.make_app())
    parts = [command_section(f"wireproof {name}", command) for name, command in every_command(group)]
    own = command_section("wireproof", group) if group.params else (group.help or "")
    return {DOCS / "cli.md": page("Command line", "the command line's own help", own, *parts)}


def every_command(group: Any) -> Iterator[tuple[str, Any]]:
    """Commands by name; those of a group below it have its name before their own."""
    for name, command in getattr(group, "commands", {}).items():
        if command.hidden:
            continue
        if getattr(command, "commands", {}):
            yield from ((f"{name} {below}", one) for below, one in every_command(command))
        else:
            yield name, command


def command_section(name: str, command: Any) -> str:
    """One command: how it is called, what it does, its arguments and options."""
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    options = [parameter for parameter in shown if parameter.param_type_name == "option"]
    words = [name, *(["[OPTIONS]"] if options else []), *(argument_word(argument) for argument in arguments)]
    parts = [f"## {name}", f"```\n{' '.join(words)}\n```", inspect.cleandoc(command.help or "")]
    rows = [(f"`{argument_word(argument)}`", "", argument.help or "") for argument in arguments]
    rows += [(option_word(option), default_word(option, command), option.help or "") for option in options]
    return "\n\n".join(part for part in [*parts, table(("", "default", ""), rows) if rows else ""] if part)


def argument_word(argument: Any) -> str:
    """`INPUT...` for one that may be repeated, in brackets when it may be left out."""
    word = str(argument.metavar or argument.name.upper()) + ("..." if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def option_word(option: Any) -> str:
    """All spellings of an option, short before long."""
    return " ".join(f"`{word}`" for word in sorted([*option.opts, *option.secondary_opts], key=len))


def default_word(option: Any, command: Any) -> str:
    """The default as a user would type it, and the choices where there is a fixed set."""
    value = option.default
    word = FLAG_WORDS.get(value, "") if isinstance(value, bool) else "" if value is None or value == () else str(value)
    if isinstance(value, enum.Enum):
        word = str(value.value)
    choices = option_choices(option.name, command)
    return f"{word} (of {', '.join(choices)})" if choices else word


def option_choices(name: str, command: Any) -> list[str]:
    """The values of an option's enum, found through the annotation of the command's function."""
    function = inspect.unwrap(command.callback)
    hint = typing.get_type_hints(function).get(name)
    kinds = [kind for kind in (hint, *typing.get_args(hint)) if isinstance(kind, type) and issubclass(kind, enum.Enum)]
    return [str(member.value) for kind in kinds for member in kind]


if __name__ == "__main__":
    sys.exit(main())
