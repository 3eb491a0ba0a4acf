"""Rows are what the frames say: over real captures, tshark's fields and the columns are the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.columns import Agreement, compare_columns
from tests.support.files import Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4
from tests.support.tables import batch_of, decode
from wireproof.errors import CaptureFormatError
from wireproof.table import PacketTable
from wireproof.table._decode import HeaderBatch, decode_batch
from wireproof.table.build import TableBuilder

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
ONE, TWO = (bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", TCP(port, 80, seq=port)))) for port in (1000, 2000))

TOPICS = ("arp", "ice-stun-turn", "ipv6-transition", "mtu-mss", "offload-length")
KNOWN = {
    r"teardrop\.cap frame 9": "overlapping fragments: wireproof keeps the bytes that came first",
    r"filestore-5408_input\.pcap frame (87|116)": "sFlow samples of other packets are no packets of this wire",
    r"bigtcp-ipv\d-(vxlan|geneve)-": "tshark 4.0 does not look behind an outer UDP length of 0, wireproof does",
    r"bigtcp-ipv6\.pcap": "tshark 4.0 does not follow jumbograms of offload",
    r"ipv4_invalid_total_length_2\.pcap": "tshark leaves the fields behind an impossible length out",
}
"""Differences that are meant."""


def test_rows_of_a_second_batch_follow_those_of_the_first() -> None:
    packets, _ = decode([ONE, TWO, ONE], in_batches_of=2)
    assert packets.seq.tolist() == [1000, 2000, 1000]
    assert len(packets) == 3


def test_nothing_of_a_frame_before_shows_in_the_next() -> None:
    packets, _ = decode([ONE, b"\0" * 14, ONE[:20], b""])
    for name in ("seq", "flags", "length", "ttl", "protocol", "network_at", "transport_at", "window"):
        assert getattr(packets, name)[1:].tolist() == [0, 0, 0], name


def test_each_interface_has_its_own_link_type() -> None:
    packets = PacketTable()
    frames = [Frame(0, ONE), Frame(0, ONE[14:], interface=1)]
    TableBuilder(packets).append(batch_of(frames), np.array([1, 101], np.uint16))
    assert packets.seq[:2].tolist() == [1000, 1000]
    assert packets.network_at[:2].tolist() == [14, 0]


def test_a_frame_outside_its_buffer_is_refused() -> None:
    batch = batch_of([Frame(0, ONE)])
    batch.captured[0] += 1
    with pytest.raises(IndexError):
        TableBuilder(PacketTable()).append(batch, np.array([1], np.uint16))


def test_a_frame_of_no_interface_is_refused() -> None:
    with pytest.raises(IndexError):
        TableBuilder(PacketTable()).append(batch_of([Frame(0, ONE, interface=1)]), np.array([1], np.uint16))


def test_columns_too_short_for_the_rows_are_refused() -> None:
    packets, batch = PacketTable(), batch_of([Frame(0, ONE)])
    with pytest.raises(IndexError):
        decode_batch(
            HeaderBatch(), batch.data, 1, batch.position, batch.captured, batch.original, batch.interface,
            np.array([1], np.uint16), packets.room, packets,
        )  # fmt: skip


def test_a_capture_that_states_less_than_it_holds_loses_nothing() -> None:
    """Some writers leave the original length 0."""
    frame = bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", UDP(1, 2, b"abc"), total_length=0)))
    batch = batch_of([Frame(0, frame)])
    batch.original[0] = 0
    packets = PacketTable()
    TableBuilder(packets).append(batch, np.array([1], np.uint16))
    assert packets.length[0] == 3


@pytest.fixture(scope="module")
def agreement(captures: Path, program: Callable[[str], str]) -> Agreement:
    """All comparable captures of a few topics."""
    found = Agreement()
    for topic in TOPICS:
        for path in sorted((captures / topic).iterdir()):
            try:
                compare_columns(found, program("tshark"), path)
            except CaptureFormatError:
                continue
    return found


def test_columns_are_what_tshark_shows(agreement: Agreement) -> None:
    unexplained = [line for line in agreement.different if not any(re.search(known, line) for known in KNOWN)]
    assert unexplained == []


def test_every_column_was_compared_often_enough_to_tell(agreement: Agreement) -> None:
    assert set(agreement.compared) >= {
        "has IP", "ttl and tos", "ip_id", "arp", "seq", "ack", "flags", "window", "length", "udp length", "icmp code",
        "endpoints", "quoted endpoints",
    }  # fmt: skip
    assert agreement.compared["endpoints"] > 5000
    assert all(agreement.equal[column] > 0.99 * count for column, count in agreement.compared.items())
