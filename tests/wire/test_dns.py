"""DNS names, questions and records from bytes, with dnspython as the independent writer."""

from __future__ import annotations

import struct

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.dns import (
    Question,
    label_text,
    rcode_name,
    type_name,
    unpack_name,
    unpack_question,
    unpack_rcode,
    unpack_records,
)


def answer() -> bytes:
    """An answer with an alias, two addresses and an authority, its names compressed."""
    query = dns.message.make_query("www.example.com", "A", use_edns=0)
    made = dns.message.make_response(query)
    made.answer.append(dns.rrset.from_text("www.example.com.", 60, "IN", "CNAME", "web.example.com."))
    made.answer.append(dns.rrset.from_text("web.example.com.", 300, "IN", "A", "192.0.2.7"))
    made.authority.append(dns.rrset.from_text("example.com.", 900, "IN", "NS", "ns1.example.com."))
    made.additional.append(dns.rrset.from_text("ns1.example.com.", 900, "IN", "AAAA", "2001:db8::53"))
    return made.to_wire()


def test_question_and_addresses_of_an_answer_written_by_another_library() -> None:
    message = b"\0\0" + answer()
    assert unpack_question(message, 2) == Question("www.example.com", 1, 1, 2 + 12 + 17 + 4)
    found = [(record.name, record.kind, record.ttl_s, record.address) for record in unpack_records(message, 2)]
    assert found[:4] == [
        ("www.example.com", 5, 60, ""),
        ("web.example.com", 1, 300, "192.0.2.7"),
        ("example.com", 2, 900, ""),
        ("ns1.example.com", 28, 900, "2001:db8::53"),
    ]


@pytest.mark.parametrize("size", range(0, 150, 7))
def test_a_cut_message_gives_what_stands_before_the_cut(size: int) -> None:
    whole, cut = unpack_records(answer()), unpack_records(answer()[:size])
    assert cut == whole[: len(cut)]


def test_a_pointer_to_itself_or_forward_gives_none() -> None:
    assert unpack_name(b"\xc0\x00", 0) is None
    assert unpack_name(b"\x01a\xc0\x04\x01b\0", 0) is None


def test_two_pointers_in_a_circle_give_none() -> None:
    assert unpack_name(b"\x01a\xc0\x04\x01b\xc0\x00", 4) is None


def test_a_pointer_backwards_is_followed() -> None:
    assert unpack_name(b"\x01a\0\x01b\xc0\x00", 3) == ("b.a", 7)


def test_a_name_longer_than_allowed_gives_none() -> None:
    assert unpack_name(b"\x3f" + bytes(63) + (b"\x3f" + b"a" * 63) * 4 + b"\0", 0) is None


def test_odd_bytes_in_labels_are_written_as_zone_files_do() -> None:
    assert label_text(b"a.b\\ \xff") == "a\\046b\\092\\032\\255"


def test_many_stated_records_cost_no_more_than_those_that_are_there() -> None:
    assert unpack_records(struct.pack("!6H", 1, 0x8180, 0, 0xFFFF, 0xFFFF, 0xFFFF)) == []


def test_the_extended_response_code_is_put_together() -> None:
    query = dns.message.make_query("test.example.com", "A", use_edns=0)
    made = dns.message.make_response(query)
    made.set_rcode(dns.rcode.BADVERS)
    assert unpack_rcode(made.to_wire()) == 16
    made.set_rcode(dns.rcode.SERVFAIL)
    assert unpack_rcode(made.to_wire()) == 2
    assert unpack_rcode(b"\0") == 0


def test_names_of_codes_and_types() -> None:
    assert (rcode_name(3), rcode_name(3841)) == ("NXDOMAIN", "response code 3841")
    assert (type_name(65), type_name(65280)) == ("HTTPS", "TYPE65280")


@given(st.binary(max_size=200), st.integers(0, 40))
def test_any_bytes_end_without_an_error(data: bytes, start: int) -> None:
    unpack_question(data, start)
    unpack_rcode(data, start)
    assert len(unpack_records(data, start)) <= 200
