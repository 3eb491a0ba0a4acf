"""What belongs to no opened conversation stays as it was captured; what can't be kept is counted."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examples.files import enhanced_packet, section_header
from examples.packets import UDP, Ethernet, IPv4
from tests.export.clearing import (
    HOSTS,
    MACS,
    clear_of,
    complaints,
    export,
    handshake,
    read_capture,
    read_made,
    said,
    segment,
    timed,
)
from tests.support.files import Interface, block, option, pcapng_bytes, write_pcapng
from tests.support.iphttps import OK, POST, talk_inner, tunnel
from tests.support.packets import TCP, fragment_v4, port_unreachable, sll
from wireproof.conversations import CaptureTables
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.export import Exported, ExportOptions, export_clear
from wireproof.streams.inside import unpack_inside

DATA = b"some data that is said"
DATAGRAM = bytes(Ethernet(*MACS, IPv4(*HOSTS, UDP(1000, 2000, b"question"))))


def frames_of(tables: CaptureTables) -> list[bytes]:
    """All frames of a capture."""
    return tables.read_frames(range(tables.packets.frames))


def write(tables: CaptureTables, clear: Clear, folder: Path, **options: Any) -> tuple[Exported, CaptureTables]:
    """Export and read back."""
    result = export_clear(tables, clear, folder / "clear.pcapng", ExportOptions(**options))
    return result, read_capture(folder / "clear.pcapng")


def test_other_frames_stay_byte_for_byte_in_order_of_time(tmp_path: Path) -> None:
    frames = [DATAGRAM, *handshake(), DATAGRAM, segment(True, "PA", 0, 0, DATA), b"\xff" * 60]
    result, tables = export(tmp_path, frames)
    written = frames_of(tables)
    assert [place for place, data in enumerate(written) if data in (DATAGRAM, b"\xff" * 60)] == [0, 4, 6]
    assert tables.capture.comments[5] == ["frame 5 of made.pcap"]
    assert (result.frames, result.clear) == (7, 4)


def test_others_are_left_out_on_request(tmp_path: Path) -> None:
    result, tables = export(tmp_path, [DATAGRAM, *handshake(), segment(True, "PA", 0, 0, DATA)], others=False)
    assert tables.packets.frames == 4
    assert result.left_out == {"not asked for": 1}


def test_an_error_about_an_opened_conversation_stays(tmp_path: Path) -> None:
    sent = IPv4(*HOSTS, TCP(40000, 8443, 2**32 - 1999, 5001, "A", payload=DATA))
    error = bytes(Ethernet(*MACS[::-1], IPv4(*HOSTS[::-1], port_unreachable(sent))))
    _, tables = export(tmp_path, [*handshake(), segment(True, "PA", 0, 0, DATA), error])
    assert error in frames_of(tables)


def test_comments_of_the_capture_stay(tmp_path: Path) -> None:
    frames = timed([DATAGRAM, *handshake(), segment(True, "PA", 0, 0, DATA), segment(False, "A", 0, len(DATA))])
    texts = {0: "look here", 4: "and here", 5: "the end"}
    made = [frame._replace(comment=texts.get(place, "")) for place, frame in enumerate(frames)]
    write_pcapng(tmp_path / "made.pcapng", made)
    tables = read_capture(tmp_path / "made.pcapng")
    _, written = write(tables, clear_of(tables), tmp_path)
    found = {number: said[1:] for number, said in written.capture.comments.items() if said[1:]}
    assert found[1] == ["look here"]
    assert [text for said in found.values() for text in said if not text.startswith("was ")] == list(texts.values())


@pytest.mark.parametrize("opened", [True, False])
def test_secrets_in_comments_are_blanked_where_that_is_asked_for(tmp_path: Path, opened: bool) -> None:
    frames = timed([*handshake(), segment(True, "PA", 0, 0, DATA)])
    text = "see this: Authorization: Basic Ym9iOmh1bnRlcjI= and password=hunter2"
    write_pcapng(tmp_path / "made.pcapng", [*frames[:3], frames[3]._replace(comment=text)])
    tables = read_capture(tmp_path / "made.pcapng")
    _, written = write(tables, clear_of(tables) if opened else Clear(), tmp_path, redact=True)
    every = " ".join(said for texts in written.capture.comments.values() for said in texts)
    assert "see this" in every
    assert "hunter2" not in every


def test_interfaces_of_several_link_types_become_one(tmp_path: Path) -> None:
    packet = IPv4(*HOSTS, UDP(1000, 2000, b"question"))
    plain = [sll(packet, MACS[0]), bytes(packet), DATAGRAM, b"\x01" * 40]
    frames = [frame.__class__(frame.time_ns, frame.data, interface=place) for place, frame in enumerate(timed(plain))]
    (tmp_path / "made.pcapng").write_bytes(
        pcapng_bytes(frames, [Interface(113), Interface(101), Interface(1), Interface(147)])
    )
    result, tables = write(read_capture(tmp_path / "made.pcapng"), Clear(), tmp_path)
    assert [frame[14:] for frame in frames_of(tables)] == [bytes(packet)] * 3
    assert [interface.link_type for interface in tables.capture.interfaces] == [1]
    assert result.left_out == {"link type 147 that Ethernet can't carry": 1}


def test_fragments_of_what_is_opened_go_with_it(tmp_path: Path) -> None:
    sent = IPv4(*HOSTS, TCP(40000, 8443, 2**32 - 1999, 5001, "A", payload=DATA * 50), ident=77)
    other = IPv4(*HOSTS, UDP(1000, 2000, DATA * 50), ident=78)
    pieces = [bytes(Ethernet(*MACS, part)) for part in (*fragment_v4(sent, 400), *fragment_v4(other, 400))]
    result, tables = export(tmp_path, [*handshake(), *pieces])
    assert said(tables)[0] == [(0, DATA * 50)]
    assert result.left_out == {"fragments of packets that are written in clear": len(fragment_v4(sent, 400))}
    assert [data for data in frames_of(tables) if data in pieces] == pieces[len(fragment_v4(sent, 400)) :]


@pytest.mark.parametrize("tunnels", [True, False])
def test_packets_inside_a_tunnel_become_frames(tmp_path: Path, tunnels: bool, program: Callable[[str], str]) -> None:
    frames = tunnel(talk_inner(), tls=False)
    tables = unpack_inside(read_made(tmp_path, [frame.data for frame in frames]))
    result, written = write(tables, clear_of(tables, [0]), tmp_path, tunnels=tunnels)
    inner = [bytes(data) for _, data in talk_inner()]
    assert [frame[14:] for frame in frames_of(written) if frame[14:] in inner] == inner
    assert result.inner == len(inner)
    assert (result.clear > 0) == tunnels
    texts = [text for found in written.capture.comments.values() for text in found]
    assert sum(text.startswith("inside frame ") for text in texts) == len(inner)
    assert complaints(program, tmp_path / "clear.pcapng", "tcp.checksum.status == 0 || ip.checksum.status == 0") == []


def test_a_tunnel_under_a_null_suite_is_followed_without_being_opened(tmp_path: Path) -> None:
    frames = tunnel(talk_inner())
    tables = unpack_inside(read_made(tmp_path, [frame.data for frame in frames]))
    result, written = write(tables, Clear(), tmp_path, tunnels=False)
    assert written.packets.frames == result.inner == len(talk_inner())
    assert result.left_out["the stream around a tunnel's packets"] == len(frames)


def test_a_conversation_inside_a_tunnel_can_be_the_opened_one(tmp_path: Path) -> None:
    tables = unpack_inside(read_made(tmp_path, [frame.data for frame in tunnel(talk_inner(), tls=False)]))
    inside = int(np.flatnonzero(tables.conversations.facts["version"] == 6)[0])
    _, written = write(tables, clear_of(tables, [inside]), tmp_path)
    number = int(np.flatnonzero(written.conversations.facts["version"] == 6)[0])
    assert said(written, number) == said(tables, inside)


def test_a_frame_check_sequence_is_no_part_of_the_frame(tmp_path: Path) -> None:
    description = block(1, struct.pack("<HHI", 1, 0, 0) + option(13, b"\x04", "<") + option(0, b"", "<"), "<")
    frame = timed([DATAGRAM + b"\xde\xad\xbe\xef"])[0]
    (tmp_path / "made.pcapng").write_bytes(
        section_header() + description + enhanced_packet(frame, frame.time_ns // 1000, "<")
    )
    _, tables = write(read_capture(tmp_path / "made.pcapng"), Clear(), tmp_path)
    assert frames_of(tables) == [DATAGRAM]


def test_a_tunnel_under_a_null_suite_is_written_with_what_is_inside(
    tmp_path: Path, program: Callable[[str], str]
) -> None:
    tables = read_made(tmp_path, [frame.data for frame in tunnel(talk_inner())])
    clear = open_tls(tables, KeyRing())
    result, written = write(unpack_inside(tables, clear.inside()), clear, tmp_path)
    assert (result.conversations, result.inner) == (1, len(talk_inner()))
    outer = int(np.flatnonzero(written.conversations.facts["version"] == 4)[0])
    asked, answered = said(written, outer)
    assert asked[0][1].startswith(POST)
    assert answered[0][1].startswith(OK)
    assert asked[0][1].endswith(talk_inner()[-1][1])
    assert complaints(program, tmp_path / "clear.pcapng") == []
