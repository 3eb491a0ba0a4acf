"""Ports of servers are mapped in opened conversations, unless two would become one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.export.clearing import clear_of, complaints, export, handshake, read_capture, read_made, said, segment
from wireproof.export import ExportOptions, export_clear

SAY = b"GET / HTTP/1.1\r\n\r\n"


def talk(ports: Sequence[int]) -> list[bytes]:
    """A short conversation."""
    return [
        *handshake(ports=ports),
        segment(True, "PA", 0, 0, SAY, ports=ports),
        segment(False, "FA", 0, 18, ports=ports),
    ]


def test_the_servers_port_is_another_and_checksums_are_right(tmp_path: Path, program: Callable[[str], str]) -> None:
    result, tables = export(tmp_path, talk((40000, 443)), ports={443: 80})
    assert tables.conversations[0].server_endpoint == "10.1.1.2:80"
    assert said(tables)[0] == [(0, SAY)]
    assert result.notes == []
    assert complaints(program, tmp_path / "clear.pcapng") == []


def test_only_opened_conversations_are_mapped(tmp_path: Path) -> None:
    tables = read_made(tmp_path, [*talk((40000, 443)), *talk((40001, 443))])
    export_clear(tables, clear_of(tables, [1]), tmp_path / "clear.pcapng", ExportOptions(ports={443: 80}))
    written = read_capture(tmp_path / "clear.pcapng").conversations
    assert [written[number].server_endpoint for number in (0, 1)] == ["10.1.1.2:443", "10.1.1.2:80"]


def test_two_that_would_become_one_keep_their_ports(tmp_path: Path) -> None:
    both = [frame for pair in zip(talk((40000, 443)), talk((40000, 80)), strict=True) for frame in pair]
    result, tables = export(tmp_path, both, ports={443: 80})
    found = {tables.conversations[number].server_endpoint for number in range(len(tables.conversations))}
    assert found == {"10.1.1.2:443", "10.1.1.2:80"}
    assert len(result.notes) == 1
    assert "10.1.1.1:40000 with 10.1.1.2:443" in result.notes[0]


def test_the_one_that_is_left_alone_is_seen_by_the_next(tmp_path: Path) -> None:
    three = [talk((40000, port)) for port in (443, 80, 8443)]
    both = [frame for group in zip(*three, strict=True) for frame in group]
    result, tables = export(tmp_path, both, ports={443: 80, 8443: 443})
    assert len(tables.conversations) == 3
    assert len(result.notes) == 2


def test_one_after_the_other_may_have_the_same(tmp_path: Path) -> None:
    result, tables = export(tmp_path, [*talk((40000, 443)), *talk((40000, 80))], ports={443: 80})
    assert {tables.conversations[number].server_endpoint for number in range(len(tables.conversations))} == {
        "10.1.1.2:80"
    }
    assert result.notes == []


def test_ports_may_change_places(tmp_path: Path) -> None:
    both = [frame for pair in zip(talk((40000, 443)), talk((40000, 80)), strict=True) for frame in pair]
    result, tables = export(tmp_path, both, ports={443: 80, 80: 443})
    assert result.notes == []
    assert tables.conversations[0].server_endpoint == "10.1.1.2:80"
