"""The tree that every renderer reads: captures, findings with their frames described, open questions, notes.

Takes a case and its verdicts; gives an `Outline` of plain values. It fetches frames and follows them to the other
capture points, so that no renderer of text asks the case anything. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wireproof.conversations.lines import FrameLine, find_row
from wireproof.errors import Fence
from wireproof.report.captures import CaptureItem, make_captures
from wireproof.report.frame_lines import describe_frame
from wireproof.report.marks import MarkItem, Span, find_marks, find_span
from wireproof.report.sightings import Sighting, Tracer
from wireproof.report.stages import Process, find_processes
from wireproof.report.words import base_name

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Evidence, Finding, Severity, Undecided
    from wireproof.report.sessions.table import SessionTable
    from wireproof.rules.run import Verdicts

MARK_OF_STATES = (("lost", "lost"), ("not sent", "forged"), ("seen", "seen"))
"""How a row is marked that its rule left plain: by what became of the frame at the other points, worst first."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One piece of evidence. `line` is None for a line of a log, which `log_line` numbers (in
    `log_unit`: lines, events or records), `log_text` quotes and `capture` names.

    `mark` is "lost", "forged", "seen" or ""; `reference_ns` is the time on the first capture's clock; `sightings` say
    what became of the frame at each other point, as far as the captures tell.
    """

    capture: str
    number: int
    note: str
    mark: str
    line: FrameLine | None
    log_line: int = 0
    reference_ns: int = 0
    sightings: tuple[Sighting, ...] = ()
    log_text: str = ""
    log_unit: str = "line"

    @property
    def place(self) -> str:
        """Its number: of the frame alone, of a log's line or event with that word before it."""
        return f"{self.log_unit} {self.log_line}" if self.log_line else str(self.number)

    @property
    def shown(self) -> str:
        """What a reader knows it by: its capture, or its log's file without folders."""
        return base_name(self.capture) if self.log_line else self.capture


