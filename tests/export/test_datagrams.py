"""What was said inside DTLS, written as plain datagrams: between the same ends, at the same times, beside what else went there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from examples.packets import UDP, Ethernet, IPv4
from tests.export.clearing import HOSTS, MACS, read_capture, read_made
from wireproof.conversations import CaptureTables
from wireproof.decrypt.clear import Clear, ClearDatagram, ClearDatagrams
from wireproof.decrypt.outcome import Outcome, Status
from wireproof.export import Exported, ExportOptions, export_clear
from wireproof.export.datagrams import find_dtls_rows, find_spoken, udp_talks
from wireproof.wire.checksum import ChecksumState, checksum_state
from wireproof.wire.tls import ALERT, APPLICATION_DATA, HANDSHAKE

PORTS = (40000, 5684)
STUN = b"\x00\x01" + bytes(18)


def datagram(up: bool, data: bytes, ports: tuple[int, int] = PORTS) -> bytes:
    """A frame from the client, or to it."""
    turn = 1 if up else -1
    (source, target), (own, peer), (sport, dport) = MACS[::turn], HOSTS[::turn], ports[::turn]
    return bytes(Ethernet(source, target, IPv4(own, peer, UDP(sport, dport, data))))


def dtls(kind: int) -> bytes:
    """A record that holds something."""
    return bytes((kind, 0xFE, 0xFD)) + bytes(8) + b"\0\x04" + b"\xab" * 4


FRAMES = [
    datagram(True, STUN),
    datagram(True, dtls(HANDSHAKE)),
    datagram(False, dtls(HANDSHAKE)),
    datagram(True, dtls(APPLICATION_DATA)),
    datagram(False, dtls(APPLICATION_DATA)),
    datagram(False, dtls(APPLICATION_DATA)),
    datagram(True, dtls(ALERT)),
]
SAID = [
    ClearDatagram(1, 0, HANDSHAKE, b"finished"),
    ClearDatagram(3, 0, APPLICATION_DATA, b"one"),
    ClearDatagram(3, 0, APPLICATION_DATA, b"two"),
    ClearDatagram(4, 1, APPLICATION_DATA, b"Set-Cookie: sid=0123456789\r\n"),
    ClearDatagram(4, 1, APPLICATION_DATA, b""),
    ClearDatagram(6, 0, ALERT, b"\1\0"),
]


def clear_of(said: list[ClearDatagram], number: int = 0) -> Clear:
    """A conversation of which these records were read."""
    outcome = Outcome(conversation=number, status=Status.PARTLY, version=0xFEFD, key="keys.log")
    return Clear(datagrams={number: ClearDatagrams(number, said, outcome)})


def write(
    folder: Path, frames: list[bytes] = FRAMES, said: list[ClearDatagram] = SAID, **options: Any
) -> tuple[Exported, CaptureTables]:
    """Export and read back."""
    tables = read_made(folder, frames)
    result = export_clear(tables, clear_of(said), folder / "clear.pcapng", ExportOptions(**options))
    return result, read_capture(folder / "clear.pcapng")


def test_each_record_is_a_datagram_and_what_is_no_dtls_stays(tmp_path: Path) -> None:
    result, tables = write(tmp_path)
    packets, frames = tables.packets, tables.read_frames(range(tables.packets.frames))
    assert frames[0] == FRAMES[0]
    assert [frame[42:] for frame in frames[1:]] == [b"one", b"two", SAID[3].data]
    assert [frame[:14] for frame in frames[1:]] == [FRAMES[3][:14], FRAMES[3][:14], FRAMES[4][:14]]
    first = int(packets.time_ns[0])
    assert (packets.time_ns[:4] - first).tolist() == [place * 1_000_001 for place in (0, 3, 3, 4)]
    assert len(tables.conversations) == 1
    assert tables.conversations[0].server_endpoint == "10.1.1.2:5684"
    assert (result.frames, result.clear, result.conversations) == (4, 3, 1)
    assert {checksum_state(frame, 14, 34, 17) for frame in frames} == {ChecksumState.RIGHT}


def test_comments_name_the_frames_and_what_encrypted_them(tmp_path: Path) -> None:
    _, tables = write(tmp_path)
    assert tables.capture.comments[2] == ["frame 4 of made.pcap", "was DTLS 1.2, opened with keys.log"]
    assert tables.capture.comments[3] == ["frame 4 of made.pcap"]
    assert tables.capture.comments[4] == ["frame 5 of made.pcap"]


def test_a_conversation_that_says_nothing_inside_stays_as_it_is(tmp_path: Path) -> None:
    result, tables = write(tmp_path, said=[SAID[0], SAID[4], SAID[5]])
    assert tables.read_frames(range(7)) == FRAMES
    assert (result.frames, result.clear, result.conversations) == (7, 0, 0)


def test_only_what_was_decrypted_on_request(tmp_path: Path) -> None:
    result, tables = write(tmp_path, others=False)
    assert tables.packets.frames == 3
    assert result.left_out == {"not asked for": 1}


def test_secrets_are_blanked(tmp_path: Path) -> None:
    result, tables = write(tmp_path, redact=True)
    assert result.redacted == 1
    assert tables.read_frames([3])[0][42:].startswith(b"Set-Cookie: ")
    assert b"0123456789" not in (tmp_path / "clear.pcapng").read_bytes()


def test_the_servers_port_is_another_unless_two_would_become_one(tmp_path: Path) -> None:
    _, tables = write(tmp_path, ports={5684: 5683})
    assert {tables.conversations[number].server_endpoint for number in range(2)} == {"10.1.1.2:5684", "10.1.1.2:5683"}
    both = [FRAMES[0], datagram(True, b"coap", (40000, 5683)), *FRAMES[1:]]
    moved = [one._replace(row=one.row + 1) for one in SAID]
    result, tables = write(tmp_path, both, moved, ports={5684: 5683})
    assert len(result.notes) == 1
    assert "keeps its port" in result.notes[0]
    assert len(tables.conversations) == 2


def test_what_is_found_of_a_conversation(tmp_path: Path) -> None:
    tables = read_made(tmp_path, FRAMES)
    spoken = find_spoken(clear_of(SAID))
    assert [one.conversation for one in spoken] == [0]
    assert find_spoken(clear_of(SAID[:1])) == []
    assert find_dtls_rows(tables, spoken).tolist() == [1, 2, 3, 4, 5, 6]
    assert udp_talks(tables, spoken) == [(0, 0)]


@pytest.mark.parametrize("name", ["clear.pcap", "clear.pcapng"])
def test_nothing_is_read_of_nothing(tmp_path: Path, name: str) -> None:
    tables = read_made(tmp_path, [])
    result = export_clear(tables, Clear(), tmp_path / name)
    assert (result.frames, result.clear) == (0, 0)
