"""Inputs of every kind: paths, pipes, standard input, open files, packed ones and archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import pytest
import zstandard

from tests.capture.reading import read, rows, some_frames, walk
from tests.support.files import pcap_bytes, pcapng_bytes
from wireproof.capture import open_capture, open_captures
from wireproof.capture.opening import open_inputs
from wireproof.capture.source import UNPACKED_BYTES, CopiedSource, PlainSource
from wireproof.errors import CaptureFormatError

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


@pytest.mark.parametrize("name", PACKERS)
def test_packed_captures_are_read_and_can_be_read_again(tmp_path: Path, name: str) -> None:
    frames = some_frames(2500, size=700)
    path = tmp_path / "plain-name"
    path.write_bytes(PACKERS[name](pcapng_bytes(frames)))
    with open_capture(path) as capture:
        found = walk(capture)
        assert found.frames == rows(frames)
        assert capture.read_frames(found.offsets[-3:], [len(data) for data in found.data[-3:]]) == found.data[-3:]
    assert found.notes == []


@pytest.mark.parametrize("name", [name for name in PACKERS if name != "bzip2"])
def test_what_could_be_unpacked_of_a_cut_file_is_read(tmp_path: Path, name: str) -> None:
    frames = some_frames(400)
    noise = os.urandom(300_000)
    packed = PACKERS[name](pcap_bytes(frames) + noise)
    path = tmp_path / "cut"
    path.write_bytes(packed[: len(packed) - 100_000])
    found = read(str(path))
    assert found.frames[:400] == rows(frames)


def test_a_cut_gzip_file_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(pcap_bytes(some_frames()))[:-9])
    assert "the gzip data end before their end mark; the file is cut or still growing" in read(str(path)).notes


def test_layers_of_compression_are_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.pcap.gz", gzip.compress(lzma.compress(pcap_bytes(some_frames()))))
    assert read(str(path)).frames == rows(some_frames())


def test_endless_layers_of_compression_are_refused() -> None:
    data = pcap_bytes([])
    for _ in range(9):
        data = gzip.compress(data)
    with pytest.raises(CaptureFormatError, match="compressed more than 3 times over"):
        open_capture(io.BytesIO(data))


def test_standard_input_is_read_from_a_pipe_and_from_a_file(tmp_path: Path) -> None:
    script = """
import sys
from wireproof.capture import open_capture
with open_capture("-") as capture:
    batches = [(batch.origin + int(batch.position[0]), int(batch.captured[0])) for batch in capture.batches()]
    again = capture.read_frames(*zip(*batches))
    print(capture.file, again[0] == bytes([1]) * 60)
"""
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_bytes(some_frames()))
    command = [sys.executable, "-c", script]
    piped = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True)
    assert piped.stdout.split() == [b"stdin", b"True"]
    with path.open("rb") as file:
        redirected = subprocess.run(command, stdin=file, capture_output=True, check=True)
    assert redirected.stdout == piped.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(pcap_bytes(some_frames())),))
    writer.start()
    found = read(str(path))
    writer.join()
    assert found.frames == rows(some_frames())


def test_a_piped_zip_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.pcap", pcap_bytes(some_frames()))
    assert read(file.getvalue()).frames == rows(some_frames())


def test_a_damaged_zip_member_gives_what_could_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    content = pcap_bytes(some_frames(2000))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.pcap", content)
    data = bytearray(path.read_bytes())
    data[data.index(content[:24]) + 100_000] ^= 0xFF
    path.write_bytes(data)
    found = read(str(path))
    assert len(found.frames) > 1000
    assert any("the zip data are damaged" in note for note in found.notes)


def test_an_encrypted_zip_member_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.pcap", pcap_bytes([]))
    data = bytearray(path.read_bytes())
    for magic, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags_at] |= 1
    path.write_bytes(data)
    with pytest.raises(CaptureFormatError, match="encrypted"):
        open_capture(path)


def test_an_unpacking_limit_ends_reading_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UNPACKED_BYTES, "value", 50_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(pcap_bytes(some_frames(5000))))
    found = read(str(path))
    assert 200 < len(found.frames) < 300
    assert "reading stopped after 50000 unpacked bytes, the limit capture.unpacked_bytes" in found.notes


def test_a_growing_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Frames written after the file was opened, and before its end was reached, are read too."""
    path = tmp_path / "growing.pcap"
    whole = pcap_bytes(some_frames(10))
    path.write_bytes(whole[:300])
    with open_capture(path) as capture:
        with path.open("ab") as file:
            file.write(whole[300:])
        assert len(walk(capture).frames) == 10


def test_only_regular_files_from_their_start_are_read_in_place(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(b"junk" + pcap_bytes(some_frames()))
    with path.open("rb") as file:
        file.seek(4)
        (item,) = open_inputs(file, None)
        source = item.make_source()
        assert isinstance(source, CopiedSource)
        source.close()
        assert not file.closed
    (item,) = open_inputs(path, None)
    source = item.make_source()
    assert isinstance(source, PlainSource)
    source.close()


def test_closing_the_last_capture_closes_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.pcap", pcap_bytes([]))
        archive.writestr("2.pcap", pcap_bytes([]))
    captures = list(open_captures(path))
    captures[0].close()
    assert walk(captures[1]).frames == []
    captures[1].close()
    path.unlink()
