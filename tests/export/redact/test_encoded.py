"""Names are read as they are meant, and what they name is blanked where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.export.redact.encoded import find_coded_secrets
from wireproof.export.redact.spans import blank


def hidden(text: bytes) -> bytes:
    """The text without the secrets that have coded names."""
    return blank(text, sorted((secret.start, secret.end) for secret in find_coded_secrets(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a=%41&pass%77ord=a%62c&x=%42 ", b"a=%41&pass%77ord=*****&x=%42 "),
        (b"%70assword=abc" + b"&x=" + b"%41" * 300, b"%70assword=***" + b"&x=" + b"%41" * 300),
        (rb'{"p\u0061ssword":"a\u0062c","x":"\u0041"}', rb'{"p\u0061ssword":"********","x":"\u0041"}'),
        (b"<pass&#119;ord>abc</pass&#119;ord>", b"<pass&#119;ord>***</pass&#119;ord>"),
        ('{"pin":"12","x":"y"}'.encode("utf-16-le"), '{"pin":"'.encode("utf-16-le") + b"***\0" + '","x":"y"}'.encode("utf-16-le")),
    ],
)  # fmt: skip
def test_values_go_and_everything_around_them_stays(text: bytes, expected: bytes) -> None:
    assert hidden(text) == expected


@pytest.mark.parametrize(
    "text",
    [b"city=Z%FCrich&na%6De=bob ", rb'{"x":"\u003cb\u003e","y":"p\u0061st"}', "the password is secret".encode("utf-16-le"), bytes(100)],
)  # fmt: skip
def test_what_only_looks_like_it_stays(text: bytes) -> None:
    assert hidden(text) == text


@given(st.binary(max_size=200), st.sampled_from([b"p%61ss=", b'"t\\u006fken":"', b"p\0a\0s\0s\0=\0a\0b\0c\0d\0"]))
def test_any_bytes_give_stretches_inside_the_data_or_right_behind(data: bytes, name: bytes) -> None:
    text = data[:100] + name + data[100:]
    for secret in find_coded_secrets(text):
        assert 0 <= secret.name_at <= secret.start <= secret.end <= len(text) + 4096
