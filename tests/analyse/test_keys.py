"""Keys of a case: named files must be usable, found ones are taken or told, passwords are asked for only where one is needed."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.files import write_capture
from tests.support.keys import (
    MASTER,
    PASSWORD,
    RANDOM,
    certificate,
    certificate_bytes,
    log_line,
    modulus,
    pfx,
    private_bytes,
    rsa_key,
    write,
)
from wireproof.analyse import keys
from wireproof.analyse.keys import (
    Keys,
    Passwords,
    add_embedded,
    certificates_of,
    find_keys,
    make_ring,
    only_certificates,
    read_named,
    read_password_file,
)
from wireproof.capture import open_capture
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.errors import KeyMaterialError, LockedKeysError

LOG = log_line()
KEY = private_bytes(rsa_key())
SSH, UNKNOWN = 0x5353484B, 0x01020304


class Typist:
    """Types these passwords one after the other, and remembers for which files."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)
        self.asked: list[str] = []

    def __call__(self, name: str, again: bool) -> str | None:
        assert again == (name in self.asked)
        self.asked.append(name)
        return self.words.pop(0) if self.words else None


def open_keys(
    files: Sequence[str], passwords: Passwords | None = None, servers: frozenset[tuple[bytes, int]] = frozenset()
) -> KeyRing:
    """A ring with the keys of these files."""
    return make_ring(Keys(files, passwords or Passwords()).read(), servers)


def test_named_files_come_on_one_ring_in_their_order(tmp_path: Path) -> None:
    files = [str(write(tmp_path, name, data)) for name, data in (("a.log", LOG), ("b.pem", KEY))]
    ring = open_keys([*files, files[0]])
    assert [(source.name, source.count) for source in ring.sources] == [(files[0], 1), (files[1], 1)]
    assert ring.logged("CLIENT_RANDOM", RANDOM)
    assert ring.private_key(modulus(rsa_key()))


def test_servers_go_to_the_ring(tmp_path: Path) -> None:
    server = (b"\0" * 10 + b"\xff\xff\x0a\0\0\1", 443)
    ring = open_keys([str(write(tmp_path, "a.pem", KEY))], servers=frozenset([server]))
    assert ring.servers == {server}


def test_compressed_and_archived_keys_are_read(tmp_path: Path) -> None:
    packed = write(tmp_path, "a.log.gz", gzip.compress(LOG))
    with zipfile.ZipFile(tmp_path / "keys.zip", "w") as archive:
        archive.writestr("readme.txt", "the keys")
        archive.writestr("b.pem", KEY)
        archive.writestr("c.pfx", pfx("", 1))
    ring = open_keys([str(packed), str(tmp_path / "keys.zip")])
    assert [Path(source.name).name for source in ring.sources] == ["a.log.gz", "keys.zip!b.pem", "keys.zip!c.pfx"]
    assert len(ring.private_keys) == 2


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("gone.pem", None, "gone.pem does not exist"),
        ("notes.txt", b"hello", "notes.txt holds no key"),
        ("empty.pem", b"", "empty.pem holds no key: it is empty"),
        ("cut.gz", gzip.compress(KEY)[:-20], "cut.gz"),
        (".", None, "is a folder; name the files"),
        ("-", None, "keys are not read from standard input"),
    ],
)
def test_a_named_file_without_keys_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes | None, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if data is not None:
        write(tmp_path, name, data)
    with pytest.raises(KeyMaterialError, match=why):
        open_keys([name])


def test_an_archive_without_keys_is_an_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(KeyMaterialError, match=r"a\.zip is an archive without keys"):
        open_keys([str(tmp_path / "a.zip")])


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys.FILE_BYTES, "value", len(LOG) - 1)
    with pytest.raises(KeyMaterialError, match=r"larger than the limit keys\.file_bytes"):
        open_keys([str(write(tmp_path, "a.log", LOG))])


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    source, sink = os.pipe()
    os.write(sink, LOG)
    os.close(sink)
    try:
        ring = open_keys([f"/dev/fd/{source}"])
    finally:
        os.close(source)
    assert ring.logged("CLIENT_RANDOM", RANDOM)


# --- passwords -------------------------------------------------------------------------------------------------------


