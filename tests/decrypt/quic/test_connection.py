"""One QUIC connection, datagram by datagram; and that no bytes at all trouble it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.opened import ring_of
from tests.support.quic_lab import QuicLab, Said, stream
from wireproof.decrypt.clear_index import Room
from wireproof.decrypt.quic.connection import Connection


def connection(lab: QuicLab, room: int = 1 << 20) -> Connection:
    """A connection with the keys of a lab; side 0 is the client."""
    return Connection(ring_of(lab.key_log), Room(room), 0)


def feed(one: Connection, sent: list[Said]) -> None:
    """All packets, in order."""
    for row, (by, data) in enumerate(sent):
        side = int(by == "server")
        for packet in one.packets(data, side):
            one.take(row, side, data, packet)


def spoken() -> QuicLab:
    """A handshake and a few words."""
    lab = QuicLab()
    lab.shake()
    lab.say("client", stream(0, b"asked", last=True))
    lab.say("server", stream(0, b"answered", last=True))
    return lab


def test_hellos_and_packets_are_told() -> None:
    lab = spoken()
    one = connection(lab)
    feed(one, lab.sent)
    assert (one.suite, one.source, one.counts.opened, one.counts.closed) == (0x1301, "keys0", 4, 0)
    assert {key: value.data for key, value in one.streams.items()} == {(0, 0): b"asked", (0, 1): b"answered"}


def test_a_packet_without_the_fixed_bit_opens_and_padding_is_no_packet() -> None:
    lab = spoken()
    keys, peer = lab.keys["1rtt", "client"], lab.ids[1]
    lab.sent.append(("client", keys.seal(bytes([0x03]) + peer, 7, stream(4, b"greased").ljust(20, b"\0"))))
    lab.sent.append(("client", bytes(60)))
    one = connection(lab)
    feed(one, lab.sent)
    assert one.streams[4, 0].data == b"greased"
    assert one.counts.closed == 0


def test_what_there_is_no_room_for_is_not_kept() -> None:
    lab = spoken()
    one = connection(lab, room=7)
    feed(one, lab.sent)
    assert one.streams[0, 0].data == b"asked"
    assert one.streams[0, 1].data == b""
    assert one.full_at == 4


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.integers(1, 255))
def test_one_changed_byte_anywhere_raises_nothing_and_forges_nothing(place: int, change: int) -> None:
    lab = spoken()
    place %= sum(len(data) for _, data in lab.sent)
    changed = []
    for by, data in lab.sent:
        spoilt = bytearray(data)
        if 0 <= place < len(data):
            spoilt[place] ^= change
        place -= len(data)
        changed.append((by, bytes(spoilt)))
    one = connection(lab)
    feed(one, changed)
    assert {value.data for value in one.streams.values()} <= {b"asked", b"answered"}


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.binary(max_size=80)), max_size=6))
def test_whatever_datagrams_raise_nothing(sent: list[Said]) -> None:
    lab = QuicLab()
    one = connection(lab)
    feed(one, sent)
    assert one.streams == {}
