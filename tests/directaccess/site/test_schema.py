"""The reference and the JSON Schema say what the reader takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wireproof.directaccess.site.positions import read_yaml
from wireproof.directaccess.site.schema import make_schema, render_sections

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples" / "plan").glob("*.yaml"))
SCHEMA = make_schema()


def every_key(schema: Any) -> list[tuple[str, Any]]:
    models = [schema, *schema["$defs"].values()]
    return [pair for model in models for pair in model.get("properties", {}).items()]


def strangers(value: Any, schema: dict[str, Any]) -> list[str]:
    """Keys of a file that its schema does not have, and words that are none of its accepted ones."""
    if "$ref" in schema:
        return strangers(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return min((strangers(value, one) for one in schema["anyOf"] if one.get("type") != "null"), key=len)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        inner = [found for key, one in value.items() if key in known for found in strangers(one, known[key])]
        return [key for key in value if key not in known] + inner
    if isinstance(value, list):
        return [found for one in value for found in strangers(one, schema.get("items", {}))]
    return [str(value)] if "enum" in schema and value not in schema["enum"] else []


def test_every_key_is_described() -> None:
    assert [key for key, schema in every_key(SCHEMA) if not schema.get("description")] == []


def test_the_schema_refuses_unknown_keys_everywhere() -> None:
    assert [
        name for name, model in SCHEMA["$defs"].items() if model.get("properties") and model["additionalProperties"]
    ] == []
    assert SCHEMA["additionalProperties"] is False


def test_keys_are_those_of_the_file() -> None:
    keys = {key for key, _ in every_key(SCHEMA)}
    assert {"entry-points", "6to4", "from", "ip-https-prefix"} <= keys
    assert not any("_" in key for key in keys)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_keeps_to_the_schema(path: Path) -> None:
    value = read_yaml(path.read_text(encoding="utf-8"), path.name).value
    assert strangers(value, SCHEMA) == []
    assert strangers({**value, "intranet": "ipv5", "title": ""}, SCHEMA) == ["title", "ipv5"]


def test_the_reference_has_a_row_for_every_key_and_links_that_lead_somewhere() -> None:
    text = "\n".join(render_sections())
    assert [key for key, _ in every_key(SCHEMA) if f"| `{key}` |" not in text] == []
    headings = {line[3:].lower().replace(" ", "-") for line in text.splitlines() if line.startswith("## ")}
    assert {link.partition(")")[0] for link in text.split("](#")[1:]} <= headings


def test_the_reference_names_accepted_values_and_defaults() -> None:
    text = "\n".join(render_sections())
    assert "| `balancing` | `none`, `nlb`, `external` | `none` | how its servers share the load |" in text
    assert "| `servers` | list of [server](#server) | required |" in text
    assert "| `interface` | name or index |  |" in text
