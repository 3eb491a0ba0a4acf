"""TCP, UDP and ICMP headers, the packet that an ICMP error quotes, and the tunnels that are opened on the way."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.oracle import number, tshark_rows
from tests.support.packets import (
    GRE,
    ICMP,
    TCP,
    UDP,
    Ethernet,
    ICMPv6,
    IPv4,
    IPv6,
    Raw,
    destination_options,
    echo,
    echo_v6,
    fragment_v4,
    hop_by_hop,
    mss,
    port_unreachable,
    quoting,
    sack_permitted,
    six_in_four,
    teredo,
    timestamps,
    too_big,
    vxlan,
    wscale,
)
from tests.support.tables import decode, layers_of
from wireproof.conversations import Talk

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
RAW_IP = 101
V4, V6 = ("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "2001:db8::2")
OUTER = ("192.0.2.1", "192.0.2.2")
INNER_V4 = IPv4(*V4, TCP(1099, 80, seq=7, payload=b"hello"), ttl=9)
INNER_V6 = IPv6(*V6, TCP(1099, 80, seq=7, payload=b"hello"), ttl=9)
INNER_FRAME = Ethernet(*MACS, INNER_V4)


def outer(upper: TCP | UDP | Raw | GRE | ICMP, version: int = 4) -> IPv4 | IPv6:
    return IPv4(*OUTER, upper, ttl=200) if version == 4 else IPv6("2001:db8:ff::1", "2001:db8:ff::2", upper, ttl=200)


def endpoints(talk: Talk) -> tuple[str, str]:
    return talk.endpoint(0), talk.endpoint(1)


# --- TCP and UDP -----------------------------------------------------------------------------------------------------


def test_tcp_fields_become_columns() -> None:
    segment = TCP(1099, 80, seq=0xFFFFFFF0, ack=0x80000001, flags="FSRPAUECN", window=513, payload=b"abc")
    packets, _ = decode([IPv4(*V4, segment)], RAW_IP)
    names = ("protocol", "seq", "ack", "flags", "window", "length", "transport_at", "payload_at", "problem")
    assert [int(getattr(packets, name)[0]) for name in names] == [6, 0xFFFFFFF0, 0x80000001, 0x1FF, 513, 3, 20, 40, 0]


def test_options_of_a_syn_become_facts_of_its_side() -> None:
    options = mss(1380) + sack_permitted() + timestamps(5, 0) + wscale(7)
    _, talks = decode([IPv4(*V4, TCP(1099, 80, flags="S", options=options))], RAW_IP)
    side = talks[0].client
    assert (side["mss"], side["window_scale"], side["syn_options"]) == (1380, 7, 15)


def test_a_window_scale_beyond_14_is_14() -> None:
    _, talks = decode([IPv4(*V4, TCP(1099, 80, flags="S", options=wscale(77)))], RAW_IP)
    assert talks[0].client["window_scale"] == 14


@pytest.mark.parametrize("options", [b"\x02\x00\x05\xb4", b"\x02\x40\x05\xb4", b"\x02", b"\0" + mss(1460)[:3]])
def test_options_end_at_an_impossible_length(options: bytes) -> None:
    packets, talks = decode([IPv4(*V4, TCP(1099, 80, flags="S", options=options))], RAW_IP)
    assert (talks[0].client["mss"], packets.problem[0]) == (0, 0)


def test_a_segment_whose_options_were_cut_is_still_judged() -> None:
    whole = bytes(IPv4(*V4, TCP(1099, 80, flags="S", options=mss(1460) + timestamps(1, 0))))
    packets, talks = decode([Frame(0, whole[:46], len(whole))], RAW_IP)
    assert packets.problem[0] == 1
    assert talks[0].client["syns"] == 1
    assert talks[0].client["mss"] == 1460


def test_a_header_length_beyond_the_packet_makes_a_segment_unusable() -> None:
    data = bytearray(bytes(IPv4(*V4, TCP(1099, 80, payload=b"abc"))))
    data[32] = 0xF0
    packets, talks = decode([bytes(data)], RAW_IP)
    assert packets.problem[0] == 2
    assert packets.length[0] == 0
    assert talks[0].facts["sides"][0]["packets"] == 1


def test_udp_fields_become_columns() -> None:
    packets, talks = decode([IPv4(*V4, UDP(5353, 53, b"abcde"))], RAW_IP)
    assert [int(getattr(packets, name)[0]) for name in ("protocol", "length", "transport_at", "payload_at")] == [
        17,
        5,
        20,
        28,
    ]
    assert endpoints(talks[0]) == ("10.0.0.1:5353", "10.0.0.2:53")


@pytest.mark.parametrize(("stated", "length"), [(None, 5), (0, 5), (3, 5), (10, 2), (99, 5)])
def test_a_udp_length_counts_only_where_it_can_be_right(stated: int | None, length: int) -> None:
    packets, _ = decode([IPv4(*V4, UDP(1, 2, b"abcde", length=stated))], RAW_IP)
    assert packets.length[0] == length


@pytest.mark.parametrize("segment", [TCP(1, 2, checksum=0), UDP(1, 2, checksum=0)])
def test_a_transport_checksum_of_0_is_marked(segment: TCP | UDP) -> None:
    assert "zero_transport_checksum" in layers_of(decode([IPv4(*V4, segment)], RAW_IP)[0])


def test_sctp_conversations_are_told_apart_by_their_ports() -> None:
    chunks = [Raw(132, struct.pack("!HHII", port, 2905, 1, 0)) for port in (1000, 1001, 1000)]
    packets, talks = decode([IPv4(*V4, chunk) for chunk in chunks], RAW_IP)
    assert packets.conversation.tolist() == [0, 1, 0]
    assert talks[0].protocol == "sctp"


# --- ICMP ------------------------------------------------------------------------------------------------------------


def test_echo_and_its_reply_are_one_conversation_by_identifier() -> None:
    back = V4[::-1]
    packets, talks = decode(
        [IPv4(*V4, echo(7, 1)), IPv4(*back, echo(7, 1, reply=True)), IPv4(*V4, echo(8, 1)), IPv4(*V4, echo(7, 2))],
        RAW_IP,
    )
    assert packets.conversation.tolist() == [0, 0, 1, 0]
    assert packets.direction.tolist() == [0, 1, 0, 0]
    assert packets.seq.tolist() == [7 << 16 | 1, 7 << 16 | 1, 8 << 16 | 1, 7 << 16 | 2]
    assert packets.code.tolist() == [0x800, 0, 0x800, 0x800]
    assert packets.length.tolist() == [8] * 4
    assert talks[0].protocol == "icmp"


def test_icmpv6_echo_is_a_conversation_too() -> None:
    packets, talks = decode([IPv6(*V6, echo_v6(7, 1)), IPv6(*V6[::-1], echo_v6(7, 1, reply=True))], RAW_IP)
    assert packets.conversation.tolist() == [0, 0]
    assert packets.code.tolist() == [128 << 8, 129 << 8]
    assert talks[0].protocol == "icmpv6"


SENT = {
    "tcp": IPv4(*V4, TCP(1099, 80, seq=77)),
    "udp": IPv4(*V4, UDP(1099, 80)),
    "sctp": IPv4(*V4, Raw(132, struct.pack("!HHI", 1099, 80, 0))),
    "echo": IPv4(*V4, echo(7, 1)),
    "gre": IPv4(*V4, Raw(47, bytes(8))),
    "ipv4 with options": IPv4(*V4, TCP(1099, 80, seq=77), options=b"\x94\4\0\0"),
    "ipv6": IPv6(*V6, TCP(1099, 80, seq=77)),
    "ipv6 with extensions": IPv6(*V6, UDP(1099, 80), extensions=(hop_by_hop(), destination_options())),
    "ipv6 echo": IPv6(*V6, echo_v6(7, 1)),
    "ipv6 first fragment": IPv6(*V6, UDP(1099, 80, bytes(64)), extensions=((44, b"\0\0\1\0\0\0\7"),)),
}


@pytest.mark.parametrize("name", SENT)
def test_an_error_belongs_to_the_conversation_that_it_quotes(name: str) -> None:
    sent = SENT[name]
    if isinstance(sent, IPv6):
        error: IPv4 | IPv6 = IPv6("2001:db8::ffff", sent.source, too_big(sent, 1280))
    else:
        error = IPv4("10.9.9.9", sent.source, ICMP(3, 1, payload=quoting(sent, 48)))
    plain = sent if name != "ipv6 first fragment" else IPv6(*V6, UDP(1099, 80))
    packets, talks = decode([plain, error], RAW_IP)
    assert packets.conversation.tolist() == [0, 0]
    assert packets.direction.tolist() == [0, 0]
    assert "quoted" in layers_of(packets, 1)
    assert talks[0].facts["icmp_errors"] == 1
    assert talks[0].facts["icmp_row"] == 2
    assert talks[0].facts["sides"]["packets"].tolist() == [1, 0]
    assert packets.protocol[1] in {1, 58}


def test_an_error_keeps_the_sequence_number_of_the_quoted_segment() -> None:
    packets, _ = decode([IPv4("10.9.9.9", V4[0], too_big(SENT["tcp"], 1400))], RAW_IP)
    assert packets.seq[0] == 77
    assert packets.code[0] == 0x304


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param(quoting(IPv4(*V4, UDP(1, 2)), 24), id="too short for ports"),
        pytest.param(quoting(fragment_v4(IPv4(*V4, UDP(1, 2, bytes(99))), 48)[1], 28), id="later fragment"),
        pytest.param(quoting(IPv4(*V4, ICMP(3, 3, payload=b"x" * 28)), 48), id="error about an error"),
        pytest.param(b"\x70" + bytes(40), id="no IP version"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_an_error_whose_quote_names_no_conversation_stays_between_its_own_ends(quoted: bytes) -> None:
    packets, talks = decode([IPv4("10.9.9.9", V4[0], ICMP(3, 3, payload=quoted))], RAW_IP)
    assert "quoted" not in layers_of(packets)
    assert endpoints(talks[0]) == ("10.9.9.9", V4[0])


def test_redirects_and_time_exceeded_quote_too_but_echo_does_not() -> None:
    udp = IPv4(*V4, UDP(1, 2))
    kinds = (3, 4, 5, 11, 12, 8, 13)
    packets, _ = decode([IPv4("10.9.9.9", V4[0], ICMP(kind, payload=quoting(udp))) for kind in kinds], RAW_IP)
    assert ["quoted" in layers_of(packets, row) for row in range(len(kinds))] == [True] * 5 + [False] * 2


def test_tshark_sees_the_same_ports_in_a_quoted_datagram(tmp_path: Path, program: Callable[[str], str]) -> None:
    sent = IPv4(*V4, UDP(1099, 80))
    path = write_pcap(
        tmp_path / "one.pcap", [Frame(0, bytes(IPv4("10.9.9.9", V4[0], port_unreachable(sent))))], link_type=RAW_IP
    )
    assert list(tshark_rows(program("tshark"), path, ["udp.srcport", "udp.dstport", "ip.src"])) == [
        ["1099", "80", V4[0]]
    ]
    _, talks = decode([IPv4("10.9.9.9", V4[0], port_unreachable(sent))], RAW_IP)
    assert endpoints(talks[0]) == ("10.0.0.1:1099", "10.0.0.2:80")


# --- tunnels ---------------------------------------------------------------------------------------------------------

GENEVE = struct.pack("!BBHI", 2, 0, 0x6558, 5 << 8) + bytes(8)
GTP_PLAIN, GTP_LONG = struct.pack("!BBHI", 0x30, 255, 60, 1), struct.pack("!BBHIHBB", 0x34, 255, 64, 1, 0, 0, 0x85)
PDU_SESSION = b"\1\0\0\0"
L2TP = struct.pack("!HHHHHHH", 0x4A02, 67, 1, 2, 0, 0, 4) + bytes(4) + b"\xff\x03\x00\x21"
PPTP = struct.pack("!HHHHII", 0x3081, 0x880B, 49, 1, 1, 1) + b"\xff\x03\x00\x21"
ERSPAN = struct.pack("!HHIII", 0x1000, 0x88BE, 1, 0x10000000, 0)
AUTHENTICATION = bytes((4, 4, 0, 0)) + bytes(20)

TUNNELS: dict[str, tuple[IPv4 | IPv6, set[str]]] = {
    "6in4": (outer(six_in_four(INNER_V6)), {"ip_in_ip"}),
    "4in4": (outer(six_in_four(INNER_V4)), {"ip_in_ip"}),
    "4in6": (outer(six_in_four(INNER_V4), 6), {"ip_in_ip"}),
    "isatap": (
        outer(six_in_four(IPv6("fe80::5efe:c000:201", "fe80::5efe:c000:202", INNER_V6.upper, ttl=9))),
        {"ip_in_ip"},
    ),
    "gre": (outer(GRE(INNER_V4)), {"gre"}),
    "gre in ipv6": (outer(GRE(INNER_V6), 6), {"gre"}),
    "gre with all fields": (outer(GRE(INNER_V4, key=5, sequence=6, with_checksum=True)), {"gre"}),
    "gre with ethernet": (outer(GRE(INNER_FRAME, key=5)), {"gre", "ethernet"}),
    "pptp": (outer(Raw(47, PPTP + bytes(INNER_V4))), {"gre", "ppp"}),
    "erspan": (outer(Raw(47, ERSPAN + bytes(INNER_FRAME))), {"gre", "ethernet"}),
    "vxlan": (outer(vxlan(999, 7, INNER_FRAME)), {"udp", "vxlan", "ethernet"}),
    "geneve": (outer(UDP(999, 6081, GENEVE + bytes(INNER_FRAME))), {"udp", "geneve", "ethernet"}),
    "gtp": (outer(UDP(2152, 2152, GTP_PLAIN + bytes(INNER_V4))), {"udp", "gtp"}),
    "gtp with extension": (outer(UDP(2152, 2152, GTP_LONG + PDU_SESSION + bytes(INNER_V4))), {"udp", "gtp"}),
    "l2tp": (outer(UDP(1701, 1701, L2TP + bytes(INNER_V4))), {"udp", "l2tp", "ppp"}),
    "teredo": (outer(teredo(50000, INNER_V6)), {"udp", "teredo"}),
    "teredo with origin": (outer(teredo(3544, INNER_V6, (1234, "192.0.2.9"), 50000)), {"udp", "teredo"}),
    "authentication header": (outer(Raw(51, AUTHENTICATION + bytes(INNER_V4))), {"ip_in_ip"}),
}
UNSEEN = {"authentication header", "teredo with origin"}
"""What tshark opens only with a preference set."""
BY_SCHEMA = {"isatap": ("fe80::5efe:c000:201", "fe80::5efe:c000:202")}


@pytest.mark.parametrize("name", TUNNELS)
def test_the_innermost_packet_of_a_tunnel_is_the_one_that_counts(name: str) -> None:
    packet, layers = TUNNELS[name]
    packets, talks = decode([packet], RAW_IP)
    assert packets.problem[0] == 0
    assert layers < layers_of(packets)
    assert [int(getattr(packets, field)[0]) for field in ("protocol", "ttl", "seq", "length")] == [6, 9, 7, 5]
    assert len(bytes(packet)) - packets.transport_at[0] == 25
    assert packets.payload_at[0] == packets.transport_at[0] + 20
    inner = "ipv6" if packets.network_at[0] == len(bytes(packet)) - 65 else "ipv4"
    ends = BY_SCHEMA.get(name) or (V6 if inner == "ipv6" else V4)
    assert (talks[0].address(0), talks[0].address(1)) == ends
    assert talks[0].facts["version"] == (6 if inner == "ipv6" else 4)
    assert len(talks) == 1


@pytest.mark.parametrize("name", [name for name in TUNNELS if name not in UNSEEN])
def test_tshark_sees_the_same_innermost_packet(tmp_path: Path, program: Callable[[str], str], name: str) -> None:
    path = write_pcap(tmp_path / "one.pcap", [Frame(0, bytes(TUNNELS[name][0]))], link_type=RAW_IP)
    rows = tshark_rows(program("tshark"), path, ["tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.len"])
    assert [[number(value) for value in row] for row in rows] == [[1099, 80, 7, 5]]


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(UDP(50000, 3544, b"\0\1\0\0short"), id="short teredo"),
        pytest.param(UDP(50000, 3544, b"\x40" + bytes(60)), id="teredo without ipv6"),
        pytest.param(UDP(999, 4789, bytes(60)), id="vxlan without its flag"),
        pytest.param(UDP(999, 6081, b"\xc0" + bytes(60)), id="geneve of another version"),
        pytest.param(UDP(2152, 2152, b"\x30\1" + bytes(60)), id="gtp echo"),
        pytest.param(UDP(1701, 1701, b"\xc8\2" + bytes(60)), id="l2tp control"),
        pytest.param(
            UDP(1701, 1701, b"\x02\2" + bytes(4) + b"\xff\xff" + bytes(54)), id="l2tp with an offset beyond its end"
        ),
        pytest.param(UDP(999, 4789, b""), id="empty"),
    ],
)
def test_a_tunnel_s_port_alone_makes_no_tunnel(datagram: UDP) -> None:
    packets, talks = decode([IPv4(*V4, datagram)], RAW_IP)
    assert layers_of(packets) - {"zero_transport_checksum"} == {"ipv4", "udp"}
    assert packets.problem[0] == 0
    assert packets.length[0] == len(datagram.payload)
    assert len(talks) == 1


def test_a_fragment_inside_a_tunnel_shows_nothing_of_the_tunnel_s_own_ports() -> None:
    piece = fragment_v4(IPv4("10.0.0.3", "10.0.0.4", UDP(1, 2, bytes(100)), ttl=9), 48)[0]
    packets, talks = decode([outer(vxlan(999, 7, Ethernet(*MACS, piece)))], RAW_IP)
    assert {"fragment", "vxlan"} < layers_of(packets)
    assert (packets.ttl[0], packets.transport_at[0], packets.payload_at[0], packets.length[0]) == (9, 0, 0, 0)
    assert len(talks) == 0


def test_tunnels_nested_without_end_are_given_up() -> None:
    packet: IPv4 | IPv6 = INNER_V4
    for _ in range(40):
        packet = IPv4(*OUTER, six_in_four(packet))
    packets, _ = decode([packet], RAW_IP)
    assert packets.problem[0] == 5


def test_neighbour_discovery_is_a_conversation_of_its_addresses() -> None:
    packets, talks = decode([IPv6("fe80::1", "ff02::1:ff00:2", ICMPv6(135, payload=bytes(16)), ttl=255)], RAW_IP)
    assert packets.code[0] == 135 << 8
    assert endpoints(talks[0]) == ("fe80::1", "ff02::1:ff00:2")
