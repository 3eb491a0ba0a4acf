"""IP fragments become the packet that was sent, and nothing else does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.files import Frame, write_pcap
from tests.support.oracle import number, tshark_rows
from tests.support.packets import (
    TCP,
    UDP,
    Ethernet,
    IPv4,
    IPv6,
    Raw,
    destination_options,
    fragment_v4,
    fragment_v6,
    hop_by_hop,
    six_in_four,
)
from tests.support.tables import read_closed
from wireproof.conversations import CaptureTables
from wireproof.conversations.fragments import (
    HELD_BYTES,
    HELD_DATAGRAMS,
    Fragment,
    Reassembly,
    checksum,
    patch_v4,
    unpack_fragment,
)
from wireproof.table.schema import LAYERS

SECOND = 1_000_000_000
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
BODY = bytes(index % 251 for index in range(3000))
V4 = IPv4("10.0.0.1", "10.0.0.2", UDP(5060, 5060, BODY), ident=77, dont_fragment=False)
V6 = IPv6("2001:db8::1", "2001:db8::2", UDP(5060, 5060, BODY), extensions=(hop_by_hop(),))


def write(folder: Path, packets: Sequence[IPv4 | IPv6], gap_ns: int = 1_000_000) -> Path:
    frames = [Frame(SECOND + gap_ns * place, bytes(Ethernet(*MACS, packet))) for place, packet in enumerate(packets)]
    return write_pcap(folder / "made.pcap", frames)


def read(folder: Path, packets: Sequence[IPv4 | IPv6], gap_ns: int = 1_000_000) -> CaptureTables:
    return read_closed(write(folder, packets, gap_ns))


def whole_packets(tables: CaptureTables) -> list[bytes]:
    return [tables.derived[row] for row in range(tables.packets.frames, len(tables.packets))]


def notes(tables: CaptureTables) -> list[str]:
    return [note.text.partition(":")[0] for note in tables.capture.notes]


def feed(reassembly: Reassembly, packets: Sequence[IPv4 | IPv6], times: Sequence[int] | None = None) -> list[bytes]:
    made = []
    for row, packet in enumerate(packets):
        data = bytes(packet)
        fragment = unpack_fragment(data, len(data), row, times[row] if times else row)
        assert fragment is not None
        whole = reassembly.add(fragment)
        if whole:
            made.append(whole.data)
    return made


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("version", [4, 6])
def test_any_order_gives_the_packet_that_was_sent(tmp_path: Path, order: tuple[int, ...], version: int) -> None:
    pieces = fragment_v4(V4, 1200) if version == 4 else fragment_v6(V6, 1200, 9)
    tables = read(tmp_path, [pieces[place] for place in order])
    assert whole_packets(tables) == [bytes(V4 if version == 4 else V6)]
    assert notes(tables) == []
    row = tables.packets.frames
    assert tables.packets.number(row) == 3
    assert tables.packets.layers[row] & LAYERS["derived"]
    assert not tables.packets.layers[row] & (LAYERS["fragment"] | LAYERS["bad_ip_checksum"])
    assert tables.packets.length[row] == len(BODY)
    talk = tables.conversations[int(tables.packets.conversation[row])]
    assert talk.protocol == "udp"
    assert talk.rows.tolist() == [row]


def test_time_of_the_packet_is_that_of_the_fragment_that_came_last(tmp_path: Path) -> None:
    tables = read(tmp_path, fragment_v4(V4, 1480), gap_ns=5_000_000)
    assert tables.packets.time_ns[3] == tables.packets.time_ns[2] == SECOND + 10_000_000


def test_fragments_themselves_belong_to_no_conversation(tmp_path: Path) -> None:
    tables = read(tmp_path, fragment_v4(V4, 1480))
    assert tables.packets.conversation[:3].tolist() == [-1, -1, -1]
    assert len(tables.conversations) == 1


def test_a_fragment_seen_twice_changes_nothing(tmp_path: Path) -> None:
    first, second, third = fragment_v4(V4, 1200)
    tables = read(tmp_path, [first, first, second, second, third])
    assert whole_packets(tables) == [bytes(V4)]
    assert notes(tables) == []


def test_a_missing_fragment_leaves_the_rest_and_a_note_that_names_the_first(tmp_path: Path) -> None:
    tables = read(tmp_path, [V4, *fragment_v4(V4, 1200)[1:]])
    assert whole_packets(tables) == []
    (note,) = tables.capture.notes
    assert note.text.startswith("IP packets of which this capture lacks fragments: 1")
    assert note.offset == tables.packets.offset[1]


def test_of_an_ipv4_overlap_the_bytes_that_came_first_stay(tmp_path: Path) -> None:
    first, second, third = fragment_v4(V4, 1200)
    body = bytes(first)[20:]
    lying = IPv4(
        "10.0.0.1", "10.0.0.2", Raw(17, b"\xee" * 1200), ident=77, dont_fragment=False, more_fragments=True, offset=600
    )
    tables = read(tmp_path, [first, lying, second, third])
    assert notes(tables) == ["IPv4 packets of overlapping fragments, first bytes kept"]
    (whole,) = whole_packets(tables)
    assert whole[20:1220] == body
    assert whole[1220:1820] == b"\xee" * 600
    assert whole[1820:] == bytes(V4)[1820:]


def test_an_ipv6_packet_of_overlapping_fragments_is_refused(tmp_path: Path) -> None:
    pieces = fragment_v6(V6, 1200, 9)
    lying = fragment_v6(V6, 1000, 9)[1]
    tables = read(tmp_path, [pieces[0], lying, pieces[1], pieces[2]])
    assert whole_packets(tables) == []
    assert notes(tables) == ["IPv6 packets refused for overlapping fragments"]


def test_an_ipv6_fragment_seen_twice_is_no_overlap(tmp_path: Path) -> None:
    pieces = fragment_v6(V6, 1200, 9)
    assert whole_packets(read(tmp_path, [pieces[0], *pieces])) == [bytes(V6)]


def test_a_fragment_beyond_the_longest_packet_is_refused(tmp_path: Path) -> None:
    ping_of_death = IPv4("10.0.0.1", "10.0.0.2", Raw(1, b"x" * 1000), offset=65528, dont_fragment=False)
    tables = read(tmp_path, [ping_of_death])
    assert notes(tables) == ["fragments that end beyond the longest packet of IP"]


def test_extension_headers_before_the_fragment_header_stay_and_those_behind_it_return(tmp_path: Path) -> None:
    packet = IPv6("2001:db8::1", "2001:db8::2", UDP(1, 2, BODY), extensions=(hop_by_hop(), destination_options()))
    behind = bytes(packet)[48:]
    head = (hop_by_hop(),)
    pieces = [
        IPv6(
            "2001:db8::1",
            "2001:db8::2",
            Raw(60, behind[at : at + 1024]),
            extensions=(*head, (44, b"\0" + (at | (at + 1024 < len(behind))).to_bytes(2, "big") + b"\0\0\0\7")),
        )
        for at in range(0, len(behind), 1024)
    ]
    tables = read(tmp_path, pieces)
    assert whole_packets(tables) == [bytes(packet)]
    assert tables.packets.protocol[tables.packets.frames] == 17


def test_an_identification_used_again_later_starts_a_new_packet(tmp_path: Path) -> None:
    first, second, third = fragment_v4(V4, 1200)
    times = [0, 1, 31 * SECOND, 31 * SECOND, 31 * SECOND]
    reassembly = Reassembly()
    assert feed(reassembly, [first, second, third, first, second], times) == [bytes(V4)]
    assert reassembly.dropped == {"incomplete": 1}


def test_fragments_that_trickle_in_are_given_up_a_minute_after_the_first() -> None:
    pieces = fragment_v4(V4, 1000)
    reassembly = Reassembly()
    assert feed(reassembly, pieces, [0, 29 * SECOND, 58 * SECOND, 61 * SECOND]) == []
    reassembly.end()
    assert reassembly.dropped == {"incomplete": 2}


def test_conversations_that_share_an_identification_are_kept_apart(tmp_path: Path) -> None:
    other = IPv4("10.0.0.9", "10.0.0.2", UDP(5060, 5060, BODY[::-1]), ident=77, dont_fragment=False)
    mixed = [piece for pair in zip(fragment_v4(V4, 1480), fragment_v4(other, 1480), strict=True) for piece in pair]
    assert whole_packets(read(tmp_path, mixed)) == [bytes(V4), bytes(other)]


def test_fragments_in_a_tunnel_whose_packets_were_fragmented_too(tmp_path: Path) -> None:
    inner = fragment_v6(V6, 1400, 5)
    outer = [
        IPv4("192.0.2.1", "192.0.2.2", six_in_four(piece), ident=900 + place, dont_fragment=False)
        for place, piece in enumerate(inner)
    ]
    wire = [
        piece for packet in outer for piece in (fragment_v4(packet, 1000) if len(bytes(packet)) > 1000 else [packet])
    ]
    tables = read(tmp_path, wire)
    assert whole_packets(tables)[-1] == bytes(V6)
    last = len(tables.packets) - 1
    assert tables.packets.number(last) == tables.packets.frames
    assert tables.packets.length[last] == len(BODY)


def test_fragments_cut_by_the_capturer_give_the_packet_up_to_the_cut(tmp_path: Path) -> None:
    frames = [
        Frame(SECOND, bytes(Ethernet(*MACS, piece))[:96], len(bytes(Ethernet(*MACS, piece))))
        for piece in fragment_v4(V4, 1480)
    ]
    tables = read_closed(write_pcap(tmp_path / "cut.pcap", frames))
    row = tables.packets.frames
    assert tables.packets.captured[row] == 82
    assert tables.packets.original[row] == len(bytes(V4))
    assert tables.packets.length[row] == len(BODY)
    assert tables.conversations[0].client_endpoint == "10.0.0.1:5060"


def test_segments_in_fragments_are_marked_like_others(tmp_path: Path) -> None:
    segments = [
        IPv4(
            "10.0.0.1",
            "10.0.0.2",
            TCP(1099, 80, seq=100 + 1400 * place, payload=b"x" * 1400),
            ident=place,
            dont_fragment=False,
        )
        for place in (0, 1, 3)
    ]
    tables = read(tmp_path, [piece for packet in segments for piece in fragment_v4(packet, 800)])
    assert tables.packets.marked("lost_segment").tolist() == [False] * 8 + [True]
    assert tables.conversations[0].facts["sides"]["packets"].tolist() == [3, 0]


def test_a_wrong_header_checksum_stays_wrong_in_the_whole_packet() -> None:
    head = bytes(IPv4("10.0.0.1", "10.0.0.2", UDP(1, 2, b""), checksum=7, more_fragments=True))[:20]
    assert checksum(patch_v4(head, 100)) != 0xFFFF


def test_no_more_is_held_than_the_limits_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HELD_DATAGRAMS, "value", 3)
    monkeypatch.setattr(HELD_BYTES, "value", 2500)
    first, *rest = fragment_v4(V4, 1000)
    reassembly = Reassembly()
    starts = [IPv4("10.0.0.1", "10.0.0.2", first.upper, ident=ident, more_fragments=True) for ident in range(6)]
    assert feed(reassembly, [*starts, first, *rest]) == []
    assert reassembly.dropped["given up for want of room"] >= 6


def test_headers_that_were_not_captured_give_no_fragment() -> None:
    for packet in (bytes(fragment_v4(V4, 1480)[0]), bytes(fragment_v6(V6, 1480, 1)[0])):
        head = 20 if packet[0] >> 4 == 4 else 56
        assert all(unpack_fragment(packet[:size], len(packet), 0, 0) is None for size in range(head))
        assert unpack_fragment(packet[:head], len(packet), 0, 0) is not None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40), st.booleans()), max_size=30), st.booleans())
def test_whatever_comes_a_whole_packet_has_each_byte_once(ranges: list[tuple[int, int, bool]], v6: bool) -> None:
    """Each byte of the data says its place, so a whole packet must count up, whoever overlapped."""
    head = bytes(V6)[:48] if v6 else bytes(V4)[:20]
    reassembly = Reassembly()
    for row, (start, length, more) in enumerate(ranges):
        data = bytes(range(start, start + length))
        key = (b"", 0, 0)
        whole = reassembly.add(Fragment(key, row, row, start, start + length, more, head, data, 17, 6))
        if whole:
            assert whole.data[len(head) :] == bytes(range(len(whole.data) - len(head)))
            assert whole.original == len(whole.data)


@pytest.mark.parametrize("size", [584, 1200, 1480])
def test_ports_and_lengths_are_those_that_tshark_shows(
    tmp_path: Path, program: Callable[[str], str], size: int
) -> None:
    tcp = IPv4("10.0.0.3", "10.0.0.2", TCP(1099, 80, seq=5, payload=BODY), ident=3, dont_fragment=False)
    pieces = [*fragment_v4(V4, size), *fragment_v6(V6, size, 9), *reversed(fragment_v4(tcp, size))]
    path = write(tmp_path, pieces)
    compare_with_tshark(program("tshark"), path)


@pytest.mark.parametrize(
    "name",
    [
        "formats/Wireshark__220614_ip_flags_google.pcapng",
        "http/Wireshark__http_with_jpegs.cap.gz",
        "mtu-mss/Wireshark__ipv4frags.pcap",
        "tcp-loss/tcptrace__ipfrags.dmp.gz",
    ],
)
def test_real_fragments_give_what_tshark_gives(captures: Path, program: Callable[[str], str], name: str) -> None:
    compare_with_tshark(program("tshark"), captures / name)


def compare_with_tshark(tshark: str, path: Path) -> None:
    """Every reassembled packet: frame number, protocol, ports and lengths."""
    fields = ["frame.number", "udp.srcport", "udp.dstport", "udp.length", "tcp.srcport", "tcp.dstport", "tcp.len"]
    wanted = [
        [number(value) for value in row]
        for row in tshark_rows(
            tshark,
            path,
            [*fields, "ip.reassembled.length", "ipv6.reassembled.length"],
            "ip.reassembled.length || ipv6.reassembled.length",
        )
    ]
    tables = read_closed(path)
    packets, found = tables.packets, []
    for row in range(packets.frames, len(packets)):
        talk = tables.conversations[int(packets.conversation[row])]
        side = int(packets.direction[row])
        ports = [int(talk.facts["sides"][which]["port"]) for which in (side, 1 - side)]
        length = int(packets.length[row])
        udp = [*ports, length + 8] if packets.protocol[row] == 17 else [0, 0, 0]
        tcp = [*ports, length] if packets.protocol[row] == 6 else [0, 0, 0]
        size = int(packets.original[row] - packets.transport_at[row])
        version = [size, 0] if packets.layers[row] & LAYERS["ipv4"] else [0, size]
        found.append([packets.number(row), *udp, *tcp, *version])
    assert found == wanted
