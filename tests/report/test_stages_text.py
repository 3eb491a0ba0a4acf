"""A process on a terminal: a line a stage that never breaks, frames never cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.support.directaccess import scene_case
from wireproof.report.page import Page
from wireproof.report.stages import find_processes
from wireproof.report.stages_text import draw_process


def lines(folder: Path, width: int | None) -> list[str]:
    page = Page(width)
    (process,) = find_processes(scene_case(folder, stop="transport-connected"), print)
    draw_process(page, process, name_capture=True)
    return page.text.plain.splitlines()


def test_each_stage_is_a_line_with_sign_time_and_frames(tmp_path: Path) -> None:
    found = lines(tmp_path, None)
    assert found[0] == "DirectAccess connection process in client"
    (line,) = [line for line in found if "Connection to the DirectAccess server  " in line]
    assert line.split() == [
        "✕", "13.040", "s", "9.00", "s", "Connection", "to", "the", "DirectAccess", "server",
        "frames", "187,", "311,", "313", "IP-HTTPS", "to", "131.107.0.5:443,", "3", "SYNs,", "unanswered",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [100, 130, 200])
def test_lines_fit_the_terminal(tmp_path: Path, width: int) -> None:
    found = lines(tmp_path, width)
    assert max(map(cell_len, found)) <= width
    assert any("187, 311, 313" in line for line in found)
