"""A value belongs to a name that another member of its object tells; other objects stay."""

from __future__ import annotations

import pytest

from tests.export.redact.test_tags import hidden


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"name":"password","value":"abc"}', b'{"name":"password","value":"***"}'),
        (b'{"name":"db_password","t":{"a":1},"value":"abc"}', b'{"name":"db_password","t":{"a":1},"value":"***"}'),
        (b'[{"value":"abc","key":"token"},{"value":"x","key":"y"}]', b'[{"value":"***","key":"token"},{"value":"x","key":"y"}]'),
    ],
)  # fmt: skip
def test_values_go_and_everything_around_them_stays(text: bytes, expected: bytes) -> None:
    assert hidden(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        b'{"name":"city","value":"Bern"}',
        b'{"title":"my password","value":"Bern"}',
        b'{"statusCode":200,"author":"bob","zipCode":3000}',
    ],
)
def test_what_only_looks_like_it_stays(text: bytes) -> None:
    assert hidden(text) == text


def test_a_cut_object_loses_its_value() -> None:
    assert hidden(b'{"a":1,"value":"abc') == b'{"a":1,"value":"***'
