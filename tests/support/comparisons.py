"""Comparisons of runs and of connection processes as renderers get them.

Takes runs and a folder; gives outlines, whose captures are closed again.
"""

from __future__ import annotations

import functools
from pathlib import Path

from tests.cases import d21_directaccess
from tests.support.compared import Run, frames_of
from tests.support.files import write_pcap
from wireproof.analyse.compare import analyse_pair
from wireproof.report.compare.outline import CompareOutline, outline_comparison


def outlined(folder: Path, good: Run, bad: Run) -> CompareOutline:
    """The comparison of two runs."""
    folder.mkdir(parents=True, exist_ok=True)
    return _outline(*write_runs(folder, good, bad))


def write_runs(folder: Path, good: Run, bad: Run) -> tuple[Path, Path]:
    """Both runs as files."""
    files = ((folder / "good.pcap", good), (folder / "bad.pcap", bad))
    one, other = (write_pcap(path, frames_of(run), nanoseconds=True) for path, run in files)
    return one, other


def with_stages(folder: Path, stop: str = "endpoint-resolved") -> CompareOutline:
    """A connection process that works, beside one that stops at a stage."""
    return _outline(*(write_process(folder / name, stage) for name, stage in (("good", ""), ("bad", stop))))


def write_process(folder: Path, stop: str) -> Path:
    """The connection process as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    return d21_directaccess.variant(folder, **({"stop": stop} if stop else {}))["client"]


@functools.cache
def _outline(good: Path, bad: Path) -> CompareOutline:
    with analyse_pair(str(good), str(bad)) as made:
        return outline_comparison(made, (made.good.case, made.bad.case), ["a note"])
