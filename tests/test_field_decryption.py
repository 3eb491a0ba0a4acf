"""Real captures with their keys: each session is decrypted byte for byte as tshark does, and the exported capture shows the same messages.

The table is tests/field_keys.toml; the captures lie outside the repository (see `captures` in conftest.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.compare_decrypted import compare_capture, load_table, tell
from tools.tshark_clear import Entry

TABLE = Path(__file__).with_name("field_keys.toml")
ROWS = tomllib.loads(TABLE.read_text(encoding="utf-8"))["capture"]


def entry_of(folder: Path, file: str) -> Entry:
    found = [entry for entry in load_table(TABLE, folder) if entry.file == folder / file]
    if not found:
        pytest.skip(f"{file} is not among the shared captures")
    return found[0]


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_each_session_is_read_as_tshark_reads_it(
    captures: Path, program: Callable[[str], str], row: dict[str, str]
) -> None:
    program("tshark")
    result = compare_capture(entry_of(captures, row["file"]), messages="messages" in row)
    assert tell(result) == row["expect"]
    if result.messages:
        told = f"{result.messages.equal} equal, {result.messages.missing} missing, {result.messages.more} more"
        assert told == row["messages"], result.messages.apart


def test_the_table_names_each_capture_once() -> None:
    assert len({row["file"] for row in ROWS}) == len(ROWS)


def test_every_capture_of_the_topic_is_in_the_table(captures: Path) -> None:
    held = {path.relative_to(captures).as_posix() for path in (captures / "tls-keys").iterdir()}
    assert held - {row["file"] for row in ROWS} == set()
