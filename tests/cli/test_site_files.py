"""Files are read in any encoding that Windows writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.cli.site_files import MOST_BYTES, InputError, decode, read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_the_same_in_every_encoding(encoding: str) -> None:
    assert decode("München: 1\r\n".encode(encoding)) == "München: 1\r\n"


def test_utf_16_of_the_other_byte_order_is_read() -> None:
    assert decode(b"\xfe\xff" + "ü".encode("utf-16-be")) == "ü"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\xef\xbb\xbf\xff", b"\x81\x8d", bytes(range(256))])
def test_no_bytes_make_it_fail(data: bytes) -> None:
    assert isinstance(decode(data), str)


def test_a_file_gives_its_name_and_text(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(b"site: a\n")
    assert read_text(str(path)) == (str(path), "site: a\n")


def test_what_can_t_be_read_is_an_error_of_the_user(tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "none"), "a\0b"):
        with pytest.raises(InputError, match="can't be read"):
            read_text(name)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(InputError, match="longer than 4 MiB"):
        read_text(str(path))
