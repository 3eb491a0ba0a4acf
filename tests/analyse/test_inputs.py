"""What a user may name as input, and what the captures are called."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import write_bytes, write_capture
from tests.support.keys import PASSWORD, certificate_bytes, log_line, pfx, private_bytes, rsa_key
from wireproof.analyse.inputs import Inputs, close_inputs, open_inputs, point_name
from wireproof.analyse.keys import Passwords
from wireproof.errors import CaptureFormatError, CaseError

FRAMES = d4_smtp_mss.frames()


@pytest.fixture
def opened() -> Iterator[list[Inputs]]:
    """Closes every input of the list at the end."""
    kept: list[Inputs] = []
    yield kept
    for each in kept:
        close_inputs(each)


def names(opened: list[Inputs], *paths: Path | str) -> list[str]:
    opened.append(open_inputs([str(path) for path in paths]))
    return [each.name for each in opened[-1].opened]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("client.pcap", "client"),
        ("/tmp/some.where/client.pcapng.gz", "client"),
        ("server.2013-01-08.cap", "server.2013-01-08"),
        ("trace.PCAP.ZST", "trace"),
        ("both.zip!inner/edge.pcapng.xz", "edge"),
        ("stdin", "stdin"),
        ("capture.gz", "capture"),
    ],
)
def test_a_capture_is_called_by_its_stem(file: str, name: str) -> None:
    assert point_name(file) == name


def test_equal_names_are_told_apart(tmp_path: Path, opened: list[Inputs]) -> None:
    files = []
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        files.append(write_capture(tmp_path / folder / "client.pcapng", FRAMES))
    taken = write_capture(tmp_path / "client-2.pcapng", FRAMES)
    assert names(opened, *files, taken) == ["client", "client-2", "client-3", "client-2-2"]


def test_the_same_file_twice_is_read_once(tmp_path: Path, opened: list[Inputs]) -> None:
    path = write_capture(tmp_path / "client.pcapng", FRAMES)
    assert names(opened, path, path) == ["client"]


def test_every_capture_of_an_archive_is_a_point(tmp_path: Path, opened: list[Inputs]) -> None:
    capture = write_capture(tmp_path / "x.pcapng", FRAMES).read_bytes()
    with zipfile.ZipFile(tmp_path / "ticket.zip", "w") as archive:
        for member in ("client.pcapng", "logs/readme.txt", "server.pcapng"):
            archive.writestr(member, capture if member.endswith("pcapng") else "hello")
    assert names(opened, tmp_path / "ticket.zip") == ["client", "server"]


def test_a_folder_gives_its_captures_by_content(tmp_path: Path, opened: list[Inputs]) -> None:
    write_capture(tmp_path / "b.dat", FRAMES)
    write_capture(tmp_path / "a.pcapng.gz", FRAMES)
    write_bytes(tmp_path / "netstat.txt", b"Active Connections")
    write_bytes(tmp_path / "README.md", b"# about")
    write_bytes(tmp_path / ".hidden", b"x")
    (tmp_path / "deeper").mkdir()
    assert names(opened, tmp_path) == ["a", "b"]
    assert len(opened[0].notes) == 1
    assert "netstat.txt is a text file" in opened[0].notes[0]


def test_a_file_that_lies_in_a_folder_twice_is_read_once(tmp_path: Path, opened: list[Inputs]) -> None:
    write_capture(tmp_path / "client.pcapng", FRAMES)
    for name in ("a.txt", "z.txt"):
        write_bytes(tmp_path / name, b"  TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    920\n")
    assert names(opened, tmp_path) == ["client"]
    assert [log.file for log in opened[0].logs] == [str(tmp_path / "a.txt")]
    assert opened[0].notes == [f"{tmp_path / 'z.txt'} is the same file as a.txt, which is read once"]


def test_a_folder_without_captures_says_so(tmp_path: Path) -> None:
    with pytest.raises(CaptureFormatError, match="holds no readable capture"):
        open_inputs([str(tmp_path)])


def test_many_files_that_are_no_captures_are_counted(tmp_path: Path, opened: list[Inputs]) -> None:
    write_capture(tmp_path / "a.pcapng", FRAMES)
    for turn in range(30):
        write_bytes(tmp_path / f"log{turn}.txt", b"hello")
    names(opened, tmp_path)
    assert len(opened[0].notes) == 21
    assert opened[0].notes[-1].endswith("10 more files are no captures")


def case_folder(folder: Path, text: str) -> Path:
    write_capture(folder / "one.pcapng", FRAMES)
    write_capture(folder / "two.pcapng", FRAMES)
    write_bytes(folder / "case.toml", text.encode())
    return folder


POINTS = (
    'title = "t"\n[[point]]\nname = "server"\nfile = "two.pcapng"\n[[point]]\nname = "client"\nfile = "one.pcapng"\n'
)


def test_a_case_file_names_points_and_their_order(tmp_path: Path, opened: list[Inputs]) -> None:
    assert names(opened, case_folder(tmp_path, POINTS)) == ["server", "client"]
    assert (opened[0].title, opened[0].path_order) == ("t", ["server", "client"])


def test_captures_that_a_case_file_does_not_name_are_left_aside(tmp_path: Path, opened: list[Inputs]) -> None:
    assert names(opened, case_folder(tmp_path, '[[point]]\nname = "c"\nfile = "one.pcapng"\n')) == ["c"]
    assert opened[0].notes == [f"{tmp_path}: not named in case.toml and left aside: two.pcapng"]


def test_with_further_inputs_the_named_points_keep_their_order(tmp_path: Path, opened: list[Inputs]) -> None:
    (tmp_path / "case").mkdir()
    more = write_capture(tmp_path / "third.pcapng", FRAMES)
    assert names(opened, case_folder(tmp_path / "case", POINTS), more) == ["server", "client", "third"]
    assert opened[0].path_order == ["server", "client"]


def test_without_a_case_file_no_order_is_stated(tmp_path: Path, opened: list[Inputs]) -> None:
    write_capture(tmp_path / "one.pcapng", FRAMES)
    assert names(opened, tmp_path) == ["one"]
    assert opened[0].path_order is None


def test_points_keep_their_order_when_one_of_them_is_no_capture(tmp_path: Path, opened: list[Inputs]) -> None:
    text = POINTS + '[[point]]\nname = "middle"\nfile = "broken.pcap"\n[[point]]\nname = "far"\nfile = "one.pcapng"\n'
    (tmp_path / "broken.pcap").write_text("this is no capture")
    assert names(opened, case_folder(tmp_path, text)) == ["server", "client", "far"]
    assert opened[0].path_order == ["server", "client", "far"]
    assert any("broken.pcap" in note for note in opened[0].notes)


def test_a_case_file_that_names_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"case\.toml: point\.file 'gone\.pcap' does not exist"):
        open_inputs([str(case_folder(tmp_path, '[[point]]\nname = "c"\nfile = "gone.pcap"\n'))])


def test_standard_input_is_an_input(tmp_path: Path, opened: list[Inputs], monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(write_capture(tmp_path / "x.pcapng", FRAMES).read_bytes())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert names(opened, "-") == ["stdin"]


# --- keys beside captures --------------------------------------------------------------------------------------------


def key_names(found: Inputs) -> list[str]:
    return [Path(one.name).name for one in found.keys]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case folder with a capture, keys of every kind, and what is neither."""
    write_capture(tmp_path / "client.pcapng", FRAMES)
    for name, data in {
        "sslkeys.txt": log_line(), "server.bin": pfx(""), "key.pem": private_bytes(rsa_key(1)), "root.cer": certificate_bytes(2),
    }.items():  # fmt: skip
        write_bytes(tmp_path / name, data)
    return tmp_path


