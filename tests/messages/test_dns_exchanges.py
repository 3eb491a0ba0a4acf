"""DNS queries paired with their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from examples.filler import dns_answer, dns_question
from tests.support.files import SECOND, Frame, write_pcap
from tests.support.packets import UDP, Ethernet, IPv4
from wireproof.conversations import read_capture
from wireproof.messages.dns import build_dns
from wireproof.messages.dns_exchanges import DnsExchanges, pair_dns

CLIENT, SERVER = "10.1.1.1", "10.1.1.53"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def query(time_s: float, ident: int, name: str, port: int = 5000, server: str = SERVER) -> Frame:
    packet = IPv4(CLIENT, server, UDP(port, 53, dns_question(ident, name)))
    return Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, packet)))


def answer(time_s: float, ident: int, name: str, port: int = 5000, server: str = SERVER) -> Frame:
    packet = IPv4(server, CLIENT, UDP(53, port, dns_answer(ident, name, "192.0.2.1")))
    return Frame(round(time_s * SECOND), bytes(Ethernet(*MACS[::-1], packet)))


@contextmanager
def pairs(folder: Path, frames: Sequence[Frame]) -> Iterator[DnsExchanges]:
    tables = read_capture(write_pcap(folder / "dns.pcap", frames, nanoseconds=True))
    with tables.capture:
        yield pair_dns(build_dns(tables))


def test_an_answer_is_paired_with_its_query(tmp_path: Path) -> None:
    with pairs(tmp_path, [query(1, 7, "a.example"), answer(1.25, 7, "a.example")]) as found:
        assert (found.query.tolist(), found.answer.tolist(), found.wait_ns().tolist()) == ([0], [1], [SECOND // 4])


def test_repeats_of_a_query_are_one_exchange(tmp_path: Path) -> None:
    frames = [query(1, 7, "a.example"), query(2, 7, "a.example"), query(4, 7, "a.example"), answer(4.5, 7, "a.example")]
    with pairs(tmp_path, frames) as found:
        assert (found.queries.tolist(), found.answers.tolist(), found.last_query.tolist()) == ([3], [1], [2])
        assert (found.wait_ns().tolist(), found.wait_ns(since_last=True).tolist()) == ([3.5 * SECOND], [SECOND / 2])


def test_queries_that_cross_each_other_keep_their_answers(tmp_path: Path) -> None:
    frames = [
        query(1, 7, "a.example"),
        query(1.1, 8, "b.example"),
        answer(1.2, 8, "b.example"),
        answer(1.3, 7, "a.example"),
    ]
    with pairs(tmp_path, frames) as found:
        assert (found.query.tolist(), found.answer.tolist()) == ([0, 1], [3, 2])


def test_one_identifier_for_two_questions_makes_two_exchanges(tmp_path: Path) -> None:
    frames = [
        query(1, 7, "a.example"),
        query(1, 7, "b.example"),
        answer(1.2, 7, "a.example"),
        answer(1.3, 7, "b.example"),
    ]
    with pairs(tmp_path, frames) as found:
        assert (found.query.tolist(), found.answer.tolist()) == ([0, 1], [2, 3])


def test_an_identifier_used_again_makes_a_new_exchange(tmp_path: Path) -> None:
    first = [query(1, 7, "a.example"), answer(1.2, 7, "a.example")]
    again = [query(9, 7, "a.example"), query(99, 7, "a.example")]
    with pairs(tmp_path, [*first, *again]) as found:
        assert (found.queries.tolist(), found.answer.tolist()) == ([1, 1, 1], [1, -1, -1])
        assert found.wait_ns().tolist() == [SECOND // 5, -1, -1]


def test_an_answer_without_a_query_is_kept(tmp_path: Path) -> None:
    with pairs(tmp_path, [answer(1, 7, "a.example")]) as found:
        assert (found.query.tolist(), found.answer.tolist(), found.first_ns().tolist()) == ([-1], [0], [SECOND])


def test_an_error_that_repeats_no_question_belongs_to_the_last_query(tmp_path: Path) -> None:
    bare = IPv4(SERVER, CLIENT, UDP(53, 5000, bytes.fromhex("000780010000000000000000")))
    frames = [query(1, 7, "a.example"), Frame(round(1.1 * SECOND), bytes(Ethernet(*MACS[::-1], bare)))]
    with pairs(tmp_path, frames) as found:
        assert (found.query.tolist(), found.answer.tolist()) == ([0], [1])


def test_asker_and_asked_are_numbered(tmp_path: Path) -> None:
    frames = [query(1, 7, "a.example"), query(2, 8, "a.example", server="10.1.1.54"), answer(3, 7, "a.example")]
    with pairs(tmp_path, frames) as found:
        assert len(set(found.asker.tolist())) == 1
        assert [found.addresses[number][-4:] for number in found.asked] == [
            bytes((10, 1, 1, 53)),
            bytes((10, 1, 1, 54)),
        ]


def test_multicast_dns_is_not_paired(tmp_path: Path) -> None:
    packet = IPv4(CLIENT, "224.0.0.251", UDP(5353, 5353, dns_question(0, "printer.local")))
    with pairs(tmp_path, [Frame(SECOND, bytes(Ethernet(*MACS, packet)))]) as found:
        assert len(found) == 0
