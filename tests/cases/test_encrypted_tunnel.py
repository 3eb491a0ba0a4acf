"""IP-HTTPS of Windows 7, which encrypts: with the server's key its inner packets are rows like those of any other tunnel."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.files import Frame, write_pcap
from tests.support.iphttps import FAR, NEAR, Write, talk_inner, tunnel
from tests.support.null_tls import certificate
from tests.support.opened import ring_of
from wireproof.conversations import CaptureTables, read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.messages.said import Said
from wireproof.streams.inside import unpack_inside

SUITE = "AES128-SHA"


def ring() -> KeyRing:
    return ring_of(certificate().key_pem())


def opened(folder: Path, frames: Sequence[Frame], keys: KeyRing) -> tuple[CaptureTables, Clear]:
    tables = read_capture(write_pcap(folder / "t.pcap", frames))
    clear = open_tls(tables, keys)
    return unpack_inside(tables, clear.inside()), clear


def inner_frames(tables: CaptureTables) -> list[bytes]:
    return tables.read_frames(range(tables.packets.frames, tables.packets.count))


def packets_of(writes: Sequence[Write]) -> list[bytes]:
    return [data for _, data in writes]


def read(folder: Path, frames: Sequence[Frame], keys: KeyRing) -> tuple[list[bytes], list[Any], int]:
    tables, clear = opened(folder, frames, keys)
    with tables.capture:
        return inner_frames(tables), list(Said(tables, clear).iphttps), len(tables.conversations)


def test_every_inner_packet_of_an_opened_tunnel_is_a_row(tmp_path: Path) -> None:
    packets, messages, conversations = read(tmp_path, tunnel(talk_inner(), suites=SUITE), ring())
    assert packets == packets_of(talk_inner())
    assert conversations == 2
    assert sorted((m.kind, m.packets) for m in messages if m.kind == "packets") == [("packets", 3), ("packets", 5)]
    assert {m.suite for m in messages} == {0x2F}
    request = next(m for m in messages if m.kind == "request")
    assert (request.target, request.host) == ("/IPHTTPS", "uag1.contoso.com:443")


def test_without_the_key_the_tunnel_stays_closed(tmp_path: Path) -> None:
    packets, messages, conversations = read(tmp_path, tunnel(talk_inner(), suites=SUITE), KeyRing())
    assert (packets, messages, conversations) == ([], [], 1)


def test_a_lost_record_costs_its_packet_only(tmp_path: Path) -> None:
    # Up to TLS 1.0 the record behind it is lost too: its first block is chained to what is missing.
    frames = tunnel(talk_inner(), suites=SUITE, version=ssl.TLSVersion.TLSv1_2)
    lost = next(place for place, frame in enumerate(frames) if len(frame.data) > 800 and place > 12)
    packets, _, _ = read(tmp_path, [frame for place, frame in enumerate(frames) if place != lost], ring())
    assert len(packets) == len(talk_inner()) - 1
    assert set(packets) < set(packets_of(talk_inner()))


def test_a_suite_that_encrypts_nothing_is_read_once_with_a_key_at_hand(tmp_path: Path) -> None:
    packets, messages, _ = read(tmp_path, tunnel(talk_inner(), suites="NULL-SHA"), ring())
    assert packets == packets_of(talk_inner())
    assert [m.kind for m in messages].count("request") == 1


def test_inner_addresses_are_the_tunnels(tmp_path: Path) -> None:
    tables, _ = opened(tmp_path, tunnel(talk_inner(), suites=SUITE), ring())
    with tables.capture:
        assert tables.conversations[1].client_endpoint.startswith(f"[{NEAR}]")
        assert FAR in tables.conversations[1].server_endpoint