def test_given_passwords_are_tried_and_nobody_is_asked(tmp_path: Path) -> None:
    typist = Typist()
    path = str(write(tmp_path, "a.pfx", pfx()))
    assert open_keys([path], Passwords(["no", PASSWORD], typist))
    assert typist.asked == []


def test_a_user_is_asked_only_for_files_that_need_it_and_once_for_one_password(tmp_path: Path) -> None:
    files = [("a.pem", KEY), ("b.pfx", pfx()), ("c.pfx", pfx(number=1))]
    paths = [str(write(tmp_path, name, data)) for name, data in files]
    typist = Typist("wrong", PASSWORD)
    ring = open_keys(paths, Passwords(ask=typist))
    assert typist.asked == [paths[1], paths[1]]
    assert [source.count for source in ring.sources] == [1, 1, 1]


def test_a_password_is_asked_for_where_only_a_certificate_stands_open_beside_the_key(tmp_path: Path) -> None:
    path = str(write(tmp_path, "a.pem", certificate_bytes() + private_bytes(rsa_key(), password=PASSWORD)))
    typist = Typist("wrong", PASSWORD)
    ring = open_keys([path], Passwords(ask=typist))
    assert (typist.asked, ring.sources[0].count) == ([path, path], 1)
    # What is open is of use to rules without the password too.
    (found,) = read_named(path, Passwords(ask=Typist("")))
    assert (len(found.keys.certificates), found.keys.locked) == (1, 1)
    (told,) = only_certificates([found])
    assert "the password is missing" in told


def test_after_three_wrong_passwords_the_file_is_refused(tmp_path: Path) -> None:
    typist = Typist("one", "two", "three", PASSWORD)
    with pytest.raises(LockedKeysError, match="does not open it"):
        open_keys([str(write(tmp_path, "a.pfx", pfx()))], Passwords(ask=typist))
    assert len(typist.asked) == 3


def test_a_user_who_types_nothing_ends_the_questions(tmp_path: Path) -> None:
    typist = Typist("")
    with pytest.raises(LockedKeysError, match="no password was given"):
        open_keys([str(write(tmp_path, "a.pfx", pfx()))], Passwords(ask=typist))
    assert len(typist.asked) == 1


def test_files_are_read_and_passwords_asked_for_once_however_many_rings_are_made(tmp_path: Path) -> None:
    typist = Typist(PASSWORD)
    chosen = Keys([str(write(tmp_path, "a.pfx", pfx()))], Passwords(ask=typist))
    rings = [make_ring(chosen.read()) for _ in range(2)]
    rings[0].count_use(rings[0].sources[0].name)
    assert [ring.sources[0].used for ring in rings] == [1, 0]
    assert len(typist.asked) == 1


@pytest.mark.parametrize(
    ("data", "passwords"),
    [
        (b"one\n", ["one"]),
        (b"one", ["one"]),
        (b" with blanks \r\n\r\ntwo\r\n", [" with blanks ", "two"]),
        ("Grüße\n".encode("utf-16"), ["Grüße"]),
        ("\ufeffone\n".encode(), ["one"]),
    ],
)
def test_a_password_file_holds_one_a_line(tmp_path: Path, data: bytes, passwords: list[str]) -> None:
    assert read_password_file(write(tmp_path, "secret.txt", data)) == passwords


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "can't be read: No such file"),
        (b"", "holds no password; write one a line"),
        (b"\n\n", "holds no password"),
        (b"x\n" * 101, "holds more than 100 passwords"),
        (b"x" * 70_000, "holds more than 100 passwords"),
        (b"\xe4\xf6\xff", "is no text in UTF-8"),
    ],
)
def test_a_password_file_that_is_none_is_refused_without_being_quoted(
    tmp_path: Path, data: bytes | None, why: str
) -> None:
    path = tmp_path / "secret.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(KeyMaterialError, match=why) as caught:
        read_password_file(path)
    assert str(path) in str(caught.value)
    assert "xx" not in str(caught.value)


def test_what_is_printed_shows_no_password() -> None:
    assert "Hush" not in repr(Keys(("a",), Passwords(["Hush"])))


# --- keys beside captures --------------------------------------------------------------------------------------------


