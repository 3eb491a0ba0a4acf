"""DCE/RPC in named pipes of SMB 2: found by what it begins with, joined over SMB messages, and as often as tshark finds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import rpc
from tests.support import smb_talks as smb
from tests.support.oracle import tshark_rows
from tests.support.said_over import opened, said
from tests.support.verdicts import open_case
from wireproof.messages.rpc import RpcMessage
from wireproof.messages.rpc_pipes import PipeStream
from wireproof.messages.said import Said
from wireproof.wire.rpc import KINDS

SVCCTL = "367abb81-9844-35f1-ad32-98f038001003"
OPENED = [
    ("client", smb.connect(1, "\\\\10.0.0.2\\IPC$")),
    ("server", smb.connected(1)),
    ("client", smb.session(smb.create(2, "svcctl"))),
    ("server", smb.created(2)),
]


def messages(folder: Path, *lines: tuple[str, bytes], size: int = 1400) -> list[RpcMessage]:
    """The RPC messages of an SMB conversation."""
    with opened(folder, said([*OPENED, *lines], (50001, 445), size)) as tables:
        return list(Said(tables).rpc)


@pytest.mark.parametrize("size", [1400, 50])
def test_what_is_written_to_a_pipe_and_read_from_it_is_a_call(tmp_path: Path, size: int) -> None:
    found = messages(
        tmp_path,
        ("client", smb.write(3, rpc.bind(1, [SVCCTL]))),
        ("client", smb.read(4)),
        ("server", smb.read_back(4, rpc.bind_answer(1))),
        ("client", smb.write(5, rpc.request(2, 15, bytes(40)))),
        ("client", smb.read(6)),
        ("server", smb.read_back(6, rpc.fault(2, 5))),
        size=size,
    )
    assert [(message.kind, message.interface_name, message.pipe) for message in found] == [
        ("bind", "SVCCTL", "svcctl"),
        ("bind_ack", "SVCCTL", "svcctl"),
        ("request", "SVCCTL", "svcctl"),
        ("fault", "SVCCTL", "svcctl"),
    ]
    assert (found[-1].status_name, found[-1].opnum) == ("ERROR_ACCESS_DENIED", 15)
    assert found[-1].request_row == found[-2].row


def test_a_response_that_is_read_in_parts_is_one_message(tmp_path: Path) -> None:
    answer = rpc.response(2, bytes(900))
    *_, last = messages(
        tmp_path,
        ("client", smb.write(3, rpc.request(2, 15, bytes(40)))),
        ("client", smb.read(4)),
        ("server", smb.read_back(4, answer[:400])),
        ("client", smb.read(5)),
        ("server", smb.read_back(5, answer[400:])),
    )
    assert (last.kind, last.size, last.cut) == ("response", len(answer), False)
    assert last.last_row > last.row


def test_a_file_is_no_pipe(tmp_path: Path) -> None:
    assert (
        messages(
            tmp_path, ("client", smb.write(3, b"MZ" + bytes(500))), ("client", smb.write(4, rpc.bind(1, [SVCCTL])))
        )
        == []
    )


def test_a_stream_gives_bytes_and_rows_of_its_parts() -> None:
    stream = PipeStream(1)
    assert (stream.end, stream.read(0, 4), stream.rows(0, 4)) == (0, b"", [])
    stream.add(b"abc", [7])
    stream.add(b"defgh", [8, 9])
    assert (stream.read(2, 3), stream.rows(2, 5), stream.rows(0, 3)) == (b"cde", [7, 8, 9], [7])
    assert (stream.starts.tolist(), stream.ends.tolist()) == ([0, 3], [3, 8])


def test_counts_per_kind_are_tshark_s(captures: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    for part in ("sharpsc_query", "empire_shell_samr", "smb-ctxid", "20-fids.pcap", "at_schedule", "ctxids_input"):
        (path,) = (path for path in (captures / "dcerpc-dcom").iterdir() if part in path.name)
        rows = tshark_rows(tshark, path, ["dcerpc.pkt_type"], "dcerpc && smb2", "a")
        theirs = Counter(KINDS[int(number)] for row in rows for number in row[0].split(",") if number)
        ours: Counter[str] = Counter()
        for message in open_case({"field": path}).points[0].said.rpc:
            ours[message.kind] += message.fragments if message.pipe else 0
        assert +ours == theirs, path.name
        assert ours.total() > 3
