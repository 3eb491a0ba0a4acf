from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from wireproof.directaccess.outputs.yaml_text import Said, render_comment, render_yaml

scalars = st.text(st.characters(codec="utf-8"), max_size=20) | st.integers(-9, 9) | st.booleans() | st.none()
keys = st.text("abcdefgh-", min_size=1, max_size=6).map(lambda text: f"k{text}")
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


def plain(value: object) -> bool:
    """A list of lists is the one thing that site files never hold."""
    if isinstance(value, dict):
        return all(plain(item) for item in value.values())
    if isinstance(value, list):
        return all(not isinstance(item, list) and plain(item) for item in value)
    return True


@given(st.dictionaries(keys, values.filter(plain), min_size=1, max_size=4))
def test_what_is_written_reads_back(mapping: dict[str, object]) -> None:
    assert yaml.safe_load(render_yaml(mapping)) == mapping


@given(st.text(max_size=40))
def test_a_comment_changes_nothing(text: str) -> None:
    assert yaml.safe_load(render_yaml({"a": Said("x", text), "b": [Said({"c": 1}, text)]})) == {
        "a": "x",
        "b": [{"c": 1}],
    }
    assert len(render_comment(text).splitlines()) == 1


def test_words_that_yaml_takes_for_something_else_are_quoted() -> None:
    assert render_yaml({"a": "no", "b": "fd9c::1", "c": "LAN"}) == 'a: "no"\nb: "fd9c::1"\nc: LAN\n'
