"""Packets inside tunnels become rows: conversations, marks and messages hold for them, and none is counted twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.files import Frame, Interface, write_pcap, write_pcapng
from tests.support.ike import AES_256, COOKIE_I, MAIN, NO_COOKIE, authip, proposal_v1, vendor
from tests.support.iphttps import FAR, NEAR, inner, inside, talk_inner, tunnel
from tests.support.packets import UDP, IPv6, fragment_v6
from wireproof.conversations import CaptureTables, read_capture
from wireproof.limits import LIMITS
from wireproof.messages.said import Said
from wireproof.streams.inside import unpack_inside
from wireproof.table.schema import LAYERS

RAW_IP = 101
INNER = talk_inner()


def looked_inside(folder: Path, frames: list[Frame]) -> CaptureTables:
    tables = unpack_inside(read_capture(write_pcap(folder / "t.pcap", frames)))
    tables.capture.close()
    return tables


def test_the_inner_conversation_stands_behind_the_outer_one(tmp_path: Path) -> None:
    frames = tunnel(INNER)
    tables = looked_inside(tmp_path, frames)
    assert len(tables.conversations) == 2
    outer, talk = tables.conversations[0], tables.conversations[1]
    assert (outer.protocol, talk.client_endpoint, talk.server_endpoint) == ("tcp", f"[{NEAR}]:50000", f"[{FAR}]:445")
    assert (int(talk.client["packets"]), int(talk.server["packets"])) == (5, 3)
    assert int(talk.client["payload_bytes"]) == 800
    assert tables.packets.frames == len(frames)
    assert (tables.packets.layers[talk.rows] & LAYERS["derived"] != 0).all()


def test_an_inner_packet_has_the_number_and_time_of_the_frame_that_carried_it(tmp_path: Path) -> None:
    frames = tunnel(INNER)
    tables = looked_inside(tmp_path, frames)
    numbers = [tables.packets.number(row) for row in tables.conversations[1].rows.tolist()]
    assert numbers == [1 + next(place for place, frame in enumerate(frames) if data in frame.data) for _, data in INNER]
    times = tables.packets.time_ns[tables.conversations[1].rows]
    assert (np.diff(times) >= 0).all()
    assert tables.read_frames(tables.conversations[1].rows) == [data for _, data in INNER]


def test_rows_of_the_outer_conversation_are_what_they_were(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "t.pcap", tunnel(INNER))
    plain, looked = read_capture(path), unpack_inside(read_capture(path))
    assert looked.conversations.facts[:1].tobytes() == plain.conversations.facts.tobytes()
    for name in ("conversation", "direction", "marks", "seq", "offset"):
        assert (getattr(looked.packets, name)[: plain.packets.count] == getattr(plain.packets, name)).all()
    for tables in (plain, looked):
        tables.capture.close()


def test_every_column_ends_with_the_last_row(tmp_path: Path) -> None:
    tables = looked_inside(tmp_path, tunnel(INNER))
    assert (
        len(tables.packets.time_ns)
        == len(tables.packets.marks)
        == tables.packets.count
        == tables.packets.frames + len(INNER)
    )


def test_authip_inside_the_tunnel_is_read(tmp_path: Path) -> None:
    first = authip(MAIN, [proposal_v1([AES_256]), vendor(9)], cookies=(COOKIE_I, NO_COOKIE))
    tables = looked_inside(tmp_path, tunnel([("client", inner(UDP(500, 500, first)))]))
    [message] = Said(tables).ike
    assert (message.protocol, message.windows_build) == ("authip", 9)


def test_fragments_inside_the_tunnel_are_put_together(tmp_path: Path) -> None:
    pieces = fragment_v6(IPv6(NEAR, FAR, UDP(500, 500, bytes(range(256)) * 8)), 1232, 77)
    path = write_pcap(tmp_path / "t.pcap", tunnel([("client", bytes(piece)) for piece in pieces]))
    tables = unpack_inside(read_capture(path))
    tables.capture.close()
    assert int(tables.packets.length[: tables.packets.count].max()) == 2048


@pytest.mark.parametrize("lost", [0, 1])
def test_packets_that_the_tunnel_interface_shows_are_not_counted_twice(tmp_path: Path, lost: int) -> None:
    outer = tunnel(INNER)
    own = inside(outer, INNER)[lost:]
    frames = sorted((*outer, *own), key=lambda frame: frame.time_ns)
    path = write_pcapng(tmp_path / "both.pcapng", frames, [Interface(), Interface(link_type=RAW_IP)])
    tables = unpack_inside(read_capture(path))
    tables.capture.close()
    assert tables.packets.count == tables.packets.frames
    assert len(tables.conversations) == 2


def test_frames_of_another_client_do_not_hide_the_inner_packets(tmp_path: Path) -> None:
    outer = tunnel(INNER)
    other = [(by, data.replace(INNER[0][1][8:24], bytes(15) + b"\x09")) for by, data in INNER]
    frames = sorted((*outer, *inside(outer, other)), key=lambda frame: frame.time_ns)
    path = write_pcapng(tmp_path / "both.pcapng", frames, [Interface(), Interface(link_type=RAW_IP)])
    tables = unpack_inside(read_capture(path))
    tables.capture.close()
    assert tables.packets.count == tables.packets.frames + len(INNER)


def test_packets_beyond_the_limit_are_noted_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITS["inside.kept_bytes"], "value", 100)
    tables = looked_inside(tmp_path, tunnel(INNER))
    assert tables.packets.count < tables.packets.frames + len(INNER)
    assert any("not read because there are too many" in note.text for note in tables.capture.notes)


def test_a_capture_without_tunnels_is_the_same_as_before(tmp_path: Path) -> None:
    tables = read_capture(write_pcap(tmp_path / "t.pcap", tunnel(INNER, suites="AES128-SHA")))
    assert unpack_inside(tables) is tables
    tables.capture.close()
