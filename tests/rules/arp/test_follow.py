"""What stands around an ARP request."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, arp_reply, arp_request
from tests.support.verdicts import make_case
from wireproof.case import Point
from wireproof.rules.arp._follow import answer_to, between, groups, ipv4_ends, label, own_answers_visible, side_of

ONE, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"
A, B = 0x0A010101, 0x0A010102


def point(folder: Path, *frames: Frame) -> Point:
    return make_case(folder, {"tap": frames}).points[0]


def test_conversations_between_two_addresses_are_found_by_number(tmp_path: Path) -> None:
    packets = (
        IPv4("10.1.1.1", "10.1.1.2", TCP(1, 2)),
        IPv6("2001:db8::a01:101", "2001:db8::a01:102", TCP(1, 2)),
        IPv4("10.1.1.2", "10.1.1.1", TCP(3, 4)),
        IPv4("10.1.1.2", "10.1.1.3", TCP(3, 4)),
    )
    made = point(tmp_path, *(Frame(turn, bytes(Ethernet(ONE, OTHER, packet))) for turn, packet in enumerate(packets)))
    ends = ipv4_ends(made.conversations)
    assert ends[1].tolist() == [-1, -1]
    assert between(ends, A, B).tolist() == [0, 2]
    assert (side_of(ends, 0, A), side_of(ends, 2, A)) == (0, 1)


def test_the_answer_to_a_request_comes_within_the_time(tmp_path: Path) -> None:
    request, reply = (
        bytes(arp_request(ONE, "10.1.1.1", "10.1.1.2")),
        bytes(arp_reply(OTHER, "10.1.1.2", ONE, "10.1.1.1")),
    )
    made = point(
        tmp_path, Frame(0, request), Frame(SECOND // 2, reply), Frame(9 * SECOND, request), Frame(11 * SECOND, reply)
    )
    assert (answer_to(made.arp, 0, 1.0), answer_to(made.arp, 2, 1.0)) == (1, -1)
    assert own_answers_visible(made, int.from_bytes(bytes.fromhex("020000000001"), "big"))
    assert not own_answers_visible(made, int.from_bytes(bytes.fromhex("020000000002"), "big"))


def test_equal_keys_make_groups_in_order_of_their_first() -> None:
    assert [group.tolist() for group in groups(np.array([[9], [1], [9], [1]]))] == [[0, 2], [1, 3]]
    assert groups(np.zeros((0, 2))) == []


def test_the_label_names_asker_and_asked() -> None:
    made = label(A, B)
    assert (made.protocol, made.client, made.server) == ("arp", "10.1.1.1", "10.1.1.2")
