"""tshark decodes what every builder makes, with the layers meant and right checksums."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.files import Frame, Interface, pcap_bytes, pcapng_bytes, simple_packet, write_pcapng
from tests.support.packets import (
    ARP,
    GRE,
    ICMP,
    LINK_TYPES,
    MPLS,
    OFFLOADED,
    TCP,
    UDP,
    VLAN,
    Ethernet,
    IPv4,
    IPv6,
    PPPoE,
    arp_reply,
    arp_request,
    destination_options,
    echo,
    echo_v6,
    fragment_v4,
    fragment_v6,
    hop_by_hop,
    mss,
    null,
    port_unreachable,
    ppp,
    qinq,
    radiotap,
    routing_header,
    sack,
    sack_permitted,
    six_in_four,
    sll,
    sll2,
    teredo,
    timestamps,
    too_big,
    vxlan,
    wlan_data,
    wscale,
)

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
SYN = TCP(50001, 9000, 1000, 0, "S", 64240, mss(1460) + sack_permitted() + timestamps(7, 0) + wscale(7))
DATA = TCP(50001, 9000, 1001, 2001, "PA", 501, timestamps(8, 9), b"hello")
SACKED = TCP(50001, 9000, 1001, 2001, "A", 501, sack((3000, 4000), (5000, 6000)))
V4 = IPv4("10.0.0.1", "10.0.0.2", DATA, ident=77)
V6 = IPv6("2001:db8::1", "2001:db8::2", DATA)
ASK = IPv4("10.0.0.1", "10.0.0.2", UDP(5000, 5001, b"question"))
LONG = IPv4("10.0.0.1", "10.0.0.2", UDP(5000, 5001, b"long text " * 300), ident=99)
LONG_V6 = IPv6("2001:db8::1", "2001:db8::2", UDP(5000, 5001, b"long text " * 300))
OUTER = ("192.0.2.1", "192.0.2.2")
TEREDO_HOST = "2001:0:4136:e378:8000:63bf:3fff:fdd2"


class Sample(NamedTuple):
    """A built frame, its link type, and what tshark must say of it: a part of the layers, and of the summary."""

    data: bytes
    layers: str
    info: str = ""
    link: str = "ethernet"


def eth(payload: object) -> bytes:
    return bytes(Ethernet(A, B, payload))  # type: ignore[arg-type]


SAMPLES = {
    "tcp_syn": Sample(eth(IPv4("10.0.0.1", "10.0.0.2", SYN)), "ip:tcp", "MSS=1460 SACK_PERM TSval=7 TSecr=0 WS=128"),
    "tcp_sack": Sample(eth(IPv4("10.0.0.1", "10.0.0.2", SACKED)), "ip:tcp", "SLE=3000 SRE=4000 SLE=5000 SRE=6000"),
    "tcp_data": Sample(eth(V4), "ip:tcp", "[PSH, ACK] Seq=1001 Ack=2001"),
    "udp": Sample(eth(ASK), "ip:udp", "Len=8"),
    "ip_options": Sample(eth(IPv4("10.0.0.1", "10.0.0.2", DATA, options=b"\x94\x04\0\0")), "ip:tcp", "Len=5"),
    "arp_request": Sample(bytes(arp_request(A, "10.0.0.1", "10.0.0.2")), "arp", "Who has 10.0.0.2? Tell 10.0.0.1"),
    "arp_reply": Sample(bytes(arp_reply(B, "10.0.0.2", A, "10.0.0.1")), "arp", f"10.0.0.2 is at {B}"),
    "arp_announcement": Sample(
        eth(ARP(1, A, "10.0.0.1", "00:00:00:00:00:00", "10.0.0.1")), "arp", "ARP Announcement for 10.0.0.1"
    ),
    "echo": Sample(eth(IPv4("10.0.0.1", "10.0.0.2", echo(7, 9))), "ip:icmp", "Echo (ping) request  id=0x0007, seq=9"),
    "unreachable": Sample(
        eth(IPv4("10.0.0.2", "10.0.0.1", port_unreachable(ASK))), "ip:icmp:ip:udp", "Port unreachable"
    ),
    "too_big": Sample(eth(IPv4("10.0.0.9", "10.0.0.1", too_big(V4, 1400))), "ip:icmp:ip:tcp", "Fragmentation needed"),
    "time_exceeded": Sample(
        eth(IPv4("10.0.0.9", "10.0.0.1", ICMP(11, 0, payload=bytes(ASK)[:28]))), "ip:icmp:ip:udp", "Time to live"
    ),
    "ipv6": Sample(eth(V6), "ipv6:tcp", "Len=5"),
    "ipv6_extensions": Sample(
        eth(
            IPv6(
                "2001:db8::1",
                "2001:db8::2",
                DATA,
                extensions=(hop_by_hop(), destination_options(), routing_header("2001:db8::2")),
            )
        ),
        "ipv6:ipv6.hopopts:ipv6.dstopts:ipv6.routing:tcp",
        "Len=5",
    ),
    "echo_v6": Sample(eth(IPv6("2001:db8::1", "2001:db8::2", echo_v6(7, 9))), "ipv6:icmpv6", "Echo (ping) request"),
    "too_big_v6": Sample(
        eth(IPv6("2001:db8::9", "2001:db8::1", too_big(V6, 1280))), "icmpv6:ipv6:tcp", "Packet Too Big"
    ),
    "vlan": Sample(eth(VLAN(12, V4)), "vlan:ethertype:ip:tcp"),
    "qinq": Sample(eth(qinq(100, 12, V4)), "ieee8021ad:ethertype:vlan:ethertype:ip:tcp"),
    "mpls": Sample(eth(MPLS((16, 17), V4)), "mpls:ip:tcp"),
    "pppoe": Sample(eth(PPPoE(5, V4)), "pppoes:ppp:ip:tcp"),
    "gre": Sample(eth(IPv4(*OUTER, GRE(V4))), "ip:gre:ip:tcp"),
    "gre_key": Sample(eth(IPv4(*OUTER, GRE(V6, key=5, sequence=1, with_checksum=True))), "ip:gre:ipv6:tcp"),
    "gre_bridged": Sample(eth(IPv4(*OUTER, GRE(Ethernet(A, B, V4)))), "ip:gre:eth:ethertype:ip:tcp"),
    "vxlan": Sample(eth(IPv4(*OUTER, vxlan(50000, 42, Ethernet(A, B, V4)))), "udp:vxlan:eth:ethertype:ip:tcp"),
    "teredo": Sample(eth(IPv4(*OUTER, teredo(50000, IPv6(TEREDO_HOST, "2001:db8::2", DATA)))), "udp:teredo:ipv6:tcp"),
    "teredo_origin": Sample(
        eth(IPv4(*OUTER, teredo(50000, IPv6(TEREDO_HOST, "2001:db8::2", DATA), origin=(3545, "198.51.100.2")))),
        "udp:teredo:ipv6:tcp",
    ),
    "six_to_four": Sample(eth(IPv4(*OUTER, six_in_four(V6))), "ip:ipv6:tcp"),
    "ip_in_ip": Sample(eth(IPv4(*OUTER, six_in_four(V4))), "ip:ip:tcp"),
    "sll": Sample(sll(V4, A), "sll:ethertype:ip:tcp", link="sll"),
    "sll2": Sample(sll2(V6, A, kind=4), "sll:ethertype:ipv6:tcp", link="sll2"),
    "null": Sample(null(V4), "null:ip:tcp", link="null"),
    "null_v6": Sample(null(V6, family_v6=24), "null:ipv6:tcp", link="null"),
    "loop": Sample(null(V4, order=">"), "null:ip:tcp", link="loop"),
    "raw": Sample(bytes(V6), "raw:ipv6:tcp", link="raw"),
    "ppp": Sample(ppp(V4), "ppp:ip:tcp", link="ppp"),
    "ppp_bare": Sample(ppp(V6, framed=False), "ppp:ipv6:tcp", link="ppp"),
    "wlan": Sample(wlan_data(V4), "wlan:llc:ip:tcp", link="wlan"),
    "wlan_qos": Sample(wlan_data(V4, from_ds=False, qos=True), "wlan:llc:ip:tcp", link="wlan"),
    "radiotap": Sample(radiotap(wlan_data(V6)), "radiotap:wlan_radio:wlan:llc:ipv6:tcp", link="radiotap"),
    "fragment_first": Sample(eth(fragment_v4(LONG, 1480)[0]), "ip:data", "Fragmented IP protocol"),
    "fragment_middle": Sample(eth(fragment_v4(LONG, 1480)[1]), "ip:data", "off=1480"),
    "fragment_last": Sample(eth(fragment_v4(LONG, 1480)[2]), "ip:udp:data", "Len=3000"),
    "fragment_v6_first": Sample(eth(fragment_v6(LONG_V6, 1448, 5)[0]), "ipv6.fraghdr:data", "IPv6 fragment"),
    "fragment_v6_middle": Sample(eth(fragment_v6(LONG_V6, 1448, 5)[1]), "ipv6.fraghdr:data", "off=1448"),
    "fragment_v6_last": Sample(eth(fragment_v6(LONG_V6, 1448, 5)[2]), "ipv6.fraghdr:udp:data", "Len=3000"),
    "offloaded": Sample(eth(IPv4("10.0.0.1", "10.0.0.2", DATA, total_length=0)), "ip:tcp", "Len=5"),
}
COLUMNS = ("frame.protocols", "_ws.col.Info", "_ws.malformed")
CHECKSUMS = ("ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status")
VALIDATE = (
    "ip.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "tcp.relative_sequence_numbers:FALSE",
)


def decode(path: Path, *columns: str) -> list[list[str]]:
    """The columns of every frame as tshark sees them; skips without tshark."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    command = [tshark, "-n", "-r", str(path), "-T", "fields", "-E", "separator=,", "-E", "quote=d"]
    command += [word for setting in VALIDATE for word in ("-o", setting)]
    command += [word for column in columns for word in ("-e", column)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [row or [""] * len(columns) for row in csv.reader(output.splitlines())]


@pytest.fixture(scope="module")
def decoded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """One capture of all samples, an interface a link type, read by tshark once."""
    links = sorted({sample.link for sample in SAMPLES.values()})
    frames = [
        Frame(turn, sample.data, interface=links.index(sample.link)) for turn, sample in enumerate(SAMPLES.values())
    ]
    path = tmp_path_factory.mktemp("packets") / "all.pcapng"
    write_pcapng(path, frames, [Interface(LINK_TYPES[link], name=link) for link in links])
    return dict(zip(SAMPLES, decode(path, *COLUMNS, *CHECKSUMS), strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_tshark_finds_the_layers_meant(decoded: dict[str, list[str]], name: str) -> None:
    layers, info, malformed = decoded[name][:3]
    assert (SAMPLES[name].layers in layers, SAMPLES[name].info in info, malformed) == (True, True, ""), (layers, info)


@pytest.mark.parametrize("name", SAMPLES)
def test_tshark_finds_no_wrong_checksum(decoded: dict[str, list[str]], name: str) -> None:
    statuses = ",".join(decoded[name][3:]).split(",")
    # An IP total length of 0 leaves tshark without the length that the TCP checksum needs.
    assert "0" not in statuses or name == "offloaded"


def test_a_checksum_left_to_the_adapter_is_wrong_on_the_wire(tmp_path: Path) -> None:
    packet = IPv4("10.0.0.1", "10.0.0.2", TCP(1, 2, 3, 4, "PA", payload=b"x" * 20, checksum=OFFLOADED))
    path = write_pcapng(tmp_path / "offloaded.pcapng", [Frame(0, eth(packet))])
    assert decode(path, "tcp.checksum.status") == [["0"]]


@pytest.mark.parametrize("nanoseconds", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_pcap_files_keep_times_lengths_and_cuts(tmp_path: Path, nanoseconds: bool, order: str) -> None:
    path = tmp_path / "some.pcap"
    frames = [Frame(1_700_000_000_123_456_789, eth(V4)), Frame(1_700_000_001_000_000_000, eth(LONG))]
    path.write_bytes(pcap_bytes(frames, nanoseconds=nanoseconds, order=order, snap_length=60))
    rows = decode(path, "frame.time_epoch", "frame.len", "frame.cap_len")
    fraction = "123456789" if nanoseconds else "123456000"
    assert rows[0] == [f"1700000000.{fraction}", str(len(eth(V4))), "60"]
    assert rows[1][1:] == [str(len(eth(LONG))), "60"]


@pytest.mark.parametrize(
    ("resolution", "fraction"), [(6, "123456000"), (9, "123456789"), (3, "123000000"), (0x94, "123456001")]
)
def test_pcapng_interfaces_have_clocks_of_their_own(tmp_path: Path, resolution: int, fraction: str) -> None:
    path = tmp_path / "some.pcapng"
    interface = Interface(resolution=resolution, offset_s=1_000_000, name="eth0")
    path.write_bytes(pcapng_bytes([Frame(1_700_000_000_123_456_789, eth(V4), comment="look here")], [interface], ">"))
    time, name, comment = decode(path, "frame.time_epoch", "frame.interface_name", "frame.comment")[0]
    assert (time[:16], name, comment) == (f"1700000000.{fraction}"[:16], "eth0", "look here")


def test_simple_packet_blocks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "simple.pcapng"
    path.write_bytes(pcapng_bytes([]) + simple_packet(Frame(0, eth(V4))))
    assert decode(path, "frame.protocols")[0][0].endswith("ip:tcp:data")
