"""Frames that are kept lose their credentials too: datagrams, quoted packets, repeats, fragments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from examples.packets import UDP, Ethernet, IPv4
from tests.export.clearing import HOSTS, ISNS, MACS, complaints, handshake, read_capture, read_made, segment
from tests.export.redact.secrets import as_request
from tests.support.packets import TCP, fragment_v4, port_unreachable
from wireproof.decrypt.clear import Clear
from wireproof.export import Exported, ExportOptions, export_clear

REGISTER = b'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest username="bob", response="ZZZZ"\r\n\r\n'


def kept(folder: Path, frames: list[bytes]) -> tuple[Exported, list[bytes]]:
    """An export without any opened conversation: the result and its frames."""
    result = export_clear(read_made(folder, frames), Clear(), folder / "clear.pcapng", ExportOptions(redact=True))
    written = read_capture(folder / "clear.pcapng")
    return result, written.read_frames(range(written.packets.frames))


def datagram(data: bytes) -> IPv4:
    """SIP over UDP."""
    return IPv4(*HOSTS, UDP(5060, 5060, data), ident=9)


def test_an_encrypted_time_in_a_datagram_goes(tmp_path: Path) -> None:
    request = as_request(b"Z" * 56)
    frame = bytes(Ethernet(*MACS, IPv4(*HOSTS, UDP(40_000, 88, request[4:]), ident=9)))
    near_miss = frame.replace(b"\xa1\x03\x02\x01\x02\xa2", b"\xa1\x03\x02\x01\x03\xa2")
    result, frames = kept(tmp_path, [frame, near_miss])
    assert result.redacted == 1
    assert frames[0].count(b"Z") == 0
    assert frames[0].replace(b"*", b"Z")[54:] == frame[54:]
    assert frames[1] == near_miss


def test_datagrams_are_looked_through_one_by_one(tmp_path: Path, program: Callable[[str], str]) -> None:
    plain = bytes(Ethernet(*MACS, datagram(b"\x80\0" + bytes(range(150)))))
    result, frames = kept(tmp_path, [plain, bytes(Ethernet(*MACS, datagram(REGISTER))), plain])
    assert frames[0] == frames[2] == plain
    assert b"Z" not in frames[1]
    assert b"Digest **" in frames[1]
    assert result.redacted == 1
    assert complaints(program, tmp_path / "clear.pcapng", "udp.checksum.status == 0") == []


def test_a_quoted_packet_loses_its_content(tmp_path: Path, program: Callable[[str], str]) -> None:
    sent = IPv4(*HOSTS, TCP(40000, 80, 1, 1, "A", payload=b"GET / HTTP/1.1\r\nCookie: " + b"Z" * 400))
    error = bytes(Ethernet(*MACS[::-1], IPv4(*HOSTS[::-1], port_unreachable(sent))))
    longer = error[: 14 + 20 + 8] + bytes(sent)
    frames = kept(tmp_path, [bytes(Ethernet(*MACS, sent)), error, longer])[1]
    assert [frame for frame in frames if b"Z" in frame] == []
    assert (frames[2][:36], frames[2][38:82]) == (longer[:36], longer[38:82])
    assert complaints(program, tmp_path / "clear.pcapng", "icmp.checksum.status == 0 && frame.number == 2") == []


def test_another_copy_with_other_bytes_is_looked_through_too(tmp_path: Path) -> None:
    head = b"GET / HTTP/1.1\r\nAccept: aaaaaaaaaaaaaaaa\r\n\r\n"
    other = b"GET / HTTP/1.1\r\nCookie: ZZZZZZZZZZZZZZZZ\r\n\r\n"
    _, frames = kept(tmp_path, [*handshake(), segment(True, "A", 0, 0, head), segment(True, "A", 0, 0, other)])
    assert [frame for frame in frames if b"Z" in frame] == []


def test_fragments_are_written_as_the_packet_that_they_make(tmp_path: Path) -> None:
    long = REGISTER + b"x" * 700
    pieces = [bytes(Ethernet(*MACS, part)) for part in fragment_v4(datagram(long), 64)]
    result, frames = kept(tmp_path, pieces)
    assert len(frames) == 1
    assert b"Z" not in frames[0]
    assert b"x" * 700 in frames[0]
    assert result.left_out == {"fragments, of which only whole packets are looked through for secrets": len(pieces)}


@pytest.mark.parametrize("flags", ["RA", "SA"])
def test_what_a_reset_or_a_syn_carries_is_looked_through(tmp_path: Path, flags: str) -> None:
    carried = TCP(40000, 8443, ISNS[0] + 1, 5001, flags, payload=b"x\r\nCookie: ZZZZ\r\n\r\n")
    frames = kept(tmp_path, [*handshake(), bytes(Ethernet(*MACS, IPv4(*HOSTS, carried)))])[1]
    assert [frame for frame in frames if b"Z" in frame] == []


def test_frames_of_other_protocols_are_looked_through(tmp_path: Path) -> None:
    frames = kept(tmp_path, [b"\1\2\3\4\5\6" * 2 + b"\x88\xb5" + b"password=ZZZZ&" + bytes(40)])[1]
    assert b"password=****&" in frames[0]
