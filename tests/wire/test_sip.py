"""Heads of SIP messages: forms that stacks send, values taken apart, and bytes that are no SIP."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.sip import (
    bodies_of,
    find_end_of_head,
    find_sip,
    parameters,
    reason_of,
    split_uri,
    unpack_sip,
)

INVITE = (
    b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\nv: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8\r\n"
    b"f: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\nt: Bob <sip:bob@biloxi.example.com>\r\ni: a84b4c76e66710\r\n"
    b"CSeq:  314159   INVITE\r\nSubject: one\r\n two\r\nl: 4\r\n\r\nbody"
)


def test_a_request_in_compact_form_with_a_folded_header() -> None:
    head = unpack_sip(INVITE)
    assert head is not None
    assert (head.method, head.uri, head.status, head.whole) == ("INVITE", "sip:bob@biloxi.example.com", 0, True)
    assert head.first("call-id") == "a84b4c76e66710"
    assert (head.cseq, head.body_length) == ((314159, "INVITE"), 4)
    assert head.first("subject") == "one two"
    assert INVITE[head.size :] == b"body"


def test_a_response_with_headers_that_come_twice_and_no_reason() -> None:
    head = unpack_sip(b"SIP/2.0 401 \r\nVia: one\r\nvia: two\r\nContent-Length: x\r\n\r\n")
    assert head is not None
    assert (head.status, head.reason, head.headers["via"], head.body_length) == (401, "", ["one", "two"], None)
    assert head.cseq == (0, "")


def test_a_head_that_is_cut_or_ends_in_bare_line_feeds() -> None:
    cut = unpack_sip(INVITE[:100])
    assert cut is not None
    assert not cut.whole
    assert cut.size == 100
    assert find_end_of_head(b"SIP/2.0 200 OK\nVia: x\n\nbody") == 23


def test_what_is_no_sip() -> None:
    for data in (
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"INVITE sip:x SIP/3.0\r\n",
        b"SIP/2.0 2000 OK\r\n",
    ):
        assert unpack_sip(data) is None


def test_the_next_message_is_found_behind_a_gap() -> None:
    assert find_sip(b"rest of a body\r\nSIP/2.0 200 OK\r\n") == 16
    assert find_sip(b"tag=1\r\nBYE sip:a@b SIP/2.0\r\n") == 7
    assert find_sip(b"nothing here") == -1


def test_uris_and_parameters() -> None:
    value = '"Bob; the <builder>" <sip:bob@x;transport=tcp>;tag=a7;epid=99'
    assert split_uri("<sip:bob@x;transport=tcp>;tag=a7") == "sip:bob@x;transport=tcp"
    assert split_uri("sip:bob@x;tag=a7") == "sip:bob@x"
    assert parameters(value)["tag"] == "a7"
    assert parameters(';reason="a; \\"b\\"";source="s"') == {"reason": 'a; "b"', "source": "s"}
    assert parameters("SIP/2.0/TCP h;rport;branch=z9") == {"rport": "", "branch": "z9"}


def test_bodies_of_a_type_alone_and_in_multipart() -> None:
    assert bodies_of("application/SDP; charset=x", b"v=0", "application/sdp") == [b"v=0"]
    parts = b"--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n"
    assert bodies_of('multipart/alternative;boundary="b"', parts, "application/sdp") == [b"v=0\n"]
    assert bodies_of("multipart/mixed", parts, "application/sdp") == []
    assert bodies_of("text/plain", b"x", "application/sdp") == []


@given(st.binary(max_size=400), st.integers(0, len(INVITE)))
def test_any_bytes_give_a_head_within_them_or_none(noise: bytes, keep: int) -> None:
    for data in (noise, INVITE[:keep] + noise, INVITE.replace(b"\r\n", noise[:5], 3)):
        head = unpack_sip(data)
        assert head is None or 0 < head.size <= len(data)
        assert find_sip(data) <= len(data)
        assert all(len(part) <= len(data) for part in bodies_of("multipart/x;boundary=b", data, "application/sdp"))


def test_a_reason_is_put_in_words() -> None:
    assert reason_of('1038;reason="Failed to connect";fqdn="x"') == "1038 (Failed to connect)"
    assert reason_of("1038") == "1038"
