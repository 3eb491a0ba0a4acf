"""Packets find their conversation, and its facts say what each side sent and when."""

from __future__ import annotations

import pytest

from tests.support.files import Frame
from tests.support.packets import (
    ICMP,
    LINK_TYPES,
    TCP,
    UDP,
    IPv4,
    IPv6,
    mss,
    quoting,
    sack_permitted,
    timestamps,
    wscale,
)
from tests.support.tables import batch_of, decode
from wireproof.conversations import Talk
from wireproof.conversations._track import Tracker
from wireproof.table import PacketTable
from wireproof.table._decode import HeaderBatch

RAW = LINK_TYPES["raw"]
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
MS = 1_000_000
Step = tuple[float, str, str, int, int, int]


def play(*steps: Step, options: bytes = b"", ttl: int = 64) -> Talk:
    """Segments between two hosts: milliseconds, side ("c" or "s"), flags, seq, ack, bytes."""
    frames = []
    for time_ms, side, flags, seq, ack, size in steps:
        ends, ports = ((CLIENT, SERVER), (1099, 80)) if side == "c" else ((SERVER, CLIENT), (80, 1099))
        segment = TCP(*ports, seq, ack, flags, 1000, options if "S" in flags else b"", bytes(size))
        frames.append(Frame(round((1000 + time_ms) * MS), bytes(IPv4(*ends, segment, ttl=ttl + (side == "s")))))
    return decode(frames, RAW)[1][0]


OPENING: tuple[Step, ...] = ((0, "c", "S", 100, 0, 0), (20, "s", "SA", 500, 101, 0), (21, "c", "A", 101, 501, 0))


def test_addresses_ports_and_protocol_tell_conversations_apart() -> None:
    tcp, udp = TCP(1, 2), UDP(1, 2)
    packets, talks = decode(
        [IPv4(CLIENT, SERVER, tcp), IPv4(CLIENT, SERVER, udp), IPv4(SERVER, CLIENT, TCP(2, 1)),
         IPv4(CLIENT, SERVER, TCP(1, 3)), IPv4(CLIENT, "10.0.0.3", tcp), IPv6("::1", "::2", tcp), IPv4(CLIENT, SERVER, tcp)],
        RAW,
    )  # fmt: skip
    assert packets.conversation.tolist() == [0, 1, 0, 2, 3, 4, 0]
    assert packets.direction.tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert len(talks) == 5


def test_a_host_that_talks_to_itself_has_two_sides_by_port() -> None:
    packets, _ = decode([IPv4(CLIENT, CLIENT, TCP(9, 80)), IPv4(CLIENT, CLIENT, TCP(80, 9))], RAW)
    assert packets.conversation.tolist() == [0, 0]
    assert packets.direction.tolist() == [0, 1]


def test_thousands_of_conversations_are_all_found_again() -> None:
    """More than the hash table starts with, in addresses and ports that differ in single bits."""
    datagrams = [IPv4(f"10.{n >> 8}.{n & 255}.1", SERVER, UDP(1024 + (n >> 4), 53)) for n in range(5000)]
    packets, talks = decode([*datagrams, *datagrams], RAW)
    assert len(talks) == 5000
    assert packets.conversation[:5000].tolist() == packets.conversation[5000:].tolist() == list(range(5000))


def test_the_sender_of_a_syn_is_the_client_whoever_spoke_first() -> None:
    talk = play((0, "s", "A", 501, 101, 0), *OPENING)
    assert talk.client_endpoint == "10.0.0.1:1099"
    assert talk.facts["client_known"] == 2


def test_the_sender_of_a_syn_ack_is_the_server() -> None:
    talk = play(*OPENING[1:])
    assert talk.server_endpoint == "10.0.0.2:80"


