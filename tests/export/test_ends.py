"""What the segments of one direction share comes from its first frame."""

from __future__ import annotations

from pathlib import Path

from tests.export.clearing import HOSTS, MACS, clear_of, handshake, read_made, segment
from tests.support.packets import TCP, VLAN, Ethernet, IPv4, IPv6, pack_mac, six_in_four
from wireproof.export.ends import Ends, find_ends


def ends_of(folder: Path, frames: list[bytes], link_type: int = 1, ports: dict[int, int] | None = None) -> Ends:
    """The ends of all conversations of these frames."""
    tables = read_made(folder, frames, link_type)
    return find_ends(tables, list(clear_of(tables).talks.values()), ports or {})


def test_link_headers_are_those_of_each_side(tmp_path: Path) -> None:
    found = ends_of(tmp_path, handshake())
    first, second = (pack_mac(mac) for mac in MACS)
    assert found.link == [second + first + b"\x08\0", first + second + b"\x08\0"] or found.link == [
        first + second + b"\x08\0",
        second + first + b"\x08\0",
    ]
    assert found.link[0][:6] == handshake()[0][:6]
    assert found.ports.tolist() == [[40000, 8443], [8443, 40000]]


def test_tags_stay(tmp_path: Path) -> None:
    frame = bytes(Ethernet(*MACS, VLAN(7, IPv4(*HOSTS, TCP(1, 2, flags="S")))))
    assert ends_of(tmp_path, [frame]).link[0] == frame[:18]


def test_headers_are_made_up_where_there_are_none(tmp_path: Path) -> None:
    packet = IPv6("2001:db8::1", "2001:db8::2", TCP(1, 2, flags="S"))
    found = ends_of(tmp_path, [bytes(packet)], link_type=101)
    assert found.link[0][12:] == b"\x86\xdd"
    assert found.link[0][:6] == found.link[1][6:12]
    inside = bytes(Ethernet(*MACS, IPv4(*HOSTS, six_in_four(packet))))
    assert ends_of(tmp_path, [inside]).link == found.link


def test_a_mapped_port_is_the_servers(tmp_path: Path) -> None:
    assert ends_of(tmp_path, handshake(), ports={0: 80}).ports.tolist() == [[40000, 80], [80, 40000]]


def test_scaling_is_agreed_on_only_where_both_could(tmp_path: Path) -> None:
    assert [len(options) for options in ends_of(tmp_path, handshake()).options] == [8, 8]
    assert [len(options) for options in ends_of(tmp_path, [segment(True, "S")]).options] == [4, 0]
