"""What the segments of one direction share comes from its first frame."""

from __future__ import annotations

import os
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


def test_each_stream_has_the_header_of_its_own_frame_whatever_their_order(tmp_path: Path) -> None:
    macs = [f"02:00:00:00:01:{number:02x}" for number in range(6)]
    frames = [
        bytes(Ethernet(macs[number], MACS[1], IPv4(*HOSTS, TCP(40000 + number, 443, flags="S")))) for number in range(6)
    ]
    back = bytes(Ethernet(macs[5], macs[0], IPv4(*HOSTS[::-1], TCP(443, 40000, flags="SA"))))
    found = ends_of(tmp_path, [*frames, back])
    by_port = {int(ports[0]): link for ports, link in zip(found.ports, found.link, strict=True) if ports[1] == 443}
    assert by_port == {40000 + number: frame[:14] for number, frame in enumerate(frames)}
    assert [link for ports, link in zip(found.ports, found.link, strict=True) if ports[1] == 40000] == [back[:14]]


def test_flow_labels_are_those_of_each_side(tmp_path: Path) -> None:
    packet = bytearray(bytes(Ethernet(*MACS, IPv6("2001:db8::1", "2001:db8::2", TCP(1, 2, flags="S")))))
    packet[14:18] = b"\x6f\xf1\x23\x45"
    assert ends_of(tmp_path, [bytes(packet)]).flow.tolist() == [0x12345, 0]


def test_what_a_file_does_not_hold_any_more_costs_the_others_nothing(tmp_path: Path) -> None:
    frames = [segment(True, "S", ports=(port, 443)) for port in (40000, 40001)]
    tables = read_made(tmp_path, frames)
    path = tmp_path / "made.pcap"
    os.truncate(path, path.stat().st_size - len(frames[1]))
    found = find_ends(tables, list(clear_of(tables).talks.values()), {})
    assert found.link[0] == frames[0][:14]
    assert len(found.link[2]) == 14


def test_a_mapped_port_is_the_servers(tmp_path: Path) -> None:
    assert ends_of(tmp_path, handshake(), ports={0: 80}).ports.tolist() == [[40000, 80], [80, 40000]]


def test_scaling_is_agreed_on_only_where_both_could(tmp_path: Path) -> None:
    assert [len(options) for options in ends_of(tmp_path, handshake()).options] == [8, 8]
    assert [len(options) for options in ends_of(tmp_path, [segment(True, "S")]).options] == [4, 0]
