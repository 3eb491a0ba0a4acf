"""HTTP heads from bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.http import (
    Head,
    begins_message,
    content_length,
    has_body,
    is_chunked,
    scheme,
    schemes,
    unpack_chunk,
    unpack_head,
    without_secrets,
)


def head(text: str) -> Head:
    """The head of a text whose lines end with LF."""
    found = unpack_head(text.replace("\n", "\r\n").encode())
    assert found is not None
    return found


def test_a_request_has_method_target_version_and_fields() -> None:
    found = head("POST /a?b=c HTTP/1.1\nHOST: www.example.com\nX-Other: 1\nUser-Agent:  curl/8 \n\nbody")
    assert (found.method, found.target, found.version, found.status) == ("POST", "/a?b=c", "1.1", 0)
    assert found.fields == {"host": ["www.example.com"], "user-agent": ["curl/8"]}
    assert (found.whole, found.size) == (True, 81)


def test_a_response_has_status_and_reason() -> None:
    found = head("HTTP/1.0 404 Not Found\nServer: nginx\n\n")
    assert (found.version, found.status, found.reason, found.first("server")) == ("1.0", 404, "Not Found", "nginx")


def test_a_response_may_lack_a_reason_and_lines_may_end_with_a_bare_newline() -> None:
    found = unpack_head(b"HTTP/1.1 200\nServer: a\n\nrest")
    assert found is not None
    assert (found.status, found.reason, found.first("server"), found.size) == (200, "", "a", 24)


def test_a_target_with_spaces_is_kept_whole() -> None:
    assert head("GET /a b c HTTP/1.1\n\n").target == "/a b c"


def test_a_field_that_goes_on_in_the_next_line_is_joined() -> None:
    assert is_chunked(head("POST / HTTP/1.1\nTransfer-Encoding:\n chunked\n\n"))


def test_a_head_that_is_cut_gives_what_came_without_the_broken_line() -> None:
    found = unpack_head(b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: bro")
    assert found is not None
    assert (found.whole, found.fields) == (False, {"host": ["a"]})


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n", b"SSH-2.0-OpenSSH\r\n", b"hello world\r\n\r\n", b"GET / HTTP/1.1", b"\x16\x03\x01\0\x05hello\n"],
)
def test_what_is_no_message_gives_none(data: bytes) -> None:
    assert unpack_head(data) is None


@pytest.mark.parametrize(
    ("data", "begins"), [(b"GET /", True), (b"HTTP/1.1 200", True), (b"GETTING", False), (b"\0GET /", False)]
)
def test_a_beginning_is_told_by_few_bytes(data: bytes, begins: bool) -> None:
    assert begins_message(data) is begins


@pytest.mark.parametrize(
    ("value", "length"),
    [("17", 17), ("0", 0), ("5, 5", 5), ("5, 6", -1), ("-1", -1), ("x", -1), ("18446744073709551615", 2**64 - 1)],
)
def test_a_length_is_a_plain_number(value: str, length: int) -> None:
    assert content_length(head(f"HTTP/1.1 200 OK\nContent-Length: {value}\n\n")) == length


@pytest.mark.parametrize(
    ("first", "method", "body"),
    [
        ("HTTP/1.1 200 OK", "GET", True),
        ("HTTP/1.1 200 OK", "HEAD", False),
        ("HTTP/1.1 304 Not Modified", "GET", False),
        ("HTTP/1.1 100 Continue", "POST", False),
        ("HTTP/1.1 200 OK", "CONNECT", False),
        ("HTTP/1.1 502 Bad Gateway", "CONNECT", True),
        ("GET / HTTP/1.1", "", False),
    ],
)
def test_whether_a_body_follows_depends_on_status_and_method(first: str, method: str, body: bool) -> None:
    assert has_body(head(f"{first}\n\n"), method) is body


def test_schemes_are_named_without_their_parameters() -> None:
    found = head('HTTP/1.1 401 No\nWWW-Authenticate: Negotiate\nWWW-Authenticate: Basic realm="a, Digest b", NTLM\n\n')
    assert schemes(found) == ("negotiate", "basic", "ntlm")
    assert schemes(head("HTTP/1.1 401 No\nWWW-Authenticate: NTLM TlRMTVNT==\n\n")) == ("ntlm",)
    assert scheme(head("GET / HTTP/1.1\nAuthorization: Basic abc\n\n")) == "basic"


def test_chunk_sizes_are_hexadecimal_and_may_have_extensions() -> None:
    assert unpack_chunk(b"1a;name=value\r\nrest") == (26, 15)
    assert unpack_chunk(b"xyz\r\n") is None


def test_text_for_terminals_holds_no_control_characters() -> None:
    assert head("GET /\x1b[31m HTTP/1.1\n\n").target == "/\ufffd[31m"


@given(
    st.binary(max_size=300) | st.binary(max_size=80).map(lambda tail: b"HTTP/1.1 401 x\r\nWWW-Authenticate: " + tail)
)
def test_any_bytes_give_a_head_or_none(data: bytes) -> None:
    found = unpack_head(data)
    if found is not None:
        assert found.size <= len(data)
        assert isinstance(has_body(found, "GET"), bool)
        schemes(found)
        assert -1 <= content_length(found) < 10**20
    unpack_chunk(data)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/a?x=1&access_token=abc&y=2", "/a?x=1&access_token=…&y=2"),
        ("/saml?SAMLResponse=PHNhbWw%2B", "/saml?SAMLResponse=…"),
        ("/login?user=u&password=p;sid=5", "/login?user=u&password=…;sid=…"),
        ("/cb?code=17&state=zz", "/cb?code=…&state=…"),
        ("/a?api-key=1;accessKey=2&page_hash=3&pw=4", "/a?api-key=…;accessKey=…&page_hash=…&pw=…"),
        ("/a?zipcode=12345&page=2", "/a?zipcode=12345&page=2"),
        ("/token/abc", "/token/abc"),
        ("/a?token=", "/a?token="),
    ],
)
def test_credentials_in_a_target_are_left_out(target: str, shown: str) -> None:
    assert without_secrets(target) == shown
