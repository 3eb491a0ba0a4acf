"""ESP flows: grouped by sender and SPI, gaps and repeats counted, also in UDP and across the end of sequence numbers."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.support.files import Frame, write_pcap
from tests.support.ike import CLIENT, MACS, QUICK, SERVER, at, datagram, sealed
from tests.support.packets import Ethernet, IPv4, Raw
from wireproof.conversations import read_capture
from wireproof.messages.esp import EspFlow
from wireproof.messages.said import Said


def esp(spi: int, sequence: int, by: str = "client", size: int = 84) -> bytes:
    ends = (CLIENT, SERVER) if by == "client" else (SERVER, CLIENT)
    return bytes(Ethernet(*MACS, IPv4(*ends, Raw(50, struct.pack("!II", spi, sequence) + bytes(size)))))


def flows(folder: Path, frames: list[Frame]) -> list[EspFlow]:
    tables = read_capture(write_pcap(folder / "esp.pcap", frames))
    found = list(Said(tables).esp)
    tables.capture.close()
    return found


def test_each_direction_of_an_association_is_a_flow(tmp_path: Path) -> None:
    frames = at((0, esp(7, 1)), (0.1, esp(9, 1, "server")), (0.2, esp(7, 2)), (0.3, esp(7, 3)))
    mine, theirs = sorted(flows(tmp_path, frames), key=lambda flow: flow.spi)
    assert (mine.packets, mine.octets, mine.source, mine.destination) == (3, 3 * 92, CLIENT, SERVER)
    assert (mine.row, mine.last_row, mine.lowest, mine.highest, mine.missing) == (0, 3, 1, 3, 0)
    assert (theirs.packets, theirs.source, theirs.encapsulated) == (1, SERVER, False)


def test_missing_and_repeated_numbers_are_counted(tmp_path: Path) -> None:
    [flow] = flows(tmp_path, at(*((place, esp(7, number)) for place, number in enumerate((1, 4, 2, 4, 9)))))
    assert (flow.lowest, flow.highest, flow.missing, flow.repeated) == (1, 9, 5, 1)


def test_numbers_go_on_behind_their_largest(tmp_path: Path) -> None:
    numbers = (2**32 - 2, 2**32 - 1, 0, 1)
    [flow] = flows(tmp_path, at(*((place, esp(7, number)) for place, number in enumerate(numbers))))
    assert (flow.lowest, flow.highest, flow.missing) == (2**32 - 2, 1, 0)


def test_behind_a_nat_ike_and_keep_alives_do_not_count(tmp_path: Path) -> None:
    inside = struct.pack("!II", 5, 1) + bytes(60)
    frames = at(
        (0, datagram(bytes(4) + sealed(QUICK), port=4500)),
        (1, datagram(inside, port=4500)),
        (2, datagram(b"\xff", port=4500)),
    )
    [flow] = flows(tmp_path, frames)
    assert (flow.spi, flow.encapsulated, flow.packets, flow.octets) == (5, True, 1, 68)


def test_a_capture_without_esp_has_no_flows(tmp_path: Path) -> None:
    assert flows(tmp_path, at((0, datagram(bytes(60), port=1500)))) == []
