"""YAML text as plain values with the line of each: mappings, lists, text and None, nothing else.

Takes text that may be hostile; size, depth and number of values are bounded before anything is built, and no tag is obeyed.
Every scalar stays text, for YAML 1.1 reads `2001:0:836b:2` as a number in base 60. Knows nothing of sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from wireproof.directaccess.stated import Place
from wireproof.errors import SiteError

LONGEST_SITE = 8_000_000
"""Bytes (or characters) of a site file; one with 1,000 stations and 384 servers takes a twentieth."""
DEEPEST = 24
"""Levels of mappings and lists in each other; the shape of a site needs nine."""
MOST_VALUES = 200_000
"""Values after aliases are put in, so that a few lines of aliases can't fill the memory."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Written:
    """`value` is built of dict, list, str and None; `lines` holds the line (from 1) of every key and list item."""

    value: Any
    lines: dict[Place, int]


@dataclass(slots=True)
class _Node:
    """One value with its line. `children` of a mapping are (key, line of the key, value), of a list ("", 0, value)."""

    line: int
    kind: type
    text: str | None = None
    children: list[tuple[str, int, _Node]] = field(default_factory=list)
    anchor: str | None = None


def read_yaml(text: str, file: str) -> Written:
    """Raises SiteError with one sentence where the text is no YAML, or YAML that a site file does not use."""
    if len(text) > LONGEST_SITE:
        raise SiteError([f"{file}: longer than {LONGEST_SITE:,} characters, which no site file needs"])
    found = _UNPRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise SiteError([f"{file}:{line}: holds the character U+{ord(found[0]):04X}; a site file is plain text"])
    try:
        root = _Builder(file).build(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise SiteError([_describe(error, text, file)]) from None
    flat = _Flattener(file)
    value = flat.flatten(root, (), 1) if root else None
    flat.lines[()] = root.line if root else 1
    return Written(value, flat.lines)


def _describe(error: yaml.YAMLError, text: str, file: str) -> str:
    """One sentence with a line for an error of the YAML parser."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return f"{file}:{line}: indented with a tab; YAML takes spaces only"
    problem = " ".join(str(getattr(error, "problem", None) or error).split())[:200]
    hint = "; an address that begins or ends with a colon needs quotes" if "::" in shown else ""
    return f"{file}:{line}: not YAML: {problem}{hint}"


class _Builder:
    """Events into nodes, without recursion."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Node] = []
        self._keys: list[tuple[str, int] | None] = []
        self._anchors: dict[str, _Node] = {}
        self._root: _Node | None = None
        self._documents = 0
        self._count = 0

    def build(self, events: Iterator[Any]) -> _Node | None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise self._problem(event, "a second document begins; a site file holds one")
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.NodeEvent):
                self._value(event)
        return self._root

    def _problem(self, event: Any, words: str) -> SiteError:
        return SiteError([f"{self._file}:{event.start_mark.line + 1}: {words}"])

    def _value(self, event: Any) -> None:
        if event.tag is not None:
            raise self._problem(event, f"has the tag {event.tag[:60]!r}; a site file has no tags, only text")
        self._count += 1
        if self._count > MOST_VALUES:
            raise self._problem(event, f"more than {MOST_VALUES:,} values, which no site file needs")
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            nothing = event.style in (None, "") and event.value in _NOTHING
            node = _Node(line, str, None if nothing else event.value)
            if event.anchor:
                self._anchors[event.anchor] = node
            self._add(node, event)
            return
        node = _Node(line, dict if isinstance(event, yaml.MappingStartEvent) else list, anchor=event.anchor)
        self._add(node, event)
        if len(self._open) >= DEEPEST:
            raise self._problem(event, f"more than {DEEPEST} levels in each other; a site file has about nine")
        self._open.append(node)
        self._keys.append(None)

    def _close(self) -> None:
        node = self._open.pop()
        self._keys.pop()
        if node.anchor:
            self._anchors[node.anchor] = node

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise self._problem(event, f"*{event.anchor} repeats something that does not stand complete above it")
        self._add(self._anchors[event.anchor], event)

    def _add(self, node: _Node, event: Any) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if parent.kind is list:
            parent.children.append(("", 0, node))
        elif self._keys[-1] is None:
            if node.kind is not str or node.text is None:
                raise self._problem(event, "a key has to be a word")
            self._keys[-1] = (node.text, event.start_mark.line + 1)
        else:
            key, line = self._keys[-1]
            parent.children.append((key, line, node))
            self._keys[-1] = None


class _Flattener:
    """Nodes into values and lines; the depth is bounded, so recursion is too."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.lines: dict[Place, int] = {}

    def flatten(self, node: _Node, place: Place, depth: int) -> Any:
        if len(self.lines) > MOST_VALUES or depth > DEEPEST:
            raise SiteError([f"{self._file}:{node.line}: its aliases repeat more than a site file can hold"])
        if node.kind is str:
            return node.text
        if node.kind is list:
            return [self._item(child, (*place, number), depth) for number, (_, _, child) in enumerate(node.children)]
        values: dict[str, Any] = {}
        for key, line, child in node.children:
            inner = (*place, key)
            if key in values:
                first = self.lines[inner]
                raise SiteError([f"{self._file}:{line}: the key {key[:60]!r} stands on line {first} already"])
            self.lines[inner] = line
            values[key] = self.flatten(child, inner, depth + 1)
        return values

    def _item(self, child: _Node, place: Place, depth: int) -> Any:
        self.lines[place] = child.line
        return self.flatten(child, place, depth + 1)
