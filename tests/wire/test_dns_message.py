"""Whole DNS messages are read as dnspython reads them, and hostile ones as far as they go."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.dns_message import (
    embedded_ipv4,
    printable,
    record_text,
    target_name,
    unpack_edns,
    unpack_header,
    unpack_sections,
)


def response(*records: str, name: str = "www.example.com", kind: str = "A") -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    made = dns.message.make_response(query)
    made.answer = [dns.rrset.from_text(*record.split(" ", 4)) for record in records]
    return made


def texts(message: dns.message.Message) -> list[str]:
    data = message.to_wire()
    return [record_text(data, record) for record in unpack_sections(data).answers]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ("www.example.com. 300 IN A 10.0.0.1", "www.example.com 300 A 10.0.0.1"),
        ("www.example.com. 300 IN AAAA 2001:db8::1", "www.example.com 300 AAAA 2001:db8::1"),
        ("www.example.com. 5 IN CNAME web.example.com.", "www.example.com 5 CNAME web.example.com"),
        ("example.com. 60 IN MX 10 mail.example.com.", "example.com 60 MX 10 mail.example.com"),
        (
            "_ldap._tcp.example.com. 60 IN SRV 0 100 389 dc1.example.com.",
            "_ldap._tcp.example.com 60 SRV 0 100 389 dc1.example.com",
        ),
        ('example.com. 60 IN TXT "v=spf1 -all" "x"', 'example.com 60 TXT "v=spf1 -all" "x"'),
        (
            "example.com. 60 IN SOA ns.example.com. admin.example.com. 7 3600 600 86400 300",
            "example.com 60 SOA ns.example.com admin.example.com 7 3600 600 86400 300",
        ),
        ("example.com. 60 IN NS .", "example.com 60 NS ."),
        ("example.com. 60 IN DS 1 8 2 " + "ab" * 32, "example.com 60 DS (36 bytes)"),
    ],
)
def test_records_are_told_as_zone_files_write_them(record: str, text: str) -> None:
    assert texts(response(record)) == [text]


def test_sections_are_kept_apart() -> None:
    message = response("www.example.com. 300 IN A 10.0.0.1")
    message.authority = [dns.rrset.from_text("example.com.", 60, "IN", "NS", "ns.example.com.")]
    message.additional = [dns.rrset.from_text("ns.example.com.", 60, "IN", "A", "10.0.0.9")]
    data = message.to_wire()
    found = unpack_sections(data)
    assert [len(section) for section in found[:3]] == [1, 1, 1]
    assert found.whole
    assert found.additionals[0].address == "10.0.0.9"
    assert target_name(data, found.authorities[0]) == "ns.example.com"
    assert not unpack_sections(data[:-1]).whole


def test_a_message_cut_short_gives_the_records_before_the_cut() -> None:
    data = response("www.example.com. 300 IN A 10.0.0.1", "a.example.com. 300 IN A 10.0.0.2").to_wire()
    assert [len(unpack_sections(data[:size]).answers) for size in (len(data), len(data) - 1, 40, 12)] == [2, 1, 0, 0]


def test_edns_tells_size_do_bit_and_the_extended_error() -> None:
    message = response()
    message.use_edns(0, dns.flags.DO, 1232, options=[dns.edns.EDEOption(6, "no SIG.\x07")])
    data = message.to_wire()
    edns = unpack_edns(data, unpack_sections(data).additionals)
    assert edns == (1232, True, "DNSSEC bogus: no SIG.\\007")
    assert unpack_edns(b"", []) is None


def test_an_extended_error_without_words_or_of_an_unknown_number() -> None:
    for code, text in ((15, "blocked"), (9999, "extended error 9999")):
        message = response()
        message.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(99, b"x"), dns.edns.EDEOption(code)])
        data = message.to_wire()
        assert unpack_edns(data, unpack_sections(data).additionals) == (1232, False, text)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("64:ff9b::c000:221", "192.0.2.33"),
        ("fd12:3456:789a:7777::a00:5", "10.0.0.5"),
        ("fd12:3456:789a:7778::a00:5", ""),
        ("2001:db8::a00:5", ""),
        ("10.0.0.5", ""),
    ],
)
def test_an_address_that_dns64_made_tells_the_ipv4_address_inside(address: str, inside: str) -> None:
    assert embedded_ipv4(address) == inside


def test_what_is_no_message_has_no_header() -> None:
    assert unpack_header(b"\x12\x34" + bytes(9)) is None
    assert unpack_header(b"\x12\x34\x78\0" + bytes(8)) is None
    assert unpack_header(b"\x12\x34\0\0\0\x63" + bytes(6)) is None
    assert unpack_header(b"\x12\x34\x81\x80" + bytes(8)) == (0x1234, 0x8180)


def test_text_can_not_move_the_cursor() -> None:
    assert printable(b"a \x1b[2J") == "a \\027[2J"


names = st.lists(st.text("abc-", min_size=1, max_size=9), min_size=1, max_size=4).map(".".join)
addresses = st.ip_addresses(v=4).map(str)


@given(st.lists(st.tuples(names, st.integers(0, 2**31 - 1), addresses), max_size=20, unique_by=lambda item: item[0]))
def test_dnspython_agrees(records: list[tuple[str, int, str]]) -> None:
    message = response(*(f"{name}. {ttl} IN A {address}" for name, ttl, address in records))
    assert texts(message) == [f"{name} {ttl} A {address}" for name, ttl, address in records]


@given(st.binary(max_size=300), st.data())
def test_any_bytes_are_read_without_harm(noise: bytes, data: st.DataObject) -> None:
    message = bytearray(
        response("www.example.com. 300 IN A 10.0.0.1", "example.com. 60 IN MX 10 mail.example.com.").to_wire()
    )
    at = data.draw(st.integers(0, len(message)))
    for mutated in (noise, bytes(message[:at]) + noise, noise[:12].ljust(12, b"\0") + bytes(message[12:])):
        if unpack_header(mutated) is None:
            continue
        sections = unpack_sections(mutated)
        for record in (*sections.answers, *sections.authorities, *sections.additionals):
            assert record_text(mutated, record).isprintable()
            target_name(mutated, record)
        unpack_edns(mutated, sections.additionals)
