"""DNS messages with their records: over UDP and TCP, each response with its query, cut ones as far as they go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from hypothesis import given
from hypothesis import strategies as st

from tests.support.said_over import HEADERS, datagram, opened, said
from wireproof.conversations import CaptureTables
from wireproof.messages.dns_records import DnsMessage, Queries, build_dns_records, measure_framed, read_message
from wireproof.messages.framed import Place
from wireproof.messages.table import MessageTable
from wireproof.streams import find_protocols

NAME = "www.example.com"
DNS_PORTS = (50001, 53)


def query(name: str = NAME, kind: str = "A", ident: int = 7) -> bytes:
    return dns.message.make_query(name, kind, id=ident).to_wire()


def response(
    records: Sequence[str], name: str = NAME, kind: str = "A", ident: int = 7, rcode: int = 0, flags: int = 0
) -> bytes:
    made = dns.message.make_response(dns.message.make_query(name, kind, id=ident))
    made.answer = [dns.rrset.from_text(*record.split(" ", 4)) for record in records]
    made.set_rcode(rcode)
    made.flags |= flags
    return made.to_wire()


def table(tables: CaptureTables) -> MessageTable[DnsMessage]:
    return build_dns_records(tables, find_protocols(tables.conversations))


def framed(*messages: bytes) -> bytes:
    return b"".join(len(message).to_bytes(2, "big") + message for message in messages)


ANSWER = response([f"{NAME}. 300 IN CNAME web.example.com.", "web.example.com. 60 IN A 10.0.0.1"])


def test_an_exchange_over_udp(tmp_path: Path) -> None:
    with opened(tmp_path, [datagram("client", query()), datagram("server", ANSWER)]) as tables:
        asked, told = table(tables)
    assert (asked.name, asked.kind, asked.rcode, asked.response, asked.recursion_desired) == (
        NAME,
        "A",
        "",
        False,
        True,
    )
    assert (told.name, told.rcode, told.response, told.query_row, told.cut) == (NAME, "NOERROR", True, 0, False)
    assert (told.aliases, told.addresses, told.ttl_s) == (("web.example.com",), ("10.0.0.1",), 60)
    assert told.records == (f"{NAME} 300 CNAME web.example.com", "web.example.com 60 A 10.0.0.1")
    assert (told.side, told.row, told.last_row, told.service, told.transport) == (1, 1, 1, "dns", "udp")


def test_several_messages_in_one_segment_and_one_in_several_over_tcp(tmp_path: Path) -> None:
    lines = [
        ("client", framed(query(), query(ident=8))),
        ("server", framed(ANSWER, response([], ident=8, rcode=dns.rcode.NXDOMAIN))),
    ]
    with opened(tmp_path, said(lines, DNS_PORTS, size=50)) as tables:
        found = table(tables)
        rows = [(message.row, message.last_row) for message in found]
    assert [(message.ident, message.rcode) for message in found] == [(7, ""), (8, ""), (7, "NOERROR"), (8, "NXDOMAIN")]
    assert rows == [(3, 3), (3, 4), (5, 6), (6, 7)]
    assert [message.query_row for message in found] == [-1, -1, 3, 4]
    assert {message.transport for message in found} == {"tcp"}


def test_a_truncated_answer_says_so(tmp_path: Path) -> None:
    with opened(tmp_path, [datagram("server", response([], flags=dns.flags.TC))]) as tables:
        (told,) = table(tables)
    assert (told.truncated, told.query_row) == (True, -1)


def test_a_frame_cut_by_the_capture_says_so(tmp_path: Path) -> None:
    with opened(tmp_path, [datagram("server", ANSWER)], snap_length=HEADERS + 40) as tables:
        (told,) = table(tables)
    assert told.cut
    assert told.name == NAME


def test_dns64_answers_tell_the_ipv4_address_inside(tmp_path: Path) -> None:
    answer = response([f"{NAME}. 60 IN AAAA fd00:1:2:7777::a00:5"], kind="AAAA")
    with opened(tmp_path, [datagram("server", answer)]) as tables:
        (told,) = table(tables)
    assert (told.addresses, told.embedded) == (("fd00:1:2:7777::a00:5",), ("10.0.0.5",))


def test_an_answer_to_another_name_is_not_taken_for_the_query_s(tmp_path: Path) -> None:
    frames = [datagram("client", query()), datagram("server", response([], name="other.example"))]
    with opened(tmp_path, frames) as tables:
        assert table(tables)[1].query_row == -1


def test_the_last_of_several_queries_is_taken_whatever_the_case_of_its_letters(tmp_path: Path) -> None:
    frames = [datagram("client", query()), datagram("client", query("WWW.Example.com")), datagram("server", ANSWER)]
    with opened(tmp_path, frames) as tables:
        assert table(tables)[2].query_row == 1


def test_multicast_dns_and_llmnr_are_told_apart(tmp_path: Path) -> None:
    frames = [datagram("client", query(), (5353, 5353)), datagram("client", query(), (50001, 5355))]
    with opened(tmp_path, frames) as tables:
        assert [message.service for message in table(tables)] == ["mdns", "llmnr"]


def test_other_traffic_on_the_port_is_no_message(tmp_path: Path) -> None:
    frames = [
        datagram("client", b"\xff" * 40),
        datagram("client", b"short"),
        *said([("client", b"\xff" * 80)], DNS_PORTS),
    ]
    with opened(tmp_path, frames) as tables:
        assert len(table(tables)) == 0


def test_a_message_over_tcp_is_as_long_as_it_says() -> None:
    assert measure_framed(framed(query())[:16]) == len(query()) + 2
    assert measure_framed(b"\0\x05abcde") is None
    assert measure_framed(b"\0\x40" + b"\xff" * 14) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_none(data: bytes) -> None:
    place = Place(conversation=0, side=0, row=0, last_row=0, time_ns=0, cut=False)
    for message in (data, ANSWER[:30] + data, ANSWER[:4] + data):
        made = read_message(message, place, "dns", "udp", Queries())
        assert made is None or len(made.records) <= 200
