"""Frames as lines: columns, addresses and Info as Wireshark's packet list shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import ETHERNET, Frame, write_pcap
from tests.support.oracle import ORACLE_VERSION, tshark_rows, tshark_version
from tests.support.packets import UDP, Ethernet, IPv4, Raw, fragment_v4, radiotap, sll, wlan_data
from tests.support.tables import spaced
from wireproof.conversations import CaptureTables, read_capture
from wireproof.conversations.lines import FrameLine, describe, find_row

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
WIRESHARK_COLUMNS = (
    "_ws.col.Protocol", "_ws.col.Source", "_ws.col.Destination", "frame.len", "_ws.col.Info",
)  # fmt: skip


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Callable[..., CaptureTables]]:
    """Reads frames, and closes the capture when the test is over."""
    opened: list[CaptureTables] = []

    def read(frames: list[Frame], link_type: int = ETHERNET) -> CaptureTables:
        opened.append(read_capture(write_pcap(tmp_path / "made.pcap", frames, link_type=link_type, nanoseconds=True)))
        return opened[-1]

    yield read
    for each in opened:
        each.capture.close()


def lines(tables: CaptureTables) -> list[FrameLine]:
    return [describe(tables, row) for row in range(tables.packets.frames)]


def test_a_printed_listing_is_told_as_wireshark_tells_it(tables: Callable[..., CaptureTables]) -> None:
    told = lines(tables(d4_smtp_mss.frames()))
    assert told[0].info == "28474 → 25 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256"
    assert told[1].info == "25 → 28474 [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=512"
    assert told[11].info == "[TCP Retransmission] 28474 → 25 [ACK] Seq=113 Ack=269 Win=65124 Len=536"
    assert told[13].info == "[TCP Dup ACK 11#1] 28474 → 25 [ACK] Seq=649 Ack=269 Win=65124 Len=0"
    assert told[17].info == "28474 → 25 [RST, ACK] Seq=649 Ack=269 Win=0 Len=0"


def test_a_line_has_the_columns_of_the_packet_list(tables: Callable[..., CaptureTables]) -> None:
    line = lines(tables(d4_smtp_mss.frames()))[1]
    assert (line.number, line.source, line.destination) == (2, "10.1.1.5", "10.1.1.1")
    assert (line.protocol, line.length) == ("TCP", 60)
    assert line.time_s == pytest.approx(0.022001)
    assert line.time_ns == d4_smtp_mss.START_NS + 22_001_000


def test_other_protocols_of_ip_are_named_by_their_number(tables: Callable[..., CaptureTables]) -> None:
    frames = spaced([bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", Raw(50, b"\0" * 40))))])
    frames += spaced([bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", Raw(103, b"\0" * 40))))])
    assert [(line.protocol, line.info) for line in lines(tables(frames))] == [
        ("ESP", "IP protocol 50"),
        ("IPv4", "IP protocol 103"),
    ]


def test_frames_without_ip_are_named_by_their_ethertype(tables: Callable[..., CaptureTables]) -> None:
    lldp = bytes.fromhex("0180c200000e 020000000001 88cc") + bytes(46)
    line = lines(tables(spaced([lldp])))[0]
    assert (line.protocol, line.source, line.destination) == ("LLDP", "02:00:00:00:00:01", "01:80:c2:00:00:0e")


def test_a_frame_cut_before_its_ports_is_told_as_far_as_it_goes(tables: Callable[..., CaptureTables]) -> None:
    whole = bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", UDP(5000, 6000, b"abc"))))
    line = lines(tables([Frame(10**9, whole[:36], len(whole))]))[0]
    assert (line.protocol, line.source) == ("UDP", "10.0.0.1")
    assert "fewer bytes" in line.info


def test_a_row_that_the_capture_lacks_is_an_index_error(tables: Callable[..., CaptureTables]) -> None:
    read = tables(d4_smtp_mss.frames())
    for wrong in (-1, 18):
        with pytest.raises(IndexError):
            describe(read, wrong)
    for wrong in (0, 19):
        with pytest.raises(IndexError):
            find_row(read, wrong)


def test_the_frame_that_completes_a_datagram_stands_for_the_whole_of_it(tables: Callable[..., CaptureTables]) -> None:
    packet = IPv4("10.0.0.1", "10.0.0.2", UDP(5000, 6000, bytes(2000)), ident=7, dont_fragment=False)
    read = tables(spaced([bytes(Ethernet(*MACS, part)) for part in fragment_v4(packet, 1480)]))
    assert describe(read, 0).info == "Fragmented IP protocol (proto=UDP 17, off=0, ID=0007)"
    line = describe(read, find_row(read, 2))
    assert (line.number, line.info) == (2, "5000 → 6000 Len=2000")


@pytest.mark.parametrize("wrap", [lambda ip: sll(ip, MACS[0]), lambda ip: radiotap(wlan_data(ip))])
def test_addresses_are_found_below_any_link(tables: Callable[..., CaptureTables], wrap: Callable[..., bytes]) -> None:
    frame = wrap(IPv4("10.0.0.1", "10.0.0.2", UDP(1000, 2000, b"x")))
    link_type = 127 if frame[:2] == b"\0\0" and len(frame) > 60 else 113
    line = lines(tables(spaced([frame]), link_type))[0]
    assert (line.source, line.destination, line.info) == ("10.0.0.1", "10.0.0.2", "1000 → 2000 Len=1")


REAL = (
    "tcp-connect/netverdict__reject.pcap",
    "tcp-loss/netverdict__loss.pcap",
    "tcp-slow/netverdict__zero_window.pcap",
    "tcp-reset/Wireshark__ais.cap",
    "ipv6-transition",
)
COMPARED = {"TCP", "UDP", "ARP", "ICMP"}
"""Above these, Wireshark shows what it read of protocols that wireproof does not read."""


def real_files(captures: Path) -> list[Path]:
    """The named captures, and of a folder its first ten."""
    chosen = [captures / name for name in REAL]
    files = [file for path in chosen for file in (sorted(path.iterdir())[:10] if path.is_dir() else [path])]
    return [file for file in files if file.is_file()]


def test_columns_agree_with_wireshark_on_real_captures(captures: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    if tshark_version(tshark) != ORACLE_VERSION:
        pytest.skip(f"words of the Info column differ between releases; these are those of {ORACLE_VERSION}")
    different, compared = [], 0
    for file in real_files(captures):
        rows = list(tshark_rows(tshark, file, WIRESHARK_COLUMNS))
        with (read := read_capture(file)).capture:
            for place, row in enumerate(rows):
                if row[0] not in COMPARED or (row[0] == "TCP" and "Seq=" not in row[4]):
                    continue
                line = describe(read, place)
                target = line.destination.replace("Broadcast", "ff:ff:ff:ff:ff:ff")
                ours = [line.protocol, line.source, target, str(line.length)]
                compared += 1
                if ours != row[:4] or not same_info(line.info, row[4]):
                    different.append((file.name, place + 1, row, line))
    assert compared > 100
    assert different == []


def same_info(ours: str, theirs: str) -> bool:
    """Equal but for what Wireshark adds behind: which frame answers a ping, what it will reassemble."""
    words = " ".join(theirs.split())
    return words == ours or words.startswith((f"{ours} [", f"{ours}[", f"{ours} ("))