def test_keys_of_a_folder_are_taken_by_content_and_are_no_unreadable_captures(
    folder: Path, opened: list[Inputs]
) -> None:
    write_bytes(folder / "notes.txt", b"it failed at noon")
    assert names(opened, folder) == ["client"]
    assert key_names(opened[0]) == ["key.pem", "root.cer", "server.bin", "sslkeys.txt"]
    assert [note.partition(" ")[0] for note in opened[0].notes] == [str(folder / "notes.txt")]


def test_a_locked_key_of_a_folder_is_a_note_and_opens_with_a_password_at_hand(
    folder: Path, opened: list[Inputs]
) -> None:
    write_bytes(folder / "locked.pfx", pfx())
    names(opened, folder)
    assert "locked.pfx" not in key_names(opened[0])
    assert [note for note in opened[0].notes if "locked.pfx is encrypted and no password was given" in note]
    opened.append(open_inputs([str(folder)], Passwords([PASSWORD])))
    assert "locked.pfx" in key_names(opened[1])
    assert opened[1].notes == []


def test_keys_among_the_inputs_and_in_archives_are_taken(folder: Path, opened: list[Inputs]) -> None:
    bundle = folder.parent / f"{folder.name}.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert names(opened, bundle) == ["client"]
    assert sorted(name.partition("!")[2] for name in key_names(opened[0])) == [
        "key.pem",
        "root.cer",
        "server.bin",
        "sslkeys.txt",
    ]
    assert names(opened, folder / "client.pcapng", folder / "sslkeys.txt") == ["client"]
    assert key_names(opened[1]) == ["sslkeys.txt"]
    assert opened[1].notes == []


def test_keys_alone_are_no_case(folder: Path) -> None:
    with pytest.raises(CaptureFormatError):
        open_inputs([str(folder / "key.pem")])


ONE_POINT = '[[point]]\nname = "c"\nfile = "client.pcapng"\n'


def test_a_case_file_without_a_word_on_keys_leaves_them_to_be_found(folder: Path, opened: list[Inputs]) -> None:
    write_bytes(folder / "case.toml", ONE_POINT.encode())
    assert names(opened, folder) == ["c"]
    assert key_names(opened[0]) == ["key.pem", "root.cer", "server.bin", "sslkeys.txt"]
    assert opened[0].notes == []


@pytest.mark.parametrize("points", ["", ONE_POINT])
def test_a_case_file_that_names_keys_has_these_first(folder: Path, opened: list[Inputs], points: str) -> None:
    write_bytes(folder / "case.toml", f'keys = ["server.bin"]\n{points}'.encode())
    names(opened, folder)
    assert key_names(opened[0])[0] == "server.bin"
    assert key_names(opened[0]).count("server.bin") == 1
    left = f"{folder}: not named in case.toml and left aside: key.pem, root.cer, sslkeys.txt"
    assert opened[0].notes == ([left] if points else [])


def test_keys_that_a_case_file_names_must_exist_and_be_keys(folder: Path, opened: list[Inputs]) -> None:
    write_bytes(folder / "case.toml", b'keys = ["gone.pfx"]')
    with pytest.raises(CaseError, match=r"case\.toml: 'gone\.pfx' of keys does not exist"):
        open_inputs([str(folder)])
    write_bytes(folder / "notes.txt", b"hello")
    write_bytes(folder / "case.toml", b'keys = ["notes.txt"]')
    names(opened, folder)
    assert f"{folder / 'notes.txt'} holds no key" in opened[0].notes
