"""Conversations are told by client and server, and give their rows in the order of the file."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.packets import LINK_TYPES, TCP, UDP, IPv4, IPv6, Raw, fragment_v4
from tests.support.tables import decode, read_frames, spaced
from wireproof.conversations._track import group_rows
from wireproof.conversations.talks import endpoint, read_address

RAW = LINK_TYPES["raw"]
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"


@pytest.mark.parametrize(
    ("first", "client"),
    [
        pytest.param(UDP(50000, 53), 50000, id="to a system port"),
        pytest.param(UDP(53, 50000), 50000, id="from a system port"),
        pytest.param(UDP(8080, 50000), 50000, id="from a registered port"),
        pytest.param(UDP(8080, 443), 8080, id="registered to system port"),
        pytest.param(UDP(50001, 50000), 50001, id="two ephemeral ports: who spoke first"),
        pytest.param(UDP(138, 137), 138, id="two system ports: who spoke first"),
    ],
)
def test_without_a_syn_the_ports_tell_the_client(first: UDP, client: int) -> None:
    _, talks = decode([IPv4(CLIENT, SERVER, first)], RAW)
    assert talks[0].client["port"] == client


def test_a_syn_outweighs_the_ports() -> None:
    _, talks = decode([IPv4(CLIENT, SERVER, TCP(80, 50000, flags="S"))], RAW)
    assert talks[0].client["port"] == 80


def test_rows_of_a_conversation_and_of_its_sides() -> None:
    ask, answer, other = UDP(50000, 53), UDP(53, 50000), UDP(50001, 53)
    _, talks = decode(
        [
            IPv4(CLIENT, SERVER, ask),
            IPv4(CLIENT, SERVER, other),
            IPv4(SERVER, CLIENT, answer),
            IPv4(CLIENT, SERVER, ask),
        ],
        RAW,
    )
    assert talks.rows(0).tolist() == talks[0].rows.tolist() == [0, 2, 3]
    assert talks.rows_of_side(0, 0).tolist() == [0, 3]
    assert talks.rows_of_side(0, 1).tolist() == [2]
    assert talks.rows(1).tolist() == [1]
    rows, counts = talks.rows_of(np.array([1, 0, 1]))
    assert (rows.tolist(), counts.tolist()) == ([1, 0, 2, 3, 1], [1, 3, 1])
    assert [found.tolist() for found in talks.rows_of(np.zeros(0, np.int64))] == [[], []]


def test_a_reassembled_packet_stands_where_its_last_fragment_came(tmp_path: object) -> None:
    whole = IPv4(CLIENT, SERVER, UDP(50000, 53, bytes(2000)), dont_fragment=False)
    short = IPv4(CLIENT, SERVER, UDP(50000, 53))
    tables = read_frames(tmp_path, spaced([short, *fragment_v4(whole, 1480), short]), RAW)
    assert tables.conversations.rows(0).tolist() == [0, 4, 3]
    assert [tables.packets.number(row) for row in tables.conversations.rows(0)] == [1, 3, 4]


def test_facts_of_all_clients_and_servers_in_order() -> None:
    _, talks = decode([IPv4(SERVER, CLIENT, UDP(53, 50000)), IPv4(CLIENT, SERVER, UDP(50001, 53))], RAW)
    assert talks.client_facts["port"].tolist() == [50000, 50001]
    assert talks.server_facts["port"].tolist() == [53, 53]
    assert talks.is_tcp.tolist() == [False, False]


def test_names_and_endpoints() -> None:
    _, talks = decode(
        [IPv6("2001:db8::1", "2001:db8::2", TCP(1, 2)), IPv4(CLIENT, SERVER, Raw(50, bytes(20))),
         IPv4(CLIENT, SERVER, Raw(99, bytes(20)))], RAW
    )  # fmt: skip
    assert [talk.protocol for talk in talks] == ["tcp", "esp", "99"]
    assert [talk.client_endpoint for talk in talks] == ["[2001:db8::1]:1", CLIENT, CLIENT]
    assert talks[1].server_endpoint == SERVER


def test_a_number_that_is_none_is_refused() -> None:
    _, talks = decode([IPv4(CLIENT, SERVER, UDP(1, 2))], RAW)
    for number in (-1, 1):
        with pytest.raises(IndexError):
            talks[number]


def test_no_packets_make_no_conversations() -> None:
    packets, talks = decode([], RAW)
    assert (len(packets), len(talks), list(talks)) == (0, 0, [])
    assert talks.client_facts.shape == (0,)


def test_facts_can_be_written_by_those_who_know_better() -> None:
    """The records are the tracker's own memory, not a copy that can't be changed."""
    _, talks = decode([IPv4(CLIENT, SERVER, UDP(1, 2))], RAW)
    talks.facts["client"][0] = 1
    assert talks[0].client["port"] == 2
    assert talks.facts.flags.writeable
    assert talks.facts.base is not None
    assert np.shares_memory(talks.facts, talks[0].facts)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (bytes(10) + b"\xff\xff\x0a\0\0\1", "10.0.0.1"),
        (bytes(15) + b"\1", "::1"),
        (b"\xfe\x80" + bytes(13) + b"\1", "fe80::1"),
    ],
)
def test_addresses_are_read_as_they_are_written(raw: bytes, text: str) -> None:
    assert read_address(raw) == text


def test_ipv6_endpoints_are_written_in_brackets() -> None:
    assert endpoint("::1", 80) == "[::1]:80"
    assert endpoint("10.0.0.1", 80) == "10.0.0.1:80"


def test_a_side_fact_is_told_of_all_conversations_and_cannot_be_changed() -> None:
    _, talks = decode([IPv4(CLIENT, SERVER, UDP(50000, 53)), IPv4(CLIENT, SERVER, UDP(50001, 53))], RAW)
    ports = talks.side_facts("port")
    assert ports.tolist() == [[50000, 53], [50001, 53]]
    assert talks.side_facts("port") is ports
    with pytest.raises(ValueError, match="read-only"):
        ports[0, 0] = 1


def test_rows_are_grouped_as_a_stable_sort_groups_them() -> None:
    numbers = np.random.default_rng(7).integers(-1, 40, 5000).astype(np.int32)
    order, starts = np.empty(5000, np.int64), np.empty(42, np.int64)
    group_rows(numbers, order, starts)
    expected = np.argsort(numbers, kind="stable")
    assert order.tolist() == expected.tolist()
    assert starts.tolist() == np.searchsorted(numbers[expected], np.arange(42)).tolist()


def test_grouping_nothing_and_too_little_room() -> None:
    order, starts = np.empty(0, np.int64), np.empty(1, np.int64)
    group_rows(np.empty(0, np.int32), order, starts)
    assert starts.tolist() == [0]
    with pytest.raises(IndexError, match="as many entries"):
        group_rows(np.zeros(3, np.int32), order, starts)
