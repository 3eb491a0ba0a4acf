"""What Network Monitor's process table and the events of an ETL say of conversations."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.capture.etl.logs import TCPIP, Event, make_log, ndis
from tests.support.files import write_pcapng
from tests.support.netmon_files import Layout, Owner, Record, netmon_bytes
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import open_case
from wireproof.case import Case

CLIENT, SERVER = ("10.0.0.1", 50000), ("10.9.0.2", 80)
LOCAL, REMOTE = bytes((10, 0, 0, 1)), bytes((10, 9, 0, 2))
ROWS = [*handshake(), Row(1.0, "c", "PA", 1, 1, 40), Row(1.1, "s", "A", 1, 41)]


def opened(folder: Path, data: bytes, name: str) -> Case:
    path = folder / name
    path.write_bytes(data)
    return open_case({"one": path})


def labels(case: Case) -> list[tuple[str, str, str]]:
    """(end, process, source)."""
    return [
        (case.points[p].talk(n).endpoint(side), owner.label, owner.source)
        for (p, n, side), owner in case.ownership.owners.items()
    ]


def test_network_monitor_names_the_process_of_frames(tmp_path: Path) -> None:
    owner = Owner("C:\\Windows\\System32\\svchost.exe", 968, LOCAL, 50000, REMOTE, 80)
    records = [Record(frame.data, 1000 * turn, process=0) for turn, frame in enumerate(frames(ROWS))]
    case = opened(tmp_path, netmon_bytes(records, Layout(owners=[owner])), "a.cap")
    assert labels(case) == [("10.0.0.1:50000", "svchost.exe (968)", "Network Monitor")]


def test_a_process_whose_socket_is_neither_end_names_nobody(tmp_path: Path) -> None:
    owner = Owner("other.exe", 968, LOCAL, 50001, REMOTE, 80)
    records = [Record(frame.data, 1000 * turn, process=0) for turn, frame in enumerate(frames(ROWS))]
    assert labels(opened(tmp_path, netmon_bytes(records, Layout(owners=[owner])), "a.cap")) == []


def sockaddr(address: bytes, port: int) -> bytes:
    return struct.pack("<IH", 16, 2) + struct.pack(">H", port) + address + bytes(8)


def log_with(*events: Event, sender: int = 4) -> bytes:
    sent = [
        ndis(frame.data, 1000 * turn)._replace(process=sender)
        for turn, frame in enumerate(frames(ROWS))
        if ROWS[turn].by == "c"
    ]
    return make_log([*sent, *events])


def test_events_of_the_stack_name_the_process(tmp_path: Path) -> None:
    data = sockaddr(LOCAL, 50000) + sockaddr(REMOTE, 80) + struct.pack("<IIIQ", 0, 5788, 1, 0x42E0AE0)
    case = opened(tmp_path, log_with(Event(TCPIP, 1033, data, 5000)), "a.etl")
    assert labels(case) == [("10.0.0.1:50000", "PID 5788", "ETL events")]


def test_without_events_the_context_of_sent_frames_says_who_sent(tmp_path: Path) -> None:
    case = opened(tmp_path, log_with(sender=1234), "a.etl")
    assert labels(case) == [("10.0.0.1:50000", "PID 1234", "context of sent frames")]
    assert labels(opened(tmp_path, log_with(sender=4), "b.etl")) == []


def test_an_event_counts_before_the_context(tmp_path: Path) -> None:
    data = sockaddr(LOCAL, 50000) + sockaddr(REMOTE, 80) + struct.pack("<IIIQ", 0, 5788, 1, 0x42E0AE0)
    case = opened(tmp_path, log_with(Event(TCPIP, 1033, data, 5000), sender=77), "a.etl")
    assert labels(case) == [("10.0.0.1:50000", "PID 5788", "ETL events")]
    assert case.ownership.conflicts() == []


def commented(folder: Path, *pids: int) -> Case:
    """A capture at the client as etl2pcapng makes it: each frame has a comment with the process in whose context it was logged."""
    told = [
        frame._replace(
            data=frame.data if row.by == "c" else frame.data.ljust(60, b"\0"), comment=f"PID={pids[turn % len(pids)]}"
        )
        for turn, (frame, row) in enumerate(zip(frames(ROWS), ROWS, strict=True))
    ]
    return open_case({"one": write_pcapng(folder / "a.pcapng", told)})


def test_comments_of_etl2pcapng_say_who_sent_from_the_capturing_host(tmp_path: Path) -> None:
    assert labels(commented(tmp_path, 5788)) == [("10.0.0.1:50000", "PID 5788", "context of sent frames")]


def test_comments_that_disagree_name_nobody(tmp_path: Path) -> None:
    assert labels(commented(tmp_path, 5788, 4, 4, 77)) == []
