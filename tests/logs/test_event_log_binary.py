"""EVTX files: the same events as from XML, damage told in a note, and what is said without the package."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.evtx_files import event, write_evtx
from wireproof.logs import read_logs
from wireproof.logs.event_log import EventXmlLog
from wireproof.logs.event_log_binary import read_evtx

FILE = write_evtx([
    event("Service Control Manager", 7034, "2012-05-10T15:13:50.5Z", {"param1": "IP Helper", "param2": "1"}),
    event("Schannel", 36887, "2012-05-10T15:13:51Z", {"AlertDesc": "48"}),
])  # fmt: skip


def test_events_are_read_with_what_they_hold() -> None:
    pytest.importorskip("evtx")
    (log,) = read_logs(FILE, "System.evtx")
    assert isinstance(log, EventXmlLog)
    assert [(one.event_id, one.source, one.host) for one in log.records] == [
        (7034, "Service Control Manager", "DA1.contoso.com"),
        (36887, "Schannel", "DA1.contoso.com"),
    ]
    assert (log.records[0].stopped_service, log.records[1].text) == ("IP Helper", "AlertDesc: 48")
    assert (log.in_utc, log.notes, log.unit) == (True, [], "record")


def test_a_damaged_file_ends_in_a_note() -> None:
    pytest.importorskip("evtx")
    assert read_evtx(FILE[:100], "x").notes
    (log,) = read_logs(FILE[:4096] + b"x" + FILE[4097:], "x")
    assert isinstance(log, EventXmlLog)
    assert log.records == []


def test_without_the_package_a_note_names_it_and_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "evtx":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    (note,) = read_evtx(FILE, "System.evtx").notes
    assert "wireproof[evtx]" in note
    assert "wevtutil qe" in note


@settings(max_examples=60)
@given(st.integers(0, 7000), st.binary(min_size=1, max_size=6), st.integers(0, len(FILE)))
def test_any_damage_is_read_without_harm(at: int, instead: bytes, end: int) -> None:
    data = (FILE[:at] + instead + FILE[at + len(instead) :])[:end]
    for one in read_evtx(b"ElfFile\0" + data[8:], "x").records:
        assert 0 <= one.event_id <= 0xFFFF
