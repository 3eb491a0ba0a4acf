"""Logs among the inputs: in a folder, named, with what the case file says of them."""

from __future__ import annotations

import gzip
import re
import zipfile
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.said_over import said
from wireproof.analyse import open_case
from wireproof.analyse.log_files import FILE_BYTES
from wireproof.errors import CaptureFormatError
from wireproof.logs.event_lines import EventLinesLog
from wireproof.logs.netstat import NetstatLog
from wireproof.logs.text import LINES

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
    path = tmp_path / "netstat.txt"
    path.write_text(NETSTAT)
    too_large = (
        f"{path} is too large to be read as a log ({path.stat().st_size} bytes, limit 10); `--limit logs.file_bytes=N`"
    )
    with pytest.raises(CaptureFormatError, match=re.escape(too_large)) as raised:
        open_case([str(path)])
    assert "no capture" not in str(raised.value)
    case = open_case([str(folder_with(tmp_path))])
    close(case)
    assert [too_large in note for note in case.notes] == [True]


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
    used = f"more than 10 bytes, limit {len(NETSTAT) + 10}, of which {len(NETSTAT)} went to other logs of the archive"
    (note,) = case.notes
    assert note.startswith(
        f"{tmp_path / 'logs.zip'}!b.txt is too large to be read as a log ({used}); `--limit logs.file_"
    )


def test_lines_beyond_the_limit_leave_a_note_of_where_reading_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netstat.txt").write_text(NETSTAT)
    monkeypatch.setattr(LINES, "value", 3.0)
    case = open_case([str(folder_with(tmp_path))])
    close(case)
    path = tmp_path / "netstat.txt"
    told = f"{path}: read up to line 3; 1 line after it was not read; `--limit logs.lines=N` with a larger number reads more"
    assert told in case.notes
    monkeypatch.setattr(LINES, "value", 4.0)
    case = open_case([str(tmp_path)])
    close(case)
    assert (len(case.logs), case.notes) == (1, [])


# --- the zone of a folder ----------------------------------------------------------------------------------------------

ZONE = """Time zone: Current:TIME_ZONE_ID_STANDARD Bias: -60min (UTC=LocalTime+Bias)
  [Standard Name:"W. Europe Standard Time" Bias:0min Date:(M:10 D:5 DoW:0)]
  [Daylight Name:"W. Europe Daylight Time" Bias:-60min Date:(M:3 D:5 DoW:0)]
"""


def event(day: str, host: str = "SRV01") -> str:
    return (
        f"Log Name:      System\nSource:        Service Control Manager\nDate:          {day} 9:14:58 AM\nEvent ID:      7034\n"
        f"Level:         Error\nComputer:      {host}.corp.example\nDescription:\nThe Spooler service terminated unexpectedly.\n\n"
    )


def zones_of(tmp_path: Path, files: dict[str, str], case: str = "") -> tuple[dict[str, int | None], list[str]]:
    folder_with(tmp_path, case)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    opened = open_case([str(tmp_path)])
    close(opened)
    logs = {Path(log.file).name: log.zone_s for log in opened.logs_of(EventLinesLog)}
    return logs, [note for note in opened.notes if "zone" in note]


def test_the_zone_that_a_machine_states_is_that_of_the_logs_beside_it(tmp_path: Path) -> None:
    files = {
        "clock.txt": ZONE,
        "w32tm-tz.txt": "\n" + ZONE,
        "winter.txt": event("3/18/2024"),
        "summer.txt": event("7/18/2024"),
    }
    zones, notes = zones_of(tmp_path, files)
    assert zones == {"winter.txt": 3600, "summer.txt": 7200}
    assert notes == []


def test_a_log_on_both_sides_of_a_change_has_no_one_zone(tmp_path: Path) -> None:
    zones, _ = zones_of(tmp_path, {"clock.txt": ZONE, "both.txt": event("3/18/2024") + event("4/18/2024")})
    assert zones == {"both.txt": None}


def test_what_the_case_file_states_goes_before_the_folders_zone(tmp_path: Path) -> None:
    stated = '[[point]]\nname = "server"\nfile = "server.pcap"\n[[log]]\nfile = "events.txt"\nzone = "UTC"\n'
    zones, _ = zones_of(tmp_path, {"clock.txt": ZONE, "events.txt": event("3/18/2024")}, stated)
    assert zones == {"events.txt": 0}


def test_the_zone_of_one_machine_is_not_taken_for_logs_of_several(tmp_path: Path) -> None:
    files = {"clock.txt": ZONE, "one.txt": event("3/18/2024"), "other.txt": event("3/18/2024", "CLIENT7")}
    zones, notes = zones_of(tmp_path, files)
    assert zones == {"one.txt": None, "other.txt": None}
    assert "clock.txt states a zone that is not taken for the logs beside it: they name 2 computers" in notes[0]


def test_two_zones_in_a_folder_are_none(tmp_path: Path) -> None:
    files = {"clock.txt": ZONE, "other.txt": ZONE.replace("-60min (UTC", "0min (UTC"), "events.txt": event("3/18/2024")}
    zones, notes = zones_of(tmp_path, files)
    assert zones == {"events.txt": None}
    assert "another file there states another one" in notes[0]


def test_a_zone_in_another_folder_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "server").mkdir()
    folder_with(tmp_path / "client")
    (tmp_path / "client" / "clock.txt").write_text(ZONE)
    (tmp_path / "server" / "events.txt").write_text(event("3/18/2024"))
    opened = open_case([str(tmp_path / "client"), str(tmp_path / "server")])
    close(opened)
    (log,) = opened.logs_of(EventLinesLog)
    assert log.zone_s is None
