"""The picture of a process: a row a stage, signs beside colours, bars within the figure."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import frames_case, scene_case
from wireproof.report.stages import Process, find_processes
from wireproof.report.stages_figure import draw_stages


def process(folder: Path, **fields: str) -> Process:
    (found,) = find_processes(scene_case(folder, **fields), print)
    return found


def test_every_stage_has_its_row_and_sign(tmp_path: Path) -> None:
    told = process(tmp_path)
    svg = str(draw_stages(told))
    assert svg.count('class="stage ') == len(told.rows)
    assert svg.count(">✓<") == sum(row.sign == "✓" for row in told.rows)
    assert all(row.title in svg for row in told.rows)


def test_where_it_stopped_is_marked(tmp_path: Path) -> None:
    svg = str(draw_stages(process(tmp_path, stop="tls-done")))
    assert svg.count("stage failed stopped") == 1
    assert svg.count("stage unseen") == 4


def test_bars_lie_within_the_figure(tmp_path: Path) -> None:
    shares = [float(share) for share in re.findall(r'x[12]="([\d.]+)%"', str(draw_stages(process(tmp_path))))]
    assert shares
    assert min(shares) >= 0
    assert max(shares) <= 100


def test_names_from_the_capture_are_escaped(tmp_path: Path) -> None:
    frames = d21.frames(d21.Scene(location="directaccess-nls.<b>.com"))
    (told,) = find_processes(frames_case(tmp_path, frames), print)
    svg = str(draw_stages(told))
    assert "<b>" not in svg
    assert "&lt;b&gt;" in svg
