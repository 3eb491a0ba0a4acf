"""What Network Monitor's process table and the events of an ETL say of conversations."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.capture.etl.logs import TCPIP, Event, make_log, ndis
from tests.support.files import write_pcapng
from tests.support.listings import EDGE
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


def test_the_process_column_of_a_listing_says_who_sent(tmp_path: Path) -> None:
    path = tmp_path / "edge.txt"
    path.write_text(EDGE.partition("=> Frontend")[0], encoding="utf-8")
    assert labels(open_case({"one": path})) == [("192.168.1.1:50357", "RTCSrv.exe (1504)", "process column")]


def listed(folder: Path, rows: list[tuple[object, ...]]) -> Case:
    """A listing with a process column: process, last bytes of the addresses, flags, ports, sequence number."""
    line = "{} 11:18:57 AM 1/8/2013 713.500{} {} 192.0.2.{} 192.0.2.{} TCP TCP:Flags={}, SrcPort={}, DstPort={}, "
    line += "PayloadLen=0, Seq={}, Ack=0, Win=8192\n"
    path = folder / "a.txt"
    path.write_text("".join(line.format(turn, turn, *row) for turn, row in enumerate(rows, 1)), encoding="utf-8")
    return open_case({"one": path})


def test_a_column_with_one_process_on_both_ways_names_nobody(tmp_path: Path) -> None:
    rows = [("a.exe (1504)", 1, 2, "......S.", 50357, 5061, 7), ("a.exe (1504)", 2, 1, "...A..S.", 5061, 50357, 9)]
    case = listed(tmp_path, rows)
    assert [process.pid for process in case.points[0].capture.processes] == [1504]
    assert labels(case) == []


def test_the_address_that_all_conversations_share_tells_the_host(tmp_path: Path) -> None:
    rows = [
        ("a.exe (1504)", 1, 2, "......S.", 50357, 5061, 7),
        ("a.exe (1504)", 2, 1, "...A..S.", 5061, 50357, 9),
        ("b.exe (77)", 1, 3, "......S.", 50358, 443, 5),
    ]
    assert labels(listed(tmp_path, rows)) == [
        ("192.0.2.1:50357", "a.exe (1504)", "process column"),
        ("192.0.2.1:50358", "b.exe (77)", "process column"),
    ]


def test_an_event_names_the_row_that_says_so_and_counts_in_every_capture(tmp_path: Path) -> None:
    data = sockaddr(LOCAL, 50000) + sockaddr(REMOTE, 80) + struct.pack("<IIIQ", 0, 5788, 1, 0x42E0AE0)
    etl = tmp_path / "a.etl"
    etl.write_bytes(log_with(Event(TCPIP, 1033, data, 5000)))
    case = open_case({"client": etl, "server": write_pcapng(tmp_path / "b.pcapng", frames(ROWS))})
    owners = [case.ownership.owner(point, 0, 0) for point in (0, 1)]
    assert [owner and (owner.pid, owner.source) for owner in owners] == [(5788, "ETL events")] * 2
    assert owners[0] is not None
    assert [(piece.capture, piece.line) for piece in owners[0].lines] == [(str(etl), 1)]


def test_real_resets_of_a_trace_have_their_processes(captures: Path) -> None:
    case = open_case({"one": captures / "etl" / "Wireshark__small-system-misc-ping.etl"})
    point = case.points[0]
    resets = [int(point.packets.conversation[number - 1]) for number in (19, 39, 41)]
    owners = [case.ownership.owner(0, number, point.talk(number).client_side) for number in resets]
    assert [(owner.pid, owner.source) for owner in owners if owner] == [
        (10896, "ETL events"), (6980, "ETL events"), (6980, "ETL events"),
    ]  # fmt: skip
    assert case.ownership.conflicts() == []
