"""Versions of Lync's files and programs in lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs import lync_files, read_logs
from wireproof.logs.lync_files import LyncFile, LyncFilesLog, find
from wireproof.logs.text import LogText

LIST = """ComponentName                                                 Version
-------------                                                 -------
Microsoft Lync Server 2010, Administrative Tools              4.0.7577.183
Microsoft Lync Server 2010, Core Components                   4.0.7577.199
Microsoft Visual C++ 2008 Redistributable                     9.0.30729.4148
"""


def test_components_of_a_server() -> None:
    log = find(LogText("versions.txt", LIST.splitlines()))
    assert log is not None
    assert log.files == [
        LyncFile(3, "Lync Server 2010", "Lync Server 2010", (4, 0, 7577, 183)),
        LyncFile(4, "Lync Server 2010", "Lync Server 2010", (4, 0, 7577, 199)),
    ]


def test_the_reader_is_found_by_the_texts_sign_in_any_encoding() -> None:
    assert [type(log) for log in read_logs(LIST.encode("utf-16"), "v.txt")] == [LyncFilesLog]
    assert read_logs(b"a list of updates: 4.0.7577.108 and 4.0.7577.253", "v.txt") == []


@given(st.data())
def test_damage_does_no_harm(data: st.DataObject) -> None:
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(LIST))] * 2)))
    lines = (LIST[:begin] + data.draw(st.text(max_size=20)) + LIST[end:]).splitlines()
    log = find(LogText("a", lines))
    assert log is None or all(0 < file.line <= len(lines) for file in log.files)


def test_lines_beyond_the_limit_leave_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lync_files, "FOUND_MOST", 1)
    log = find(LogText("versions.txt", LIST.splitlines()))
    assert log is not None
    assert log.notes == ["versions are read up to line 3 (1 of them); what follows was not read"]
