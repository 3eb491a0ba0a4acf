"""The site file's shape for people and for editors: a Markdown reference and a JSON Schema, both from the model.

Gives text and plain values; reads and writes no file.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from wireproof.directaccess.site.model import AdapterRef, Interface6, Ipv4, Ipv6, Item, Port, Prefix4, Prefix6, Site

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPECIAL: tuple[tuple[Any, str], ...] = (
    (Ipv4, "IPv4 address"),
    (Ipv6, "IPv6 address"),
    (Prefix4, "IPv4 network"),
    (Prefix6, "IPv6 prefix"),
    (Interface6, "IPv6 address/length"),
    (AdapterRef, "name or index"),
    (Port, "port"),
)


def make_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of the site file, for editors that complete and check YAML."""
    schema = _without_titles(Site.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, "title": "wireproof site file", **schema}


def _without_titles(value: Any) -> Any:
    """A schema without the titles that repeat its keys."""
    if isinstance(value, dict):
        return {key: _without_titles(inner) for key, inner in value.items() if key != "title"}
    return [_without_titles(inner) for inner in value] if isinstance(value, list) else value


def render_sections() -> list[str]:
    """Markdown sections, one for each kind of mapping, the whole file first: every key and what it accepts."""
    return [_section(model) for model in _models(Site, [])]


def _models(model: type[BaseModel], known: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """A model and all below it, in the order in which keys name them."""
    if model not in known:
        known.append(model)
        for field in model.model_fields.values():
            for inner in _inside(field.annotation):
                _models(inner, known)
    return known


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _inside(inner)


def _section(model: type[BaseModel]) -> str:
    title = "The file" if model is Site else _title(model)
    lines = ["| key | takes | default | meaning |", "| --- | --- | --- | --- |"]
    hints = typing.get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        cells = (f"`{field.alias}`", _takes(hints[name]), _default(field), field.description or "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    summary = " ".join((model.__doc__ or "").split())
    return f"## {title}\n\n{summary}\n\n" + "\n".join(lines)


def _title(model: type[BaseModel]) -> str:
    """IsatapRouter as `isatap router`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model.__name__).strip()
    return words.capitalize().replace("Isatap", "ISATAP").replace("Dns", "DNS")


def _takes(hint: Any) -> str:
    """What a key accepts, in words; mappings as links to their sections."""
    for kind, words in _SPECIAL:
        if hint == kind:
            return words
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _takes(inner[0])
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if origin is list:
        return f"list of {_takes(inner[0])}"
    if inner:
        return " or ".join(_takes(one) for one in inner if one is not type(None))
    return _takes_plain(hint)


def _takes_plain(kind: type) -> str:
    if issubclass(kind, Item):
        title = _title(kind)
        return f"[{title[0].lower() + title[1:] if title[1].islower() else title}](#{title.lower().replace(' ', '-')})"
    if issubclass(kind, enum.Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    return {bool: "`true`, `false`", int: "whole number"}.get(kind, "text")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in (None, "", []) or isinstance(value, Item):
        return ""
    values = value if isinstance(value, list) else [value]
    return ", ".join(f"`{str(one).lower() if isinstance(one, bool) else one}`" for one in values)
