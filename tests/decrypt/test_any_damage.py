"""Whatever happens to a capture or to its keys: opening comes to an end, raises nothing, and reads no byte that was not said."""

from __future__ import annotations

import contextlib
import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import tls_lab
from tests.support.files import Frame, pcapng_bytes
from tests.support.opened import pieces_of, ring_of
from tests.support.tls_captures import cut_up, segment_frames
from tests.support.tls_lab import TLS10, TLS13, WEB, Session, Setup
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.files import read_keys
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.errors import KeyMaterialError

SETUPS = {
    "AES-GCM": Setup(suite="AES128-GCM-SHA256"),
    "AES-CBC": Setup(suite="AES128-SHA256"),
    "AES-CBC of TLS 1.0": Setup(version=TLS10, suite="AES128-SHA"),
    "TLS 1.3": Setup(version=TLS13),
}
KINDS = ("flip", "set", "cut", "drop", "double", "swap")
EDIT = st.tuples(st.sampled_from(KINDS), st.integers(0, 1 << 16), st.integers(0, 1 << 16))
HEADERS = 54
"""Bytes of Ethernet, IP and TCP; damage goes to what is behind them."""


@functools.cache
def session_of(kind: str) -> Session:
    return tls_lab.play(SETUPS[kind], (*WEB, *WEB))


@functools.cache
def frames_of(kind: str) -> tuple[Frame, ...]:
    return tuple(segment_frames(cut_up(session_of(kind), 700)))


def damage(frames: list[Frame], how: str, place: int, at: int) -> None:
    """One change to a list of frames."""
    number = place % len(frames)
    frame = frames[number]
    if how in {"flip", "set"} and len(frame.data) > HEADERS:
        data = bytearray(frame.data)
        where = HEADERS + at % (len(data) - HEADERS)
        data[where] = data[where] ^ (1 << at % 8) if how == "flip" else at >> 8 & 0xFF
        frames[number] = frame._replace(data=bytes(data))
    elif how == "cut":
        frames[number] = frame._replace(data=frame.data[: max(HEADERS, at % 1500)], original=frame.wire_length)
    elif how == "drop" and len(frames) > 1:
        del frames[number]
    elif how == "double":
        frames.insert(at % len(frames), frame)
    elif how == "swap":
        other = min(number + 1 + at % 4, len(frames) - 1)
        frames[number], frames[other] = frames[other], frame


def read_all(frames: list[Frame], ring: KeyRing) -> list[list[bytes]]:
    """The pieces that were read of each side of each conversation."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "damaged.pcapng")
        path.write_bytes(pcapng_bytes(frames))
        tables = read_capture(path)
        with tables.capture:
            clear = open_tls(tables, ring)
            rows = range(-1, len(tables.packets))
            assert all(outcome.row in rows and outcome.reason_row in rows for outcome in clear.outcomes)
            return [[data for _, data in pieces_of(side)] for talk in clear.talks.values() for side in talk.streams]


@pytest.mark.parametrize("keys", ["key log", "private key"])
@pytest.mark.parametrize("kind", SETUPS)
@given(edits=st.lists(EDIT, max_size=8))
@settings(max_examples=40)
def test_damaged_captures_give_only_what_was_said(kind: str, keys: str, edits: list[tuple[str, int, int]]) -> None:
    session, frames = session_of(kind), list(frames_of(kind))
    for edit in edits:
        damage(frames, *edit)
    ring = ring_of(session.key_log if keys == "key log" else session.private_key)
    said = session.said
    for pieces in read_all(frames, ring):
        assert all(any(piece in side for side in said) for piece in pieces)


@given(data=st.binary(max_size=300))
@settings(max_examples=150)
def test_any_bytes_as_keys_are_read_or_refused(data: bytes) -> None:
    for form in (data, b"CLIENT_RANDOM " + data, b"-----BEGIN PRIVATE KEY-----\n" + data, b"\x30\x82" + data):
        with contextlib.suppress(KeyMaterialError):
            assert read_keys(form, "keys", ["word"]) is not None


@given(
    edits=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6), kind=st.sampled_from(list(SETUPS))
)
@settings(max_examples=40)
def test_damaged_keys_open_nothing_wrong(kind: str, edits: list[tuple[int, int]]) -> None:
    session = session_of(kind)
    for whole in (session.key_log, session.private_key):
        data = bytearray(whole)
        for at, value in edits:
            data[at % len(data)] = value
        ring = KeyRing()
        try:
            read_keys(bytes(data), "keys").add_to(ring, "keys")
        except KeyMaterialError:
            continue
        for pieces in read_all(list(frames_of(kind)), ring):
            assert all(any(piece in side for side in session.said) for piece in pieces)
