"""The JSON report: fixed keys in a fixed order, for programs.

Takes an `Outline`; gives text. Keys are only ever added. Numbers that JSON can't hold become null.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wireproof import __version__
from wireproof.report.words import iso_time

if TYPE_CHECKING:
    from wireproof.finding import Owner, Talk
    from wireproof.report.captures import CaptureItem
    from wireproof.report.marks import MarkItem, Span
    from wireproof.report.outline import EvidenceRow, FindingItem, Outline
    from wireproof.report.sessions.table import SessionTable
    from wireproof.report.stages import Process, StageRow


def render_json(report: Outline) -> str:
    """The report as indented JSON with a line end."""
    return json.dumps(make_document(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def make_document(report: Outline) -> dict[str, Any]:
    """The report as plain dicts, lists and scalars; findings in reading order."""
    document: dict[str, Any] = {"wireproof": __version__}
    if report.title:
        document["title"] = report.title
    tables = {table.capture: table for table in report.decryption}
    document |= {
        "captures": [_capture(item, tables.get(item.name)) for item in report.captures],
        "findings": [_finding(item) for item in report.items],
        "undecided": [
            {"rule": open_.rule, "reason": open_.reason, "capture_next": open_.capture_next}
            for open_ in report.undecided
        ],
        "notes": list(report.notes),
    }
    told = [make_process_entry(process) for process in report.processes if process.name == "directaccess"]
    if told:
        document["directaccess"] = told
    if report.marks:
        document["markers"] = [_mark(mark) for mark in report.marks]
    return document


def make_process_entry(process: Process) -> dict[str, Any]:
    """One connection process: who, how, where it stopped, and its stages with frames and seconds."""
    timeline = process.timeline
    done = timeline.last_done
    return {
        "capture": process.capture,
        "client": timeline.client,
        "server": timeline.server,
        "endpoint": timeline.endpoint,
        "transport": timeline.transport,
        "system": timeline.system,
        "location": timeline.location,
        "certain": timeline.certain,
        "last_done": done.name if done else None,
        "stopped_at": timeline.stopped_at or None,
        "remarks": list(timeline.remarks),
        "signs": [{"frame": frame, "note": note} for frame, note in process.signs],
        "stages": [_stage(row) for row in process.rows],
    }


def _stage(row: StageRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "outcome": row.outcome,
        "start_s": _rounded(row.start_s),
        "end_s": _rounded(row.end_s),
        "duration_s": _rounded(row.duration_s),
        "frames": [{"frame": frame, "note": note} for frame, note in zip(row.frames, row.notes, strict=True)],
        "facts": plain(row.facts),
    }


def _rounded(value_s: float | None) -> float | None:
    return None if value_s is None else round(value_s, 9)


def _capture(item: CaptureItem, table: SessionTable | None = None) -> dict[str, Any]:
    entry = {
        "name": item.name,
        "file": item.file,
        "packets": item.packets,
        "clock_offset_s": round(item.clock_offset_s, 9),
        "clock_drift_ppm": round(item.clock_drift_ppm, 6),
        "clock_known": item.clock_known,
        "clock_bound_s": item.clock_bound_s,
        "format": item.format,
        "conversations": item.conversations,
        "start": iso_time(item.start_ns),
        "duration_s": item.duration_s,
        "dropped": item.dropped,
    }
    if table is None:
        return entry
    from wireproof.report.sessions.as_json import make_decryption

    return entry | {"decryption": make_decryption(table)}


def _mark(mark: MarkItem) -> dict[str, Any]:
    return {
        "bytes": mark.size,
        "meaning": mark.meaning,
        "capture": mark.capture,
        "frame": mark.frame,
        "time_s": round(mark.time_s, 9),
        "source": mark.source,
        "destination": mark.target,
        "requests": mark.requests,
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        name: {"bytes": mark.size, "capture": mark.capture, "frame": mark.frame}
        for name, mark in (("after", span.after), ("before", span.before))
        if mark is not None
    }


def _finding(item: FindingItem) -> dict[str, Any]:
    finding = item.finding
    entry: dict[str, Any] = {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "title": finding.title,
        "summary": finding.summary,
        "where": finding.where,
    }
    if finding.toward:
        entry["toward"] = finding.toward
    if finding.talk:
        entry["conversation"] = _conversation(finding.talk)
    if item.span:
        entry["between_markers"] = _span(item.span)
    return entry | {
        "evidence": [_evidence(row) for row in item.rows],
        "facts": plain(finding.facts),
        "explains": list(finding.explains),
        "fix": list(finding.fix),
        "references": list(finding.references),
        "filters": dict(finding.filters),
    }


def _conversation(talk: Talk) -> dict[str, Any]:
    entry: dict[str, Any] = {"protocol": talk.protocol, "client": talk.client, "server": talk.server}
    if talk.seen_as:
        entry["seen_as"] = {name: {"client": client, "server": server} for name, (client, server) in talk.seen_as}
    named = zip(("client_process", "server_process"), talk.owners, strict=True)
    return entry | {key: _owner(owner) for key, owner in named if owner}


def _owner(owner: Owner) -> dict[str, Any]:
    entry: dict[str, Any] = {"pid": owner.pid, "name": owner.name or None, "source": owner.source}
    if owner.services:
        entry["services"] = list(owner.services)
    if owner.conflict:
        entry["conflict"] = owner.conflict
    return entry


def _evidence(row: EvidenceRow) -> dict[str, Any]:
    if row.log_line:
        text = {"text": row.log_text} if row.log_text else {}
        return {"log": row.capture, "line": row.log_line, "note": row.note, **text}
    entry: dict[str, Any] = {"capture": row.capture, "frame": row.number, "note": row.note}
    if row.mark:
        entry["mark"] = row.mark
    if row.line:
        line = row.line
        entry |= {
            "time_s": round(line.time_s, 9),
            "source": line.source,
            "destination": line.destination,
            "protocol": line.protocol,
            "length": line.length,
            "info": line.info,
        }
    if row.sightings:
        entry["elsewhere"] = {seen.capture: seen.line.number if seen.line else seen.state for seen in row.sightings}
    return entry


def plain(value: Any) -> Any:
    """A value of `facts` as JSON knows it: NumPy scalars and tuples turned, NaN and infinity to None, else as text."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(entry) for entry in value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)