@dataclass(slots=True)
class FindingItem:
    """One finding with its evidence. `number` counts in reading order from 1; `children` are findings that it explains.

    A finding that several explain stands once, beneath the first; `also_explains` numbers the others of those.
    """

    finding: Finding
    rows: tuple[EvidenceRow, ...]
    number: int = 0
    children: list[FindingItem] = field(default_factory=list)
    also_explains: list[FindingItem] = field(default_factory=list)
    span: Span | None = None
    """Between which marker pings its first frame lies; None where nobody marked anything."""

    def walk(self, depth: int = 0) -> Iterator[tuple[int, FindingItem]]:
        """This finding and all beneath it in reading order, each with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(slots=True)
class Outline:
    """A whole report. `roots` are findings that no other explains; `walk` gives all of them in reading order.

    `processes` are connection processes that the captures show stage by stage, whether they came through or not. `next_step` leads
    what would settle an open question: a capture, or for a site a line of its file.
    """

    title: str
    captures: list[CaptureItem]
    roots: list[FindingItem]
    undecided: list[Undecided]
    notes: list[str]
    next_step: str = "Capture next"
    processes: list[Process] = field(default_factory=list)
    decryption: list[SessionTable] = field(default_factory=list)
    """TLS sessions of the captures in which some were read, or of all where keys are at hand."""
    marks: list[MarkItem] = field(default_factory=list)
    """Marker pings of all captures, in order of time."""
    logs: list[str] = field(default_factory=list)
    """Files of the logs and outputs that were read beside the captures, or without any."""

    def walk(self) -> Iterator[tuple[int, FindingItem]]:
        """All findings in reading order, each with its depth below its root cause."""
        for root in self.roots:
            yield from root.walk()

    @property
    def items(self) -> list[FindingItem]:
        """All findings in reading order."""
        return [item for _, item in self.walk()]

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(item.finding.severity is severity for item in self.items)

    @property
    def is_aligned(self) -> bool:
        """Whether there are several capture points."""
        return len(self.captures) > 1


def outline(case: Case, verdicts: Verdicts) -> Outline:
    """Build the tree of a report."""
    tracer = Tracer(case)
    items = [FindingItem(finding, _make_rows(case, tracer, finding)) for finding in verdicts.findings]
    roots = nest(items)
    noted: list[str] = []
    marks = find_marks(case, tracer, noted.append)
    for item in items:
        item.span = find_span(marks, item.rows)
    processes = find_processes(case, noted.append)
    decryption = _find_decryption(case, noted.append)
    with Fence("telling the clocks of logs", noted.append):
        noted += list(_clock_notes(case))
        noted += [f"{point.file}: {note}" for point in case.points if point.events for note in point.events.notes]
    notes = _unique([*case.notes, *verdicts.notes, *noted])
    made = Outline(
        case.title,
        list(make_captures(case)),
        roots,
        verdicts.undecided,
        notes,
        processes=processes,
        decryption=decryption,
        marks=marks,
        logs=_unique(log.file for log in case.logs),
    )
    number_items(made)
    return made


def _clock_notes(case: Case) -> Iterator[str]:
    """How the times of each log that has any are taken."""
    for log in case.every_log:
        if not case.points or log.of_capture or next(log.events(), None) is None:
            continue
        clock = case.log_clock(log)
        if not log.in_utc or clock.matched or clock.disagrees_s:
            yield clock.told(log.file, log.unit)


def number_items(made: Outline) -> None:
    """Number the findings in reading order from 1."""
    for number, item in enumerate(made.items, start=1):
        item.number = number


def nest(items: list[FindingItem]) -> list[FindingItem]:
    """Hang findings beneath those that explain them; give the roots. What explains itself in a circle stays a root."""
    by_id = {item.finding.id: item for item in items}
    explained = {identity for item in items for identity in item.finding.explains}
    placed: set[str] = set()
    roots = []
    # Findings in a circle have no root of their own: they come second, and the first of each circle becomes one.
    for item in sorted(items, key=lambda item: item.finding.id in explained):
        if item.finding.id not in placed:
            placed.add(item.finding.id)
            roots.append(item)
            _hang(item, by_id, placed)
    return roots


def _hang(item: FindingItem, by_id: dict[str, FindingItem], placed: set[str]) -> None:
    effects = [by_id[identity].finding for identity in item.finding.explains if identity in by_id]
    # What another effect explains hangs beneath that one: the chain shows each link.
    for identity in sorted(item.finding.explains, key=lambda one: sum(one in effect.explains for effect in effects)):
        effect = by_id.get(identity)
        if effect is None:
            continue
        if identity in placed:
            item.also_explains.append(effect)
            continue
        placed.add(identity)
        item.children.append(effect)
        _hang(effect, by_id, placed)


def _find_decryption(case: Case, note: Callable[[str], None]) -> list[SessionTable]:
    """The tables of TLS sessions; what makes them is loaded only where something was opened or keys are at hand."""
    if case.keys is None and not any(point.clear for point in case.points):
        return []
    from wireproof.report.sessions.outline import find_decryption

    return find_decryption(case, note)


def _make_rows(case: Case, tracer: Tracer, finding: Finding) -> tuple[EvidenceRow, ...]:
    """Evidence in the order of its captures, frames in file order within each; the same frame twice becomes one row."""
    points = {point.name: point for point in case.points}
    logs = {log.file: log for log in case.every_log}
    rows: dict[tuple[str, int, int, str], EvidenceRow] = {}
    for evidence in finding.evidence:
        row = _make_row(points.get(evidence.capture), tracer, evidence, finding.rule.split("-")[0])
        if row.log_line and row.capture in logs:
            log = logs[row.capture]
            row = replace(row, log_text=evidence.text or log.line_text(row.log_line), log_unit=log.unit)
        key = (row.capture, row.number, row.log_line, evidence.text)
        rows[key] = _join(rows[key], row) if key in rows else row
    order = {name: place for place, name in enumerate(dict.fromkeys(row.capture for row in rows.values()))}
    return tuple(sorted(rows.values(), key=lambda row: (order[row.capture], row.number, row.log_line)))


def _join(first: EvidenceRow, second: EvidenceRow) -> EvidenceRow:
    """Two pieces of evidence about one frame: both notes, the more telling mark."""
    notes = first.note.split("; ") if first.note else []
    if second.note and second.note not in notes:
        notes.append(second.note)
    return replace(first, note="; ".join(notes), mark=first.mark or second.mark)


def _make_row(point: Point | None, tracer: Tracer, evidence: Evidence, family: str) -> EvidenceRow:
    if point is None or point.packets.row_of(evidence.frame) < 0:
        return EvidenceRow(evidence.capture, evidence.frame, evidence.note, evidence.mark, None, evidence.line)
    row = find_row(point.tables, evidence.frame)
    sightings = tracer.follow(point, row)
    return EvidenceRow(
        evidence.capture,
        evidence.frame,
        evidence.note,
        evidence.mark or _mark_by(sightings),
        describe_frame(point, row, family),
        evidence.line,
        tracer.reference_ns(point, row),
        sightings,
    )


def _mark_by(sightings: Iterable[Sighting]) -> str:
    states = {sighting.state for sighting in sightings}
    return next((mark for state, mark in MARK_OF_STATES if state in states), "")


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