def test_the_handshake_is_measured_where_it_was_seen_whole() -> None:
    talk = play(*OPENING)
    assert talk.facts["handshake_ns"] == 21 * MS
    assert (talk.client["syns"], talk.server["syn_acks"], talk.client["isn"], talk.server["isn"]) == (1, 1, 100, 500)
    assert (talk.client["syn_row"], talk.server["syn_row"]) == (1, 2)
    assert play(OPENING[0], OPENING[2]).facts["handshake_ns"] == 0


def test_round_trips_are_counted_for_the_sender_of_the_data() -> None:
    talk = play(*OPENING, (30, "c", "PA", 101, 501, 10), (80, "s", "A", 501, 111, 0))
    assert talk.client["rtt_count"] == 2
    assert (talk.client["rtt_min_ns"], talk.client["rtt_sum_ns"]) == (20 * MS, 70 * MS)
    assert talk.server["rtt_min_ns"] == 1 * MS


def test_turns_measure_how_long_a_side_thinks() -> None:
    talk = play(
        *OPENING,
        (30, "c", "PA", 101, 501, 10),
        (31, "s", "A", 501, 111, 0),
        (1230, "s", "PA", 501, 111, 99),
        (1231, "s", "PA", 600, 111, 99),
        (1300, "c", "PA", 111, 699, 10),
        (1400, "s", "PA", 699, 121, 9),
    )
    assert (talk.server["responses"], talk.client["responses"]) == (2, 1)
    assert talk.server["response_max_ns"] == 1200 * MS
    assert talk.server["response_row"] == 6
    assert talk.server["response_sum_ns"] == 1300 * MS


def test_datagrams_take_turns_as_well() -> None:
    ask, answer = IPv4(CLIENT, SERVER, UDP(5353, 53, b"?")), IPv4(SERVER, CLIENT, UDP(53, 5353, b"!"))
    _, talks = decode([Frame(0, bytes(ask)), Frame(7 * MS, bytes(answer))], RAW)
    assert talks[0].server["response_max_ns"] == 7 * MS


def test_the_longest_silence_is_named_by_the_packet_that_ended_it() -> None:
    talk = play(*OPENING, (60021, "c", "PA", 101, 501, 1), (60030, "s", "A", 501, 102, 0))
    assert talk.facts["idle_max_ns"] == 60000 * MS
    assert talk.facts["idle_row"] == 4


def test_resets_and_fins_name_their_first_packet() -> None:
    talk = play(*OPENING, (30, "c", "FA", 101, 501, 0), (40, "s", "RA", 501, 102, 0), (41, "s", "R", 501, 0, 0))
    assert (talk.client["fin_row"], talk.server["rst_row"], talk.facts["reset_row"]) == (4, 5, 5)
    assert talk.server["rsts"] == 2


def test_payload_is_counted_by_packets_and_bytes() -> None:
    talk = play(*OPENING, (30, "c", "PA", 101, 501, 10), (31, "c", "PA", 111, 501, 1460), (40, "s", "A", 501, 1571, 0))
    side = talk.client
    assert (side["packets"], side["data_packets"], side["payload_bytes"], side["max_payload"]) == (4, 2, 1470, 1460)
    assert (side["first_row"], side["last_row"], side["first_data_row"], side["last_data_row"]) == (1, 5, 4, 5)
    assert (side["ttl_min"], side["ttl_max"], talk.server["ttl_max"]) == (64, 64, 65)


@pytest.mark.parametrize(("options", "window"), [(mss(1460), 1000), (mss(1460) + wscale(3), 8000)])
def test_windows_are_scaled_once_both_sides_agreed(options: bytes, window: int) -> None:
    talk = play(*OPENING, options=options)
    assert talk.client["window_max"] == window
    assert talk.server["window_max"] == 1000


def test_options_of_a_syn_are_kept() -> None:
    side = play(*OPENING, options=mss(1380) + sack_permitted() + timestamps(1, 0) + wscale(7)).server
    assert (side["mss"], side["window_scale"], side["syn_options"]) == (1380, 7, 15)
    assert play(*OPENING).client["window_scale"] == -2
    assert play((0, "c", "A", 1, 1, 0)).client["window_scale"] == -1


