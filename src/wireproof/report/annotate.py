"""The evidence frames as a pcapng, each with a packet comment that Wireshark shows: which rule, what it proves.

Takes a case and its outline; writes a file with one interface per capture (and link type). Times stay as captured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.capture.write import PcapngWriter
from wireproof.errors import WireproofError
from wireproof.report.words import headline, row_remark

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.report.outline import FindingItem, Outline


class AnnotateError(WireproofError):
    """The annotated capture can't be written."""


@dataclass(slots=True)
class _Chosen:
    """One frame to write, with what each finding says about it."""

    point: Point
    number: int
    reference_ns: int
    remarks: list[str] = field(default_factory=list)


def write_annotated(case: Case, report: Outline, path: Path) -> int:
    """Write every evidence frame once, in order of time; gives their count. Raises AnnotateError if that fails."""
    chosen = _choose(case, report)
    try:
        with path.open("wb") as file:
            writer = PcapngWriter(file, comment=_describe(report))
            interfaces: dict[tuple[str, int], int] = {}
            for frame in chosen:
                _write(writer, interfaces, frame)
    except OSError as error:
        raise AnnotateError(f"{path} can't be written: {error.strerror or error}") from None
    return len(chosen)


def _describe(report: Outline) -> str:
    captures = ", ".join(f"{item.name} = {item.file}" for item in report.captures)
    return "\n".join(filter(None, [report.title, f"wireproof: {headline(report)}", f"Evidence frames of {captures}"]))


def _choose(case: Case, report: Outline) -> list[_Chosen]:
    points = {point.name: point for point in case.points}
    chosen: dict[tuple[str, int], _Chosen] = {}
    for item in report.items:
        for capture, number, reference_ns, remark in _remarks(item):
            frame = _Chosen(points[capture], number, reference_ns)
            chosen.setdefault((capture, number), frame).remarks.append(remark)
    return sorted(chosen.values(), key=lambda frame: (frame.reference_ns, frame.point.index, frame.number))


def _remarks(item: FindingItem) -> Iterator[tuple[str, int, int, str]]:
    for row in item.rows:
        if row.line is not None:
            finding = item.finding
            remark = f"[{item.number}] {finding.rule} ({finding.severity.value}): {row_remark(row) or finding.title}"
            yield row.capture, row.number, row.reference_ns, remark


def _write(writer: PcapngWriter, interfaces: dict[tuple[str, int], int], frame: _Chosen) -> None:
    packets, capture = frame.point.packets, frame.point.capture
    row = packets.row_of(frame.number)
    link_type = int(capture.link_types[int(packets.interface[row])])
    key = (frame.point.name, link_type)
    if key not in interfaces:
        interfaces[key] = writer.add_interface(link_type, frame.point.name)
    place = f"{frame.point.name}, frame {frame.number}"
    own = capture.comments.get(frame.number, [])
    comment = "\n".join([place, *frame.remarks, *own])
    data = frame.point.tables.read_frames([row])[0]
    writer.add_frame(interfaces[key], int(packets.time_ns[row]), data, int(packets.original[row]), comment)
