"""A tag's other attributes, its content and the next element belong to a telling name; other tags stay."""

from __future__ import annotations

import pytest

from wireproof.export.redact.spans import blank
from wireproof.export.redact.walk import find_secrets


def hidden(text: bytes) -> bytes:
    """The text with its secrets blanked."""
    return blank(text, sorted((secret.start, secret.end) for secret in find_secrets(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"<input name=password value=abc>", b"<input name=password value=***>"),
        (b"<input name=password value=abc/>", b"<input name=password value=***/>"),
        (b'<input value="abc" name="password">', b'<input value="***" name="password">'),
        (b"<input value='a>c' name=pin>", b"<input value='***' name=pin>"),
        (b'<add key="Password" value="abc"/>', b'<add key="Password" value="***"/>'),
        (b'<p name="password">abc</p>', b'<p name="password">abc</p>'),
        (b'<data name="password">abc</data>', b'<data name="password">***</data>'),
        (b"<name>password</name><value>abc</value><b>c</b>", b"<name>password</name><value>***</value><b>c</b>"),
    ],
)  # fmt: skip
def test_values_go_and_everything_around_them_stays(text: bytes, expected: bytes) -> None:
    assert hidden(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        b"<input name=city value=Bern>",
        b'<input name="q" value="lost password">',
        b"<input name=city value=Bern><label>password</label>",
        b'<div class="password-field">Type it here</div>',
        b"<title>Reset your password</title><body>text</body>",
        b"<name>city</name><value>Bern</value>",
        b'<form id="password-form"><b>text</b></form>',
        b"<b>password</b> is a word, 3 < 4",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_stays(text: bytes) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize("text", [b"<input value=abc", b'<input name=a value="abc" nam', b"<input name=pin "])
def test_a_cut_tag_is_open(text: bytes) -> None:
    assert any(secret.open for secret in find_secrets(text))
