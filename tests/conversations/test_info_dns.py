"""The Info column of DNS, and names that try to lead the reader astray."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.conversations.info_dns import read_name, tell_dns


def name(text: str) -> bytes:
    return b"".join(bytes((len(label),)) + label.encode() for label in text.split(".")) + b"\0"


def message(flags: int, answers: list[bytes], kind: int = 1, asked: str = "www.example.com") -> bytes:
    head = struct.pack(">HHHHHH", 0x1A2B, flags, 1, len(answers), 0, 0)
    return head + name(asked) + struct.pack(">HH", kind, 1) + b"".join(answers)


def answer(kind: int, value: bytes) -> bytes:
    """An answer about the question's own name, which a pointer names."""
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(value)) + value


def test_a_question_names_type_and_name() -> None:
    assert tell_dns(message(0x0100, [], kind=28)) == "Standard query 0x1a2b AAAA www.example.com"


def test_an_answer_tells_addresses_and_aliases() -> None:
    parts = [answer(5, name("edge.example.net")), answer(1, bytes((192, 0, 2, 7)))]
    told = tell_dns(message(0x8180, parts))
    assert told == "Standard query response 0x1a2b A www.example.com CNAME edge.example.net A 192.0.2.7"


@pytest.mark.parametrize(("code", "words"), [(2, "Server failure"), (3, "No such name"), (5, "Refused")])
def test_an_error_is_named(code: int, words: str) -> None:
    assert tell_dns(message(0x8180 | code, [])) == f"Standard query response 0x1a2b {words} A www.example.com"


def test_many_answers_are_counted() -> None:
    told = tell_dns(message(0x8180, [answer(1, bytes((192, 0, 2, turn))) for turn in range(9)]))
    assert told.endswith("A 192.0.2.3 and 5 more")


def test_a_cut_message_says_so() -> None:
    assert tell_dns(message(0x0100, [])[:20]).endswith("(cut short)")
    assert tell_dns(b"\0" * 11) == ""


def test_bytes_that_would_move_a_cursor_are_escaped() -> None:
    assert read_name(b"\x03a\x1bb\0", 0) == ("a\\027b", 5)


def test_a_name_that_points_at_itself_ends() -> None:
    with pytest.raises(IndexError):
        read_name(b"\xc0\x00", 0)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    assert isinstance(tell_dns(data), str)
