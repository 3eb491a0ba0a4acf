"""The capturing host, told by its frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.files import write_pcap
from tests.support.packets import LINK_TYPES, TCP, UDP, Ethernet, IPv4, pack_mac, sll
from tests.support.tables import spaced
from wireproof.conversations import read_capture
from wireproof.messages.vantage import Vantage, find_vantage, link_types, spread

HERE, NEAR, FAR = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"


def packet(source: str, target: str, size: int) -> IPv4:
    return IPv4(source, target, UDP(5000, 5001, bytes(size)))


def vantage(folder: Path, *frames: bytes, link_type: int = 1) -> Vantage:
    tables = read_capture(write_pcap(folder / "made.pcap", spaced(frames), link_type=link_type))
    with tables.capture:
        return find_vantage(tables)


def test_the_only_sender_of_unpadded_frames_is_the_capturing_host(tmp_path: Path) -> None:
    ack = IPv4("10.1.1.1", "10.1.1.2", TCP(1, 2))
    found = vantage(tmp_path, bytes(Ethernet(HERE, NEAR, ack)), bytes(Ethernet(NEAR, HERE, ack, padded=True)))
    assert found.mac == pack_mac(HERE)
    assert "padded" in found.because


def test_where_nobody_pads_nothing_is_told(tmp_path: Path) -> None:
    ack = IPv4("10.1.1.1", "10.1.1.2", TCP(1, 2))
    assert vantage(tmp_path, bytes(Ethernet(HERE, NEAR, ack)), bytes(Ethernet(NEAR, HERE, ack))) == Vantage()


def test_the_common_end_of_all_unicast_frames_is_the_capturing_host(tmp_path: Path) -> None:
    frames = [
        bytes(Ethernet(*macs, packet("10.1.1.1", "10.1.1.2", 100)))
        for macs in ((HERE, NEAR), (NEAR, HERE), (HERE, FAR), (FAR, HERE))
    ]
    assert vantage(tmp_path, *frames).mac == pack_mac(HERE)


def test_two_hosts_alone_may_both_be_it(tmp_path: Path) -> None:
    frames = [bytes(Ethernet(*macs, packet("10.1.1.1", "10.1.1.2", 100))) for macs in ((HERE, NEAR), (NEAR, HERE)) * 3]
    assert vantage(tmp_path, *frames) == Vantage()


def test_a_mirror_port_has_no_capturing_host(tmp_path: Path) -> None:
    frames = [
        bytes(Ethernet(*macs, packet("10.1.1.1", "10.1.1.2", 100)))
        for macs in ((HERE, NEAR), (NEAR, FAR), (FAR, HERE)) * 2
    ]
    assert vantage(tmp_path, *frames) == Vantage()


def test_a_cooked_capture_says_it_itself(tmp_path: Path) -> None:
    frame = sll(packet("10.1.1.1", "10.1.1.2", 9), HERE, kind=4)
    found = vantage(tmp_path, frame, link_type=LINK_TYPES["sll"])
    assert (found.cooked, found.sent(frame, 113), found.sent(sll(packet("10.1.1.2", "10.1.1.1", 9), NEAR), 113)) == (
        True,
        True,
        False,
    )


def test_who_sent_a_frame_is_told_by_its_source() -> None:
    here = Vantage(mac=pack_mac(HERE))
    frame = bytes(Ethernet(HERE, NEAR, packet("10.1.1.1", "10.1.1.2", 9)))
    assert (
        here.sent(frame, 1),
        here.sent(frame[6:12] + frame[:6], 1),
        here.sent(frame, 101),
        Vantage().sent(frame, 1),
    ) == (True, False, None, None)


def test_a_sample_is_spread_over_all_rows() -> None:
    rows = spread(np.arange(1000), 5)
    assert rows.tolist() == [0, 249, 499, 749, 999]
    assert spread(np.arange(3), 5).tolist() == [0, 1, 2]


def test_link_types_by_row(tmp_path: Path) -> None:
    tables = read_capture(write_pcap(tmp_path / "made.pcap", spaced([bytes(60)])))
    with tables.capture:
        assert link_types(tables, np.array([0])).tolist() == [1]
