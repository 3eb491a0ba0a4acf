"""Rules over frames: capture points written to files, read again, and judged.

Takes frames by point name; gives the case and what the named rules say of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.files import Frame, write_pcap
from wireproof.case import Case, Point
from wireproof.conversations import read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.finding import Finding
from wireproof.rules import find_rule, load_rules
from wireproof.rules.run import Verdicts, run_rules
from wireproof.streams.inside import unpack_inside

OPEN: list[Case] = []
"""Cases whose captures are still open; a fixture closes them after each test."""


def close_cases() -> None:
    """Close the captures of every case made here."""
    while OPEN:
        for point in OPEN.pop().points:
            point.capture.close()


def _kept(points: list[Point]) -> Case:
    OPEN.append(Case(points))
    return OPEN[-1]


def make_case(folder: Path, points: Mapping[str, Iterable[Frame]]) -> Case:
    """A case whose points hold these frames."""
    made = []
    for name, frames in points.items():
        path = write_pcap(folder / f"{name}.pcap", frames, nanoseconds=True)
        made.append(Point(name, str(path), unpack_inside(read_capture(path))))
    return _kept(made)


def open_case(paths: Mapping[str, Path]) -> Case:
    """A case of capture files by point name."""
    return _kept([Point(name, str(path), unpack_inside(read_capture(path))) for name, path in paths.items()])


def open_with_keys(paths: Mapping[str, Path], ring: KeyRing) -> Case:
    """A case of capture files whose TLS sessions are opened with these keys, and the tunnels in them unpacked."""
    points = []
    for name, path in paths.items():
        tables = read_capture(path)
        clear = open_tls(tables, ring)
        points.append(Point(name, str(path), unpack_inside(tables, clear.inside()), clear=clear))
    return _kept(points)


def judge(case: Case, *names: str) -> Verdicts:
    """Run the named rules, or all; a rule that breaks fails the test."""
    verdicts = run_rules(case, [find_rule(name) for name in names] if names else load_rules().values())
    assert verdicts.notes == []
    return verdicts


def only(case: Case, name: str) -> Finding:
    """The one finding of a rule."""
    findings = judge(case, name).findings
    assert [finding.rule for finding in findings] == [name]
    return findings[0]
