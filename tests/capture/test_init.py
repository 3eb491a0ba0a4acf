"""`open_capture` on anything: recognised by content, read as Wireshark reads it, and never another error."""

from __future__ import annotations

import contextlib
import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.reading import Read, read, rows, some_frames, walk
from tests.support.files import Frame, Interface, interface_statistics, pcap_bytes, pcapng_bytes, simple_packet
from wireproof.capture import FORMATS, open_capture, open_captures
from wireproof.capture.frames import Capture
from wireproof.errors import CaptureFormatError

SMALL = (
    pcap_bytes(some_frames(4)),
    pcap_bytes(some_frames(4), nanoseconds=True, order=">", snap_length=30),
    pcapng_bytes([frame._replace(comment="why") for frame in some_frames(4)], last=interface_statistics(0, 4, 1)),
    pcapng_bytes(some_frames(3), [Interface(resolution=0x90)], ">")
    + pcapng_bytes([])
    + simple_packet(Frame(0, b"simple")),
)
NEWER_NUMBERING = "custom or journal blocks"


def test_formats_are_recognised_by_content_not_by_suffix(tmp_path: Path) -> None:
    path = tmp_path / "wrong.pcap"
    path.write_bytes(pcapng_bytes(some_frames()))
    with open_capture(path) as capture:
        assert capture.format == "pcapng"
    path.write_bytes(pcap_bytes(some_frames()))
    with open_capture(str(path)) as capture:
        assert capture.format == "pcap"
        assert capture.file == str(path)


def test_format_names_are_unique() -> None:
    names = [known.name for known in FORMATS]
    assert len(names) == len(set(names))


def test_frames_can_be_read_again(tmp_path: Path) -> None:
    frames = some_frames(200)
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap_bytes(frames))
    with open_capture(path) as capture:
        found = walk(capture)
        again = capture.read_frames(found.offsets[::-1], [len(data) for data in found.data[::-1]])
        wanted = np.array(found.offsets, np.int64), np.arange(200) % 7, np.arange(200) % 5
        parts = capture.read_parts(*wanted)
        assert parts == Capture.read_parts(capture, *wanted)
    assert again == [frame.data for frame in frames[::-1]]
    assert parts == b"".join(one.data[place % 7 : place % 7 + place % 5] for place, one in enumerate(frames))


def test_a_zip_yields_each_capture_in_it(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "client and server")
        archive.writestr("points/client.pcap", pcap_bytes(some_frames(3)))
        archive.writestr("points/server.pcapng", pcapng_bytes(some_frames(2)))
    counts = {}
    for capture in open_captures(path):
        with capture:
            counts[capture.file] = len(walk(capture).frames)
    assert counts == {f"{path}!points/client.pcap": 3, f"{path}!points/server.pcapng": 2}
    with open_capture(path) as first:
        assert len(walk(first).frames) == 3
        assert [note.text for note in first.notes] == ["one of 3 files in its zip archive"]


def test_captures_of_a_zip_can_be_open_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in (1, 2):
            archive.writestr(f"{number}.pcap", pcap_bytes(some_frames(number)))
    first, second = open_captures(path)
    with first, second:
        assert (len(walk(second).frames), len(walk(first).frames)) == (2, 1)


def test_a_zip_without_captures_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.log", "just text")
    with pytest.raises(CaptureFormatError, match=r"holds no capture: .*a\.log is a text file"):
        open_capture(path)


def test_an_office_document_is_named_and_not_looked_through(tmp_path: Path) -> None:
    path = tmp_path / "mail.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml"):
            archive.writestr(name, "<xml/>")
    with pytest.raises(CaptureFormatError, match=r"mail\.docx is an Office document, no capture$"):
        open_capture(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"hello\n", "is a text file, no capture"),
        (b"GMBU\0\2\1\0", "is cut inside its Network Monitor file header"),
        (b"snoop\0\0\0", "is a snoop capture"),
        (b"\x1f\x8b\x08\0", "can't be read: the gzip data end before their end mark"),
        (b"\x1f\x8b\x08\0" + b"\xff" * 40, "can't be read: the gzip data are damaged"),
        (b"PK\x03\x04 but no zip", "is a zip archive that can't be read"),
    ],
)
def test_what_is_no_capture_is_refused_by_its_name(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "odd.pcap"
    path.write_bytes(content)
    with pytest.raises(CaptureFormatError, match=says) as caught:
        open_capture(path)
    assert str(caught.value).startswith(str(path))


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureFormatError, match="does not exist"):
        open_capture(tmp_path / "none.pcap")
    with pytest.raises(CaptureFormatError, match="is a directory"):
        open_capture(tmp_path)
    with pytest.raises(CaptureFormatError, match="can't be opened"):
        open_capture("a\0b")