def test_found_keys_are_taken_and_other_files_left(tmp_path: Path) -> None:
    notes: list[str] = []
    found = find_keys(str(write(tmp_path, "a.log", LOG)), Passwords(), notes)
    assert found is not None
    assert [one.keys.secrets for one in found] == [{("CLIENT_RANDOM", RANDOM): MASTER}]
    assert find_keys(str(write(tmp_path, "b.txt", b"hello")), Passwords(), notes) is None
    assert find_keys(str(tmp_path / "gone"), Passwords(), notes) is None
    assert notes == []


def test_a_found_key_that_is_locked_or_damaged_becomes_a_note_and_nobody_is_asked(tmp_path: Path) -> None:
    notes: list[str] = []
    typist = Typist(PASSWORD)
    for name, data in (("a.pfx", pfx()), ("b.pem", KEY[:200])):
        assert find_keys(str(write(tmp_path, name, data)), Passwords(ask=typist), notes) == []
    assert typist.asked == []
    assert "a.pfx is encrypted and no password was given" in notes[0]
    assert "b.pem can't be read" in notes[1]


def test_found_keys_are_asked_for_where_a_case_file_names_them(tmp_path: Path) -> None:
    typist = Typist(PASSWORD)
    found = find_keys(str(write(tmp_path, "a.pfx", pfx())), Passwords(ask=typist), [], ask=True)
    assert found
    assert len(typist.asked) == 1


def test_a_file_that_is_named_and_found_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.pem", KEY)
    monkeypatch.chdir(tmp_path)
    found = find_keys("a.pem", Passwords(), [])
    assert found
    ring = make_ring([*read_named(str(path), Passwords()), *found])
    assert [source.name for source in ring.sources] == [str(path)]


def test_certificates_of_keys_and_of_files_are_at_hand_each_once(tmp_path: Path) -> None:
    paths = [("a.pfx", pfx("")), ("b.cer", certificate_bytes(pem=False)), ("c.pem", certificate_bytes(1))]
    found = [one for name, data in paths for one in read_named(str(write(tmp_path, name, data)), Passwords())]
    at_hand = certificates_of(found)
    assert [Path(one.file).name for one in at_hand] == ["a.pfx", "c.pem"]
    assert at_hand[0].certificate.common_name == "server.example"
    assert at_hand[0].certificate.serial.endswith(f"{certificate().serial_number:x}")


# --- secrets inside captures -----------------------------------------------------------------------------------------


def embedded(
    tmp_path: Path, secrets: list[tuple[int, bytes]], ring: KeyRing | None = None
) -> tuple[KeyRing | None, list[str]]:
    notes: list[str] = []
    with open_capture(write_capture(tmp_path / "client.pcapng", [])) as capture:
        capture.secrets = secrets
        return add_embedded(ring, capture, notes), notes


def test_key_logs_inside_a_capture_are_one_source(tmp_path: Path) -> None:
    other = log_line(found_by=b"o" * 32)
    ring, notes = embedded(tmp_path, [(keys.TLS_KEY_LOG, LOG), (keys.TLS_KEY_LOG, LOG + other + b"bad\n")])
    assert ring is not None
    assert [(Path(source.name).name, source.count) for source in ring.sources] == [("client.pcapng (embedded)", 2)]
    assert ring.sources[0].notes == ["line 3: it starts with no known label"]
    assert ring.logged("CLIENT_RANDOM", b"o" * 32)
    assert notes == []


def test_other_secrets_inside_a_capture_are_told(tmp_path: Path) -> None:
    ring, notes = embedded(tmp_path, [(SSH, b"x"), (UNKNOWN, b"y"), (SSH, b"z")])
    assert ring is None
    assert [note.partition(": ")[2] for note in notes] == [
        "it holds other secrets (type 0x01020304), which are not used",
        "it holds SSH secrets (type 0x5353484b), which are not used",
    ]


def test_secrets_inside_a_capture_join_the_keys_at_hand(tmp_path: Path) -> None:
    at_hand = open_keys([str(write(tmp_path, "a.pem", KEY))])
    ring, _ = embedded(tmp_path, [(keys.TLS_KEY_LOG, LOG)], at_hand)
    assert ring is at_hand
    assert [source.count for source in at_hand.sources] == [1, 1]
    assert embedded(tmp_path, [], at_hand) == (at_hand, [])
