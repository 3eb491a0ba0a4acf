"""Tables as Parquet files that other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.messages.test_dns_records import ANSWER, query
from tests.support.files import write_bytes
from tests.support.reports import smtp_report
from tests.support.said_over import datagram
from tests.support.tables import spaced
from tests.support.verdicts import make_case
from wireproof.messages.table import Message, MessageTable
from wireproof.report.parquet import ExportError, file_name, make_message_frame, write_parquet
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


def test_messages_have_a_file_for_each_protocol_that_has_some(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": spaced([datagram("client", query()), datagram("server", ANSWER)])})
    (path,) = write_parquet(case, tmp_path / "out")[2:]
    assert path == tmp_path / "out" / "client" / "dns.parquet"
    read = pl.read_parquet(path)
    assert read["frame"].to_list() == [1, 2]
    assert read["query_frame"].to_list() == [0, 1]
    assert read["addresses"].to_list() == [[], ["10.0.0.1"]]
    assert read["response"].dtype == pl.Boolean


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd(Message):
    number: int = 0
    signed: int = 0
    large: int = 0
    share: float = 0.0
    raw: bytes = b""
    maybe: str | None = None
    empty: tuple[int, ...] = ()


def test_columns_take_the_type_that_holds_their_values() -> None:
    place = {"conversation": 0, "side": 0, "row": 0, "last_row": 0, "time_ns": 0}
    odd = Odd(**place, number=2**64 - 1, signed=2**63, large=2**90, share=0.5, raw=b"\0")
    frame = make_message_frame(MessageTable(Odd, [odd, Odd(**place, signed=-1)]), lambda row: row + 1)
    kinds = (pl.UInt64, pl.String, pl.String, pl.Float64, pl.Binary, pl.String, pl.List(pl.String))
    assert tuple(frame[name].dtype for name in ("number", "signed", "large", "share", "raw", "maybe", "empty")) == kinds
    assert frame["large"].to_list() == [str(2**90), "0"]
    assert frame["maybe"].to_list() == [None, None]
    assert make_message_frame(MessageTable(Odd), lambda row: row).height == 0
