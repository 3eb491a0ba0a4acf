"""A comparison as JSON: fixed keys in a fixed order, for programs.

Takes a `CompareOutline`; gives text. Keys are only ever added.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wireproof import __version__
from wireproof.processes.compare.difference import MATTERS
from wireproof.report.as_json import plain
from wireproof.report.compare.as_text import headline
from wireproof.report.words import iso_time

if TYPE_CHECKING:
    from wireproof.conversations.lines import FrameLine
    from wireproof.finding import Finding
    from wireproof.report.captures import CaptureItem
    from wireproof.report.compare.outline import CompareOutline, Row, StageRow


def render_comparison_json(report: CompareOutline) -> str:
    """The comparison as indented JSON with a line end."""
    return json.dumps(make_document(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def make_document(report: CompareOutline) -> dict[str, Any]:
    """The comparison as plain dicts, lists and scalars."""
    return {
        "wireproof": __version__,
        "good": _capture(report.good),
        "bad": _capture(report.bad),
        "verdict": headline(report),
        "differs": report.differs,
        "first_difference": _row(report.first) if report.first else None,
        "because": [finding.id for finding in report.because],
        "differences": [_row(row) for row in report.rows],
        "stages": [_stage(row) for row in report.stages],
        "findings": {
            "only_bad": [_finding(finding) for finding in report.only_bad],
            "only_good": [_finding(finding) for finding in report.only_good],
            "both": [_finding(finding) for finding in report.both],
        },
        "alike": report.alike,
        "services": report.services,
        "notes": list(report.notes),
    }


def _capture(item: CaptureItem) -> dict[str, Any]:
    return {
        "name": item.name,
        "file": item.file,
        "packets": item.packets,
        "conversations": item.conversations,
        "start": iso_time(item.start_ns),
        "duration_s": item.duration_s,
    }


def _row(row: Row) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "kind": row.kind.value,
        "matters": row.kind in MATTERS,
        "service": row.service,
        "action": row.action,
        "good": row.good,
        "bad": row.bad,
        "good_frame": _line(row.good_line),
        "bad_frame": _line(row.bad_line),
    }
    if row.bad_service:
        entry["bad_service"] = row.bad_service
    if row.follows:
        entry["then_missing"] = list(row.follows)
    if row.elsewhere:
        entry["same_with"] = list(row.elsewhere)
    return entry


def _line(line: FrameLine | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {
        "frame": line.number,
        "time_s": round(line.time_s, 9),
        "source": line.source,
        "destination": line.destination,
        "info": line.info,
    }


def _stage(row: StageRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "good": row.good,
        "bad": row.bad,
        "good_start_s": plain(row.good_s),
        "bad_start_s": plain(row.bad_s),
        "good_duration_s": plain(row.good_took_s),
        "bad_duration_s": plain(row.bad_took_s),
        "differs": row.differs,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "title": finding.title,
        "summary": finding.summary,
        "evidence": [
            {"capture": item.capture, "frame": item.frame, "note": item.note} for item in finding.evidence if item.frame
        ],
        "fix": list(finding.fix),
    }
