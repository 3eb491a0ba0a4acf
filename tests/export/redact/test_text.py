"""Names tell where secrets are; what only looks like them stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.export.redact.spans import blank
from wireproof.export.redact.text import find_text_secrets


def hidden(text: bytes) -> bytes:
    """The text with its secrets blanked."""
    return blank(text, sorted((secret.start, secret.end) for secret in find_text_secrets(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"Authorization: Bearer abc.def\r\n\r\n", b"Authorization: Bearer *******\r\n\r\n"),
        (b'\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n', b'\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n'),
        (b"\r\nCookie: a=b\r\nHost: c\r\n\r\n", b"\r\nCookie: ***\r\nHost: c\r\n\r\n"),
        (b"user=bob&password=abc&x=y ", b"user=bob&password=***&x=y "),
        (b"?u=https%3A%2F%2Fx%3Ftoken%3Dabc%26y&z=1 ", b"?u=https%3A%2F%2Fx%3Ftoken%3D*******&z=1 "),
        (b'{"password":"a\\"b","c":"d"}', b'{"password":"****","c":"d"}'),
        (b'{"pin": 1234, "c": 5}', b'{"pin": ****, "c": 5}'),
        (b"Server=db; PWD = abc; x ", b"Server=db; PWD = **** x "),
        (b"password = 'a b' x", b"password = '***' x"),
        (b"\rCookie : abc\r\n\r\n", b"\rCookie : ***\r\n\r\n"),
        (b"<Password>abc</Password><b>c</b>", b"<Password>***</Password><b>c</b>"),
        (b"<password/><b>c</b>", b"<password/><b>c</b>"),
        (b"postcode=1234&mycode=5&auth_code=6&x=7 ", b"postcode=1234&mycode=5&auth_code=*&x=7 "),
        (b"http://bob:pw@host/a:b@c ", b"http://bob:**@host/a:b@c "),
        (b"http://host:80/a@b ", b"http://host:80/a@b "),
        (b"the password of the day is known to the token ring", b"the password of the day is known to the token ring"),
    ],
)  # fmt: skip
def test_values_go_and_everything_around_them_stays(text: bytes, expected: bytes) -> None:
    assert hidden(text) == expected


def test_a_value_without_end_is_open() -> None:
    for text in (b"password=abc", b'{"token":"abc', b"\r\nCookie: abc", b"<secret>abc</secre"):
        assert any(secret.open and secret.end == len(text) for secret in find_text_secrets(text))


@given(
    st.binary(max_size=300),
    st.sampled_from([b"password", b'"token":"', b"\nCookie:", b"<secret", b"://a:", b"TlRMTVNTUA"]),
)
def test_any_bytes_give_stretches_inside_the_data(data: bytes, name: bytes) -> None:
    text = data[:150] + name + data[150:]
    for secret in find_text_secrets(text):
        assert 0 <= secret.name_at <= secret.start <= secret.end <= len(text)
