"""YAML text with comments, from plain values. Writes what a site file needs: mappings, lists, scalars."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class Said:
    """A value with a comment behind it."""

    value: object
    comment: str


def render_yaml(value: Mapping[str, object]) -> str:
    """A document. Values are mappings, lists, text, numbers, booleans, None (left empty), or `Said`."""
    return "\n".join(_mapping(value, "")) + "\n"


def render_comment(text: str) -> str:
    """A comment line: one line, whatever the text holds."""
    return "# " + "".join(
        " " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else c for c in text
    )


def _mapping(mapping: Mapping[str, object], indent: str) -> list[str]:
    lines = []
    for key, value in mapping.items():
        lines += _entry(f"{indent}{key}:", value, indent)
    return lines


def _entry(head: str, value: object, indent: str) -> list[str]:
    comment = ""
    if isinstance(value, Said):
        comment = "  " + render_comment(value.comment) if value.comment else ""
        value = value.value
    if isinstance(value, Mapping) and value:
        return [head + comment, *_mapping(value, indent + "  ")]
    if isinstance(value, list) and any(isinstance(item, Mapping | Said) for item in value):
        lines = [head + comment]
        for item in value:
            lines += _item(item, indent + "  ")
        return lines
    return [f"{head} {_scalar(value)}{comment}"]


def _item(item: object, indent: str) -> list[str]:
    if isinstance(item, Mapping) and item:
        first, *rest = _mapping(item, indent + "  ")
        return [f"{indent}- {first.lstrip()}", *rest]
    return _entry(f"{indent}-", item, indent)


def _scalar(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_scalar(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{}"
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(character: str) -> str:
    """One character of a double-quoted scalar (YAML 1.2 section 5.7)."""
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    if unicodedata.category(character) == "Cs":  # half a pair, which no encoding can hold
        return "\\uFFFD"
    return f"\\U{ord(character):08X}"
