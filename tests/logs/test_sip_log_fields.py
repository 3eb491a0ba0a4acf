"""Fields and body of a record: one a line, run together, copied with empty lines, and with other text behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs.sip_log_fields import part_fields, read_fields

RECORD = """
Direction: outgoing;source="local"
Peer: 10.1.1.1:62973
Start-Line: SIP/2.0 200 OK
Via: SIP/2.0/TLS 10.1.1.1:62973;branch=z9hG4bK1
Content-Type: application/sdp
Message-Body: v=0
o=- 0 0 IN IP4 1.1.1.1
c=IN IP4 1.1.1.1
m=audio 50704 RTP/AVP 0
a=candidate:1 1 UDP 1 10.0.0.1 5000 typ host
"""


def test_fields_and_body() -> None:
    fields = read_fields(RECORD, whole=True)
    assert [name for name, _ in fields.pairs] == ["Direction", "Peer", "Start-Line", "Via", "Content-Type"]
    assert fields.first("peer") == "10.1.1.1:62973"
    assert fields.first("subject") == ""
    assert fields.body.splitlines()[0] == "v=0"
    assert fields.body.splitlines()[-1] == "a=candidate:1 1 UDP 1 10.0.0.1 5000 typ host"


@pytest.mark.parametrize("join", [" ", "\n\n", "\n \n", "\r\n"])
def test_the_same_run_together_or_spaced_out(join: str) -> None:
    assert read_fields(join.join(RECORD.strip().split("\n")), whole=True) == read_fields(RECORD, whole=True)


def test_a_folded_value_is_one_value() -> None:
    assert read_fields("Subject: one\n two\n\tthree\nTo: x", whole=True).pairs == [
        ("Subject", "one two three"),
        ("To", "x"),
    ]


def test_other_text_behind_a_record_without_end_is_not_taken_for_its_fields() -> None:
    text = "To: x\nand the response back to client:\nServer: y"
    assert read_fields(text, whole=False).pairs == [("To", "x")]
    assert read_fields(text, whole=True).pairs == [("To", "x"), ("Server", "y")]
    assert (
        read_fields("To: x\nv=0\nm=audio 1 RTP/AVP 0\nSo we expect the media\na=b", whole=False).body
        == "v=0\nm=audio 1 RTP/AVP 0\n"
    )


def test_a_path_or_an_address_of_the_web_is_no_field() -> None:
    assert read_fields("C:\\Users\\x>telnet 1.2.3.4 5061\nhttp://contoso.com\nTo: x", whole=True).pairs == [("To", "x")]


def test_a_body_behind_an_empty_line_keeps_the_parts_of_a_multipart_message() -> None:
    text = (
        'To: x\nContent-Type: multipart/alternative;boundary="a"\n\n--a\nContent-Type: application/sdp\n\nv=0\n--a--\n'
    )
    assert read_fields(text, whole=False).body == "--a\nContent-Type: application/sdp\n\nv=0\n--a--\n"


@pytest.mark.parametrize("body", ["-", "", "----****MESSAGE BODY DELETED****----"])
def test_a_body_that_was_left_out_is_none(body: str) -> None:
    assert read_fields(f"To: x\nMessage-Body: {body}\n", whole=True).body == ""


@given(st.text(alphabet=st.sampled_from("To: Via:\n\t =vmPeer:Message-Body"), max_size=300), st.booleans())
def test_any_text_gives_fields_with_names_and_no_more_text_than_it_has(text: str, whole: bool) -> None:
    fields = read_fields(text, whole)
    assert all(name and ":" not in name and "\n" not in value for name, value in fields.pairs)
    assert len(fields.body) + sum(len(name) + len(value) for name, value in fields.pairs) <= len(text) + 1


def test_two_fields_on_one_line_are_parted_where_it_is_known_that_they_run_together() -> None:
    assert part_fields("CSEQ: 2 BYE CONTENT-LENGTH: 0") == "CSEQ: 2 BYE\nCONTENT-LENGTH: 0"
    assert read_fields("CSEQ: 2 BYE CONTENT-LENGTH: 0", whole=True).pairs == [("CSEQ", "2 BYE CONTENT-LENGTH: 0")]
