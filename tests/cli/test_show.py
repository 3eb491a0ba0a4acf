"""`wireproof show`: facts without judgement."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.messages.test_dns_records import ANSWER, query
from tests.support.files import write_pcap
from tests.support.said_over import datagram
from tests.support.tables import spaced
from tests.support.terminal import run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return d4_smtp_mss.build(tmp_path_factory.mktemp("smtp"))["capture"]


def test_conversations_are_listed(capture: Path) -> None:
    done = run("show", capture)
    assert done.returncode == 0
    assert "10.1.1.1:28474  10.1.1.5:25" in done.stdout.decode()
    assert "reset by client" in done.stdout.decode()


def test_the_table_is_sorted_and_cut_as_asked() -> None:
    lines = (
        run("show", EXAMPLES / "sccm-policy" / "client.pcapng.gz", "--sort", "start", "--top", "2")
        .stdout.decode()
        .splitlines()
    )
    assert [line.split()[0] for line in lines[2:4]] == ["0", "1"]
    assert lines[4].startswith("and 676 more conversations")


def test_a_timeline_tells_what_happened_when(capture: Path) -> None:
    text = run("show", "--timeline", capture).stdout.decode()
    assert "SYN/ACK, handshake takes 22.0 ms" in text
    assert text.splitlines()[-1].endswith("first packet after 9.60 s of silence")


def test_tables_are_exported(tmp_path: Path, capture: Path) -> None:
    done = run("show", capture, "--export", tmp_path / "out")
    files = sorted((tmp_path / "out").rglob("*.parquet"))
    assert [file.name for file in files] == ["conversations.parquet", "packets.parquet"]
    assert sorted(done.stdout.decode().split()) == sorted(map(str, files))


def test_notes_go_to_standard_error(tmp_path: Path, capture: Path) -> None:
    done = run("show", capture, tmp_path / "gone.pcap")
    assert done.returncode == 0
    assert done.stderr.decode() == f"note: {tmp_path / 'gone.pcap'} does not exist\n"


def test_messages_are_listed_by_protocol_and_counted(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "dns.pcap", spaced([datagram("client", query()), datagram("server", ANSWER)]))
    lines = run("show", path, "--messages", "dns").stdout.decode().splitlines()
    assert "name=www.example.com" in lines[2]
    assert run("show", path, "--messages", "all").stdout.decode().splitlines()[1].split() == ["dns", "2"]


def test_a_protocol_that_is_not_read_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    done = run("show", tmp_path / "gone.pcap", "--messages", "gopher")
    assert done.returncode == 2
    assert "gopher" in done.stderr.decode()
