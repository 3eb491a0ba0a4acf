"""Tables as Parquet files that other programs read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.support.files import write_bytes
from tests.support.reports import smtp_report
from wireproof.report.parquet import ExportError, file_name, write_parquet
from wireproof.table.schema import PACKET_COLUMNS


def test_packets_have_the_columns_of_the_schema(tmp_path: Path) -> None:
    with smtp_report(tmp_path, []) as report:
        packets, talks = write_parquet(report.case, tmp_path / "out")
    assert [packets, talks] == [
        tmp_path / "out" / "capture" / f"{name}.parquet" for name in ("packets", "conversations")
    ]
    read = pl.read_parquet(packets)
    assert read.columns == ["frame", *(column.name for column in PACKET_COLUMNS)]
    assert read["frame"].to_list() == list(range(1, 19))


def test_conversations_name_frames_and_sides(tmp_path: Path) -> None:
    with smtp_report(tmp_path, []) as report:
        read = pl.read_parquet(write_parquet(report.case, tmp_path / "out")[1])
    row = read.row(0, named=True)
    assert (row["protocol"], row["client_address"], row["client_port"]) == ("tcp", "10.1.1.1", 28474)
    assert (row["server_address"], row["server_port"], row["server_mss"]) == ("10.1.1.5", 25, 512)
    assert (row["client_syn_frame"], row["server_syn_frame"], row["client_rst_frame"], row["server_rst_frame"]) == (
        1,
        2,
        18,
        0,
    )
    assert row["client_known"] is True
    assert not [name for name in read.columns if name.endswith("_row") or "padding" in name]


@pytest.mark.parametrize(
    ("name", "folder"), [("client", "client"), ("a/b:c", "a_b_c"), ("..", "capture"), ("", "capture")]
)
def test_point_names_become_folders_on_every_system(name: str, folder: str) -> None:
    assert file_name(name) == folder


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    blocked = write_bytes(tmp_path / "out", b"")
    with smtp_report(tmp_path, []) as report, pytest.raises(ExportError, match="can't be written"):
        write_parquet(report.case, blocked)
