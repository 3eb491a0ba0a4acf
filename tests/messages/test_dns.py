"""The table of DNS messages over UDP and TCP."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.filler import dns_answer, dns_question
from tests.support.files import write_pcap
from tests.support.packets import TCP, UDP, Ethernet, IPv4, IPv6, Upper
from tests.support.tables import spaced
from wireproof.conversations import read_capture
from wireproof.messages.dns import DnsTable, build_dns, unpack_key
from wireproof.wire.dns import Question

CLIENT, SERVER = "10.1.1.1", "10.1.1.53"


def up(upper: Upper) -> bytes:
    return bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", IPv4(CLIENT, SERVER, upper)))


def down(upper: Upper) -> bytes:
    return bytes(Ethernet("02:00:00:00:00:02", "02:00:00:00:00:01", IPv4(SERVER, CLIENT, upper)))


@contextmanager
def messages(folder: Path, *frames: bytes) -> Iterator[DnsTable]:
    tables = read_capture(write_pcap(folder / "dns.pcap", spaced(frames)))
    with tables.capture:
        yield build_dns(tables)


def sized(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def test_query_and_answer_are_rows_with_header_and_question(tmp_path: Path) -> None:
    ask, give = dns_question(7, "WWW.Example.com"), dns_answer(7, "www.example.com", "192.0.2.1")
    with messages(tmp_path, up(UDP(5000, 53, ask)), down(UDP(53, 5000, give))) as dns:
        assert (dns.row.tolist(), dns.ident.tolist(), dns.flags.tolist()) == ([0, 1], [7, 7], [0x0100, 0x8580])
        assert dns.question.tolist() == [0, 0]
        assert dns.asked(0) == Question("www.example.com", 1, 1, 21)
        assert (dns.server.tolist(), dns.service.tolist(), dns.answers.tolist()) == ([1, 1], [53, 53], [0, 1])
        assert dns.read([1])[0] == give


def test_a_https_query_keeps_its_type(tmp_path: Path) -> None:
    with messages(tmp_path, up(UDP(5000, 53, dns_question(7, "A.example", 65)))) as dns:
        asked = dns.asked(0)
    assert asked is not None
    assert (asked.name, asked.kind) == ("a.example", 65)


def test_multicast_dns_and_llmnr_are_kept_apart(tmp_path: Path) -> None:
    ask = dns_question(0, "printer.local")
    with messages(tmp_path, up(UDP(5353, 5353, ask)), up(UDP(6000, 5355, ask)), up(UDP(6000, 5300, ask))) as dns:
        assert dns.service.tolist() == [5353, 5355]


def test_junk_on_the_port_is_passed_over(tmp_path: Path) -> None:
    with messages(
        tmp_path, up(UDP(5000, 53, b"0&\x02\x01\x01\x04\x06public\xa0\x19\x02\x04")), up(UDP(5000, 53, b"short"))
    ) as dns:
        assert len(dns) == 0


def test_a_cut_question_leaves_the_header(tmp_path: Path) -> None:
    with messages(tmp_path, up(UDP(5000, 53, dns_question(9, "www.example.com")))[:-8]) as dns:
        assert (dns.ident.tolist(), dns.question.tolist(), dns.asked(0)) == ([9], [-1], None)


def test_messages_of_a_tcp_stream_are_found_behind_their_lengths(tmp_path: Path) -> None:
    one, two = sized(dns_question(1, "one.example")), sized(dns_question(2, "two.example"))
    with messages(
        tmp_path,
        up(TCP(5000, 53, 100, flags="S")),
        down(TCP(53, 5000, 500, 101, "SA")),
        up(TCP(5000, 53, 101, 501, "PA", payload=one + two)),
    ) as dns:
        assert (dns.row.tolist(), dns.ident.tolist()) == ([2, 2], [1, 2])


def test_a_message_over_several_segments_is_one(tmp_path: Path) -> None:
    whole = sized(dns_question(1, "one.example")) + sized(dns_question(2, "two.example"))
    cuts = (0, 2, 20, 33, len(whole))
    frames = [
        up(TCP(5000, 53, 101 + start, 501, "PA", payload=whole[start:end])) for start, end in itertools.pairwise(cuts)
    ]
    with messages(tmp_path, up(TCP(5000, 53, 100, flags="S")), *frames) as dns:
        assert dns.ident.tolist() == [1, 2]


def test_a_repeated_segment_is_no_second_message(tmp_path: Path) -> None:
    frame = up(TCP(5000, 53, 101, 501, "PA", payload=sized(dns_question(1, "one.example"))))
    with messages(tmp_path, up(TCP(5000, 53, 100, flags="S")), frame, frame) as dns:
        assert len(dns) == 1


def test_between_two_servers_the_receiver_of_a_query_is_asked(tmp_path: Path) -> None:
    ask = UDP(53, 53, dns_question(3, "example.com"))
    with messages(tmp_path, down(ask), up(UDP(53, 53, dns_answer(3, "example.com", "192.0.2.1")))) as dns:
        ends = [dns.tables.conversations[0].address(int(side)) for side in dns.server]
    assert ends == [CLIENT, CLIENT]


def test_dns_over_ipv6_is_read(tmp_path: Path) -> None:
    packet = IPv6("2001:db8::1", "2001:db8::53", UDP(5000, 53, dns_question(4, "example.com", 28)))
    with messages(tmp_path, bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet))) as dns:
        asked = dns.asked(0)
    assert asked is not None
    assert asked.kind == 28


def test_a_key_that_is_no_question_gives_none() -> None:
    assert unpack_key(b"\x03www") is None
    assert unpack_key(b"\x03www\0\0") is None
