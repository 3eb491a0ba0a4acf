"""Compound files: streams whole and in pieces, the hash that signatures cover, and broken chains."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.installers import SECTOR, compound, digest, installer
from wireproof.policy.ole import Ole, OleError, read_pieces
from wireproof.policy.signature import unpack_signed

pytest.importorskip("olefile")

LONG = random.Random(1).randbytes(100_001)
STREAMS = {"short": b"abc", "long": LONG, "empty": b""}


def test_short_long_and_empty_streams_are_read() -> None:
    ole = Ole(io.BytesIO(compound(STREAMS)))
    assert {name: ole.read(name, 1 << 20) for name in ole.names} == STREAMS
    assert ole.read("no such", 10) == b""
    assert ole.open("no such") is None


def test_a_long_stream_can_be_sought_and_read_in_pieces() -> None:
    stream = Ole(io.BytesIO(compound(STREAMS))).open("long")
    assert stream is not None
    stream.seek(70_000)
    assert stream.read(9) == LONG[70_000:70_009]
    assert stream.seek(-2, io.SEEK_END) == len(LONG) - 2
    assert stream.read() == LONG[-2:]
    stream.seek(0)
    assert b"".join(read_pieces(stream)) == LONG


def test_the_hash_covers_contents_in_the_order_of_names_and_no_signature() -> None:
    streams = {"b": b"2", "a": LONG, "\x05DigitalSignature": b"sig"}
    assert Ole(io.BytesIO(compound(streams))).digest() == digest(streams, class_id=bytes(16))
    assert digest(streams) == digest({"a": LONG, "b": b"2"})


def test_the_hash_covers_what_lies_in_storages() -> None:
    first = Ole(io.BytesIO(compound({"a": b"1"}, storages={"s": {"b": b"2"}}))).digest()
    second = Ole(io.BytesIO(compound({"a": b"1"}, storages={"s": {"b": b"3"}}))).digest()
    assert first != second


def test_what_is_no_compound_file_is_refused() -> None:
    with pytest.raises(OleError, match="no compound file"):
        Ole(io.BytesIO(b"MZ" + bytes(2000)))


@pytest.mark.parametrize(("told", "words"), [(0x7FFFFFFF, "its streams state"), (len(LONG) + 700, "ends after")])
def test_a_stream_that_states_more_than_its_chain_holds_is_refused(told: int, words: str) -> None:
    data = bytearray(compound(STREAMS))
    at = data.index("long\0".encode("utf-16-le")) + 120
    struct.pack_into("<I", data, at, told)
    with pytest.raises(OleError, match=words):
        Ole(io.BytesIO(bytes(data))).read("long", 1 << 30)


def test_streams_that_share_their_sectors_are_refused() -> None:
    data = bytearray(compound({"first": LONG, "other": b"", "third": b""}))
    first, *others = (data.index(f"{name}\0".encode("utf-16-le")) + 116 for name in ("first", "other", "third"))
    for at in others:
        data[at : at + 8] = data[first : first + 8]
    with pytest.raises(OleError, match="its streams state 300,003 bytes"):
        Ole(io.BytesIO(bytes(data)))


def test_a_chain_that_bites_its_tail_ends_with_the_stated_size() -> None:
    data = bytearray(compound({"long": LONG}))
    fat = len(data) - (-(-(len(data) // SECTOR) // 128)) * SECTOR
    struct.pack_into("<I", data, fat + 4 * 5, 0)
    assert len(Ole(io.BytesIO(bytes(data))).read("long", 1 << 30)) == len(LONG)


WHOLE = compound(
    {"short": b"abc", "long": LONG[:9000], "\x05MsiDigitalSignatureEx": b"x" * 32}, storages={"s": {"b": b"2"}}
)


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(WHOLE)))
def test_any_damage_is_an_ole_error_or_other_bytes(at: int, instead: bytes, end: int) -> None:
    data = (WHOLE[:at] + instead + WHOLE[at + len(instead) :])[: max(end, 600)]
    with contextlib.suppress(OleError):
        ole = Ole(io.BytesIO(data))
        for name in ole.names:
            ole.read(name, 1 << 20)
        assert len(ole.digest()) == 32


@pytest.mark.parametrize("options", [[], ["-add-msi-dse"]])
def test_osslsigncode_signs_the_same_hash(
    tmp_path: Path, program: Callable[[str], str], signer: list[str], options: list[str]
) -> None:
    (tmp_path / "t.msi").write_bytes(installer())
    words = [program("osslsigncode"), "sign", *signer, "-h", "sha256", *options, "-in", "t.msi", "-out", "s.msi"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    ole = Ole(io.BytesIO((tmp_path / "s.msi").read_bytes()))
    signed = unpack_signed(ole.read("\x05DigitalSignature", 1 << 20))
    assert signed is not None
    assert ole.digest() in signed.indirect
