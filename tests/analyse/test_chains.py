"""Files that are one capture become one input, unless a case file says otherwise."""

from __future__ import annotations

from pathlib import Path

from tests.capture.test_netmon_chain import part
from wireproof.analyse.inputs import close_inputs, open_inputs


def write_chain(folder: Path) -> None:
    """Three hours of one capture in three files, and one other capture."""
    for number, name in enumerate(("t.cap", "t(1).cap", "t(2).cap")):
        (folder / name).write_bytes(part(number))
    (folder / "server.cap").write_bytes(part(1))


def names_in(path: Path) -> list[tuple[str, int]]:
    """Name and size of each input that a path gives."""
    found = open_inputs([str(path)])
    close_inputs(found)
    return [(opened.name, opened.size) for opened in found.opened]


def test_a_chain_in_a_folder_is_one_point(tmp_path: Path) -> None:
    write_chain(tmp_path)
    assert sorted(names_in(tmp_path)) == [("server", len(part(1))), ("t", sum(len(part(n)) for n in range(3)))]


def test_files_that_a_case_file_names_are_points_of_their_own(tmp_path: Path) -> None:
    write_chain(tmp_path)
    points = "\n".join(f'[[point]]\nname = "{n}"\nfile = "{n}.cap"' for n in ("t", "t(1)"))
    (tmp_path / "case.toml").write_text(points)
    assert [name for name, _ in names_in(tmp_path)] == ["t", "t(1)"]