# --- any bytes -------------------------------------------------------------------------------------------------------


def read_anything(data: bytes) -> Read | None:
    """Read bytes to the end; None when they are refused. Any other error fails the test that called."""
    with contextlib.suppress(CaptureFormatError):
        return read(data)
    return None


@given(st.binary(max_size=400), st.sampled_from([b"", *(whole[:24] for whole in SMALL), SMALL[2][:96], SMALL[3][:96]]))
def test_any_bytes_give_frames_or_a_format_error(data: bytes, head: bytes) -> None:
    read_anything(head + data)


@given(
    st.sampled_from(SMALL),
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 9), st.binary(max_size=9)), max_size=4),
    st.integers(0, 700),
)
def test_any_change_to_a_capture_gives_frames_or_a_format_error(
    whole: bytes, changes: list[tuple[int, int, bytes]], kept: int
) -> None:
    data = whole[:kept] if kept % 3 == 0 else whole
    for at, removed, put in changes:
        data = data[:at] + put + data[at + removed :]
    read_anything(data)


@given(st.sampled_from(SMALL), st.integers(24, 700), st.binary(min_size=1, max_size=40))
def test_damage_is_noted_or_harmless(whole: bytes, at: int, put: bytes) -> None:
    """Fewer frames than were written never go without a word."""
    found = read_anything(whole[:at] + put + whole[at + len(put) :])
    assert found is None or len(found.frames) >= 3 or found.notes


# --- the oracles -----------------------------------------------------------------------------------------------------


def time_of(text: str) -> int:
    """The epoch time that tshark prints, in nanoseconds; 0 where the frame has none."""
    seconds, _, rest = text.partition(".")
    return int(seconds or 0) * 10**9 + int(rest.ljust(9, "0")[:9])


def ask_tshark(tshark: str, path: Path) -> list[tuple[int, int, int]] | None:
    """Time, captured and original length of every frame; None when tshark can't read the file to its end."""
    fields = ("-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len")
    # Nothing above the frame is asked for, so most of the dissection is switched off.
    command = [tshark, "-n", "--disable-protocol", "eth", "-r", str(path), "-T", "fields", *fields]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        return None
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return [(time_of(time), int(captured), int(original)) for time, captured, original in lines]


def sample(folder: Path) -> list[Path]:
    """All captures of the topic `formats`, and every twentieth of the others: starting tshark takes the time."""
    every = sorted(path for path in folder.rglob("*") if path.is_file() and path.parent.name != "keys")
    return [path for number, path in enumerate(every) if path.parent.name == "formats" or number % 20 == 0]


def test_real_captures_have_the_frames_that_tshark_finds(captures: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    differing = []
    read_count = 0
    for path in sample(captures):
        try:
            found = read(str(path))
        except CaptureFormatError:
            continue
        expected = ask_tshark(tshark, path)
        if expected is None or any(NEWER_NUMBERING in note or "year 2116" in note for note in found.notes):
            continue
        read_count += 1
        if [(time_ns, len(data), original) for time_ns, data, original, _ in found.frames] != expected:
            differing.append(str(path.relative_to(captures)))
    assert differing == []
    assert read_count > 80


def test_every_real_file_is_read_or_refused(captures: Path) -> None:
    """Whatever capinfos makes of it: captures, logs, key files, traces of other tools."""
    read_count = 0
    for path in sorted(path for path in captures.rglob("*") if path.is_file()):
        with contextlib.suppress(CaptureFormatError):
            read_count += len(read(str(path)).frames) > 0
    assert read_count > 800


def test_an_open_file_stays_open() -> None:
    file = io.BytesIO(SMALL[0])
    assert read(file).frames == rows(some_frames(4))
    assert not file.closed