def test_a_syn_with_another_number_starts_a_new_conversation() -> None:
    again = [(2000, "c", "S", 9000, 0, 0), (2020, "s", "SA", 7000, 9001, 0)]
    frames = []
    for time_ms, side, flags, seq, ack, size in (*OPENING, *again):
        ends, ports = ((CLIENT, SERVER), (1099, 80)) if side == "c" else ((SERVER, CLIENT), (80, 1099))
        frames.append(Frame(round(time_ms * MS), bytes(IPv4(*ends, TCP(*ports, seq, ack, flags, payload=bytes(size))))))
    packets, talks = decode(frames, RAW)
    assert packets.conversation.tolist() == [0, 0, 0, 1, 1]
    assert talks.facts["reused_from"].tolist() == [0, 1]
    assert talks[1].facts["handshake_ns"] == 0


def test_the_first_icmp_error_is_kept_and_all_are_counted() -> None:
    sent = IPv4(CLIENT, SERVER, UDP(1, 2))
    errors = [IPv4("10.9.9.9", CLIENT, ICMP(3, code, payload=quoting(sent))) for code in (13, 1)]
    _, talks = decode([sent, *errors], RAW)
    assert (talks[0].facts["icmp_errors"], talks[0].facts["icmp_row"], talks[0].facts["icmp_code"]) == (
        2,
        2,
        3 << 8 | 13,
    )
    assert talks[0].client["packets"] == 1


def test_times_that_run_backwards_leave_first_and_last_in_order() -> None:
    datagram = bytes(IPv4(CLIENT, SERVER, UDP(1, 2)))
    _, talks = decode([Frame(time, datagram) for time in (50, 90, 10, 70)], RAW)
    side = talks[0].client
    assert (side["first_ns"], side["first_row"], side["last_ns"], side["last_row"]) == (10, 3, 90, 2)


def test_facts_can_be_taken_once() -> None:
    tracker = Tracker()
    assert len(tracker.facts()) == 0
    with pytest.raises(RuntimeError):
        tracker.facts()
    packets = PacketTable()
    with pytest.raises(RuntimeError):
        tracker.track(HeaderBatch(), packets.time_ns, packets)


def test_columns_too_short_for_the_batch_are_refused() -> None:
    import numpy as np

    from wireproof.table.build import TableBuilder

    packets = PacketTable()
    builder = TableBuilder(packets)
    builder.append(batch_of([Frame(0, bytes(IPv4(CLIENT, SERVER, UDP(1, 2))))] * 3), np.array([RAW], np.uint16))
    packets.trim()
    packets.marks = packets.marks[:2]
    with pytest.raises(IndexError):
        Tracker().track(builder.headers, packets.time_ns, packets)


def test_the_longest_wait_for_an_empty_ack_while_nobody_spoke() -> None:
    talk = play(
        *OPENING,
        (30, "c", "PA", 101, 501, 100), (70, "s", "A", 501, 201, 0),    # held back for 40 ms
        (80, "c", "PA", 201, 501, 50), (200, "s", "PA", 501, 251, 10),  # the answer acknowledges
        (210, "c", "PA", 251, 511, 5), (215, "c", "PA", 256, 511, 5),   # the client speaks on
        (300, "s", "A", 511, 256, 0), (320, "s", "FA", 511, 261, 0),
    )  # fmt: skip
    assert talk.client["held_ack_max_ns"] == 40 * MS
    assert talk.server["held_ack_max_ns"] == 0


def test_the_largest_segment_whose_end_an_ack_named() -> None:
    talk = play(
        *OPENING,
        (30, "c", "A", 101, 501, 100), (31, "c", "A", 201, 501, 900), (32, "c", "A", 1101, 501, 700),
        (40, "s", "A", 501, 201, 0), (41, "s", "A", 501, 1801, 0),
    )  # fmt: skip
    assert (talk.client["acked_max"], talk.client["max_payload"]) == (700, 900)
