"""Any bytes at all: rows come out, with offsets inside the frame and known codes, and never an exception."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.files import Frame
from tests.support.packets import LINK_TYPES, TCP, UDP, Ethernet, IPv4, IPv6, hop_by_hop, six_in_four, teredo, vxlan
from tests.support.tables import check_sound, decode

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
INNER = IPv6("2001:db8::1", "2001:db8::2", TCP(1, 2, payload=b"xyz"), extensions=(hop_by_hop(),))
TUNNELLED = Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", vxlan(9, 7, Ethernet(*MACS, INNER))))
SEEDS = [
    bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, payload=b"xyz")))),
    bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", six_in_four(INNER)))),
    bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", teredo(50000, INNER)))),
    bytes(TUNNELLED),
]
KNOWN_LINKS = sorted({*LINK_TYPES.values(), 10, 12, 14, 50, 51, 104, 147})

link_types = st.sampled_from(KNOWN_LINKS) | st.integers(0, 65535)
lengths = st.just(0) | st.integers(0, 2000) | st.integers(0, 2**32 - 1)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real frame with some bytes changed, cut or repeated."""
    frame = bytearray(draw(st.sampled_from(SEEDS)))
    for place, value in draw(st.lists(st.tuples(st.integers(0, len(frame) - 1), st.integers(0, 255)), max_size=8)):
        frame[place] = value
    return bytes(frame[: draw(st.integers(0, len(frame)))]) + draw(st.binary(max_size=20))


@given(st.lists(st.tuples(st.binary(max_size=120) | damaged(), lengths), max_size=6), link_types)
@settings(max_examples=400)
def test_any_bytes_of_any_link_type_give_sound_rows(frames: list[tuple[bytes, int]], link_type: int) -> None:
    packets, talks = decode([Frame(0, data, original) for data, original in frames], link_type)
    assert len(packets) == len(frames)
    check_sound(packets, talks)


@given(st.lists(damaged(), min_size=1, max_size=4))
@settings(max_examples=400)
def test_damaged_frames_give_sound_rows(frames: list[bytes]) -> None:
    check_sound(*decode(frames))


@given(damaged(), st.integers(1, 2**32 - 1))
def test_lengths_never_exceed_what_the_wire_had(frame: bytes, original: int) -> None:
    packets, _ = decode([Frame(0, frame, original)])
    assert packets.length[0] <= max(original, len(frame))


FLAGS = st.sampled_from(["S", "SA", "A", "PA", "FA", "R", "RA", "F", "", "SF", "SRFPAU"])
NEAR = st.integers(-3, 3) | st.sampled_from([-1460, 1460, 2920, 2**31 - 1, -(2**31)])
segments = st.lists(
    st.tuples(
        st.integers(0, 1), FLAGS, NEAR, NEAR, st.sampled_from([0, 1, 2, 1460]), st.sampled_from([0, 1, 1460, 65535])
    ),
    max_size=40,
)


@given(segments, st.sampled_from([0, 1, 2**31, 2**32 - 1461, 2**32 - 2]), st.integers(-(10**9), 10**9))
@settings(max_examples=400)
def test_any_segments_between_two_hosts_keep_the_counts_whole(
    script: list[tuple[int, str, int, int, int, int]], start: int, step_ns: int
) -> None:
    """Sequence numbers wander and wrap, times may run backwards: every segment is counted on its side, each mark as well."""
    hosts, ports, seqs = ("10.0.0.1", "10.0.0.2"), (1099, 80), [start, start]
    frames = []
    for place, (side, flags, ahead, beyond, size, window) in enumerate(script):
        seqs[side] += ahead
        segment = TCP(
            ports[side],
            ports[1 - side],
            seqs[side] % 2**32,
            (seqs[1 - side] + beyond) % 2**32,
            flags,
            window,
            payload=bytes(size),
        )
        frames.append(Frame(10**18 + place * step_ns, bytes(IPv4(hosts[side], hosts[1 - side], segment))))
        seqs[side] += size
    packets, talks = decode(frames, LINK_TYPES["raw"], in_batches_of=7)
    check_sound(packets, talks)
    counted = {
        "retransmission": "retransmissions",
        "duplicate_ack": "duplicate_acks",
        "zero_window": "zero_windows",
        "lost_segment": "lost_segments",
        "keep_alive": "keep_alives",
        "zero_window_probe": "probes",
    }
    for mark, name in counted.items():
        assert talks.facts["sides"][name].sum() == packets.marked(mark).sum()
    assert talks.facts["sides"]["payload_bytes"].sum() == packets.length.sum()
    assert (packets.in_flight <= 2**31).all()


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["a", "b"])), max_size=60))
def test_a_conversation_has_the_same_number_from_both_ends(turns: list[tuple[int, str]]) -> None:
    ends = {"a": ("10.0.0.1", "10.0.0.2"), "b": ("10.0.0.2", "10.0.0.1")}
    datagrams = [IPv4(*ends[side], UDP(*((port, 53) if side == "a" else (53, port)))) for port, side in turns]
    packets, talks = decode(datagrams, LINK_TYPES["raw"])
    assert len(talks) == len({port for port, _ in turns})
    by_port = {port: packets.conversation[row] for row, (port, _) in enumerate(turns)}
    assert all(packets.conversation[row] == by_port[port] for row, (port, _) in enumerate(turns))
