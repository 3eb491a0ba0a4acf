"""Logs among the inputs: in a folder, named, with what the case file says of them."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.said_over import said
from wireproof.analyse import open_case
from wireproof.analyse.log_files import FILE_BYTES
from wireproof.errors import CaptureFormatError
from wireproof.logs.netstat import NetstatLog

NETSTAT = "Active Connections\r\n\r\n  Proto  Local Address  Foreign Address  State  PID\r\n  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    920\r\n"


def folder_with(tmp_path: Path, case: str = "") -> Path:
    write_pcap(tmp_path / "server.pcap", [Frame(0, frame) for frame in said([("client", b"GET / HTTP/1.1\r\n\r\n")])])
    (tmp_path / "netstat.txt").write_text(NETSTAT)
    if case:
        (tmp_path / "case.toml").write_text(case)
    return tmp_path


def close(case: object) -> None:
    for point in case.points:  # type: ignore[attr-defined]
        point.capture.close()


def test_a_log_in_a_case_folder_is_taken_and_needs_no_note(tmp_path: Path) -> None:
    case = open_case([str(folder_with(tmp_path))])
    close(case)
    (log,) = case.logs_of(NetstatLog)
    assert log.file == str(tmp_path / "netstat.txt")
    assert not [note for note in case.notes if "netstat" in note]


def test_the_case_file_states_zone_and_point_of_a_log(tmp_path: Path) -> None:
    stated = '[[point]]\nname = "server"\nfile = "server.pcap"\n[[log]]\nfile = "netstat.txt"\nzone = "+02:00"\npoint = "server"\n'
    case = open_case([str(folder_with(tmp_path, stated))])
    close(case)
    (log,) = case.logs
    assert (log.zone_s, log.point) == (7200, "server")


def test_a_log_alone_makes_a_case(tmp_path: Path) -> None:
    (tmp_path / "netstat.txt").write_text(NETSTAT)
    case = open_case([str(tmp_path / "netstat.txt")])
    assert (case.points, len(case.logs)) == ([], 1)


def test_what_is_neither_capture_nor_key_nor_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague, it does not work.\n")
    with pytest.raises(CaptureFormatError):
        open_case([str(tmp_path / "letter.txt")])


def test_files_beyond_the_limit_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FILE_BYTES, "value", 10.0)
    (tmp_path / "netstat.txt").write_text(NETSTAT)
    with pytest.raises(CaptureFormatError):
        open_case([str(tmp_path / "netstat.txt")])


def ticket(tmp_path: Path, **more: bytes) -> Path:
    """An archive with a capture and an output, in UTF-16 and compressed once more."""
    capture = folder_with(tmp_path) / "server.pcap"
    with zipfile.ZipFile(tmp_path / "ticket.zip", "w") as archive:
        archive.writestr("server.pcap", capture.read_bytes())
        archive.writestr("logs/netstat.txt.gz", gzip.compress(NETSTAT.encode("utf-16")))
        for name, data in more.items():
            archive.writestr(name, data)
    return tmp_path / "ticket.zip"


def test_logs_in_an_archive_are_taken_and_what_is_none_is_told(tmp_path: Path) -> None:
    path = ticket(tmp_path, photo=b"\x89PNG\r\n\x1a\n" + bytes(20), letter=b"Dear colleague", about=b"")
    case = open_case([str(path)])
    close(case)
    (log,) = case.logs_of(NetstatLog)
    assert log.file == f"{path}!logs/netstat.txt.gz"
    assert f"{path}: nothing is understood of photo, letter, about" in case.notes
    assert len(case.points) == 1


def test_an_archive_beside_what_was_unpacked_from_it_adds_nothing(tmp_path: Path) -> None:
    path = ticket(tmp_path, **{"netstat.txt": NETSTAT.encode()})
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("server.pcap", "netstat.txt"):
            archive.write(tmp_path / name, name)
    case = open_case([str(tmp_path)])
    close(case)
    assert [log.file for log in case.logs] == [str(tmp_path / "netstat.txt")]
    assert [point.name for point in case.points] == ["server"]
    assert f"{path}!netstat.txt is the same file as {tmp_path / 'netstat.txt'}, which is read once" in case.notes


def test_an_archive_of_logs_alone_makes_a_case(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("netstat.txt", NETSTAT)
    case = open_case([str(tmp_path / "logs.zip")])
    assert (case.points, len(case.logs), case.notes) == ([], 1, [])


def test_a_compressed_log_is_taken(tmp_path: Path) -> None:
    (tmp_path / "netstat.txt.gz").write_bytes(gzip.compress(NETSTAT.encode()))
    case = open_case([str(tmp_path / "netstat.txt.gz")])
    assert len(case.logs) == 1


def test_members_beyond_the_limit_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FILE_BYTES, "value", float(len(NETSTAT) + 10))
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("a.txt", NETSTAT)
        archive.writestr("b.txt", NETSTAT.replace("135", "445"))
    case = open_case([str(tmp_path / "logs.zip")])
    assert [log.file for log in case.logs] == [f"{tmp_path / 'logs.zip'}!a.txt"]
    assert case.notes == [f"{tmp_path / 'logs.zip'}: nothing is understood of b.txt"]
