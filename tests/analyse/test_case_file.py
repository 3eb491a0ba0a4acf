"""case.toml: what is accepted, and what the errors name."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.analyse.case_file import CaseFile, NamedPoint, read_case_file
from wireproof.errors import CaseError


def read(folder: Path, text: str) -> CaseFile:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return read_case_file(path)


def test_title_and_points_are_read(tmp_path: Path) -> None:
    text = 'title = "x"\n[[point]]\nname = "client"\nfile = "a/b.pcap"\n'
    assert read(tmp_path, text) == CaseFile("x", (NamedPoint("client", "a/b.pcap"),))


def test_everything_may_be_left_out_even_behind_a_byte_order_mark(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff") == CaseFile()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("title = ", "can't be read as TOML"),
        ("titel = 'x'", "key 'titel' is not known; accepted are title and point"),
        ("title = 3", "title is 3; accepted is a text"),
        ("point = 'x'", "point is 'x'; accepted is tables that each start with"),
        ("point = ['x']", "point 1 is 'x'; accepted is a table with name and file"),
        ("[[point]]\nname = 'c'", "point 1: file is missing; accepted is a text that is not empty"),
        ("[[point]]\nname = ''\nfile = 'a'", "point 1: name is ''"),
        ("[[point]]\nname = 'c'\nfile = 'a'\nport = 1", "point 1: key 'port' is not known; accepted are name and file"),
        ("[[point]]\nname = 'c'\nfile = '../a'", "accepted is a path within the folder"),
        ("[[point]]\nname='c'\nfile='a'\n[[point]]\nname='c'\nfile='b'", "point name 'c' is given twice"),
    ],
)
def test_errors_name_file_key_and_what_is_accepted(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CaseError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "case.toml"))
    assert complaint in str(error.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="can't be read as TOML"):
        read_case_file(tmp_path / "case.toml")
