"""A capture here and now. The capture tool is a script of the test: it does what dumpcap does with its file."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import pytest

from wireproof.analyse.case_file import read_case_file
from wireproof.collect import here
from wireproof.collect.here import capture_command, case_text, read_gateway, record
from wireproof.collect.model import Request, Role, Scenario, System
from wireproof.collect.names import CollectError
from wireproof.conversations import read_capture
from wireproof.messages.markers import find_markers

REQUEST = Request(Scenario.TCP, Role.SERVER, System.LINUX, ("10.0.0.9",), "eth0")
WRITES = 'for file; do :; done; printf header > "$file"; trap "printf end >> $file; exit 0" TERM; while :; do sleep 0.02; done'
ROUTES = (
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
    "eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    "eth0\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[int, str]]:
    """The markers that a recording sends, with a tool that writes its file until it is stopped."""
    marks: list[tuple[int, str]] = []
    use_tool(monkeypatch, tmp_path, WRITES)
    monkeypatch.setattr(here.Marks, "_send", lambda self, size, target: marks.append((size, target)))
    monkeypatch.setattr(here, "read_gateway", lambda: "10.0.2.1")
    return marks


def use_tool(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    tool = folder / "dumpcap"
    tool.write_text(f"#!/bin/sh\n{body}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(here, "find_tool", lambda: str(tool))


def test_a_recording_is_a_case_with_its_markers_around(sent: list[tuple[int, str]], tmp_path: Path) -> None:
    done = record(REQUEST, tmp_path / "case", 0.1, lambda _: None)
    assert (tmp_path / "case" / "server.pcapng").read_text() == "headerend"
    case = read_case_file(tmp_path / "case" / "case.toml")
    assert [(point.name, point.file) for point in case.points] == [("server", "server.pcapng")]
    assert sent == [(22, "10.0.2.1"), (33, "10.0.0.9"), (55, "10.0.2.1")]
    assert done.ended == "after 0.1 s"


def test_ctrl_c_ends_it_after_the_last_marker(sent: list[tuple[int, str]], tmp_path: Path) -> None:
    def interrupt_soon(_: str) -> None:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    done = record(REQUEST, tmp_path / "case", None, interrupt_soon)
    assert done.ended == "on Ctrl-C"
    assert sent[-1] == (55, "10.0.2.1")
    assert (tmp_path / "case" / "server.pcapng").read_text() == "headerend"


def test_without_a_gateway_the_peer_gets_all_markers_and_without_both_it_is_told(
    sent: list[tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "read_gateway", lambda: "")
    record(REQUEST, tmp_path / "one", 0.0, lambda _: None)
    assert sent == [(22, "10.0.0.9"), (33, "10.0.0.9"), (55, "10.0.0.9")]
    alone = record(Request(Scenario.TCP, Role.CLIENT, System.LINUX), tmp_path / "two", 0.0, lambda _: None)
    assert [remark for remark in alone.remarks if "no default gateway" in remark] == list(alone.remarks) != []


def test_a_tool_without_permission_is_told_with_what_helps(
    sent: list[tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tool(monkeypatch, tmp_path, 'echo "You do not have permission to capture on device eth0." >&2; exit 2')
    with pytest.raises(CollectError, match=r"dumpcap can't capture: You do not have permission .*run it as root"):
        record(REQUEST, tmp_path / "case", 1.0, lambda _: None)
    assert sent == []


def test_a_folder_that_holds_something_is_left_alone(sent: list[tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "old.pcap").write_bytes(b"x")
    with pytest.raises(CollectError, match="not empty"):
        record(REQUEST, tmp_path / "case", 1.0, lambda _: None)
    assert sent == []


def test_without_a_tool_it_is_said_which_package_brings_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(CollectError, match="neither dumpcap nor tcpdump is installed"):
        record(REQUEST, tmp_path / "case", 1.0, lambda _: None)


def test_the_default_gateway_is_read_from_the_kernels_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "byteorder", "little")
    table = tmp_path / "route"
    table.write_text(ROUTES)
    assert read_gateway(table) == "10.0.2.1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Iface\n",
        "Iface\neth0\t00000000\t00000000\t1\t0\t0\t0\t00000000\n",
        "Iface\neth0\t00000000\txyz\t1\t0\t0\t0\t00000000\n",
    ],
)
def test_a_machine_without_default_gateway_has_none(text: str, tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(text)
    assert read_gateway(table) == ""


def test_either_tool_captures_whole_packets_into_the_file() -> None:
    assert capture_command("/usr/bin/dumpcap", "eth0", Path("a.pcapng")) == [
        "/usr/bin/dumpcap",
        "-q",
        "-i",
        "eth0",
        "-s",
        "0",
        "-w",
        "a.pcapng",
    ]
    assert capture_command("/usr/bin/tcpdump", "any", Path("a.pcap"))[-2:] == ["-w", "a.pcap"]


def test_the_case_file_names_scenario_and_role() -> None:
    assert 'title = "TCP connections, recorded at the server"' in case_text(REQUEST, "server.pcapng")


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("dumpcap") is None,
    reason="needs dumpcap and the right to capture",
)
def test_the_markers_of_a_real_recording_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "read_gateway", lambda: "127.0.0.1")
    request = Request(Scenario.TCP, Role.CLIENT, System.LINUX, ("127.0.0.1", "::1"), "lo")
    try:
        done = record(request, tmp_path / "case", 0.5, lambda _: None)
    except CollectError as error:
        pytest.skip(f"this machine does not let us capture: {error}")
    tables = read_capture(tmp_path / "case" / done.file)
    with tables.capture:
        found = find_markers(tables)
    assert [(marker.size, marker.requests, marker.target) for marker in found] == [
        (22, 2, "127.0.0.1"),
        (33, 2, "127.0.0.1"),
        (44, 2, "::1"),
        (55, 2, "127.0.0.1"),
    ]
