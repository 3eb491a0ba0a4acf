"""The report as SARIF 2.1.0, for tools that collect findings of many analysers.

Takes an `Outline`; gives JSON text. A frame becomes a location: the capture is the artifact, the frame number stands as
its line and as a logical location. What the rules could not decide is a result of kind "open".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wireproof import __version__
from wireproof.errors import RuleNameError
from wireproof.finding import Severity, Undecided
from wireproof.report.as_json import plain
from wireproof.report.rule_page import make_rule_page
from wireproof.report.words import row_remark
from wireproof.rules import find_rule

if TYPE_CHECKING:
    from wireproof.report.outline import EvidenceRow, FindingItem, Outline

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
FINGERPRINT = "wireproofFinding/v1"


def render_sarif(report: Outline) -> str:
    """The report as indented JSON with a line end."""
    return json.dumps(make_log(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def make_log(report: Outline) -> dict[str, Any]:
    """The SARIF log: one run."""
    names = [item.finding.rule for item in report.items] + [question.rule for question in report.undecided]
    rules = list(dict.fromkeys(names))
    artifacts = {item.name: place for place, item in enumerate(report.captures)}
    run = {
        "tool": {"driver": {"name": "wireproof", "version": __version__, "rules": [_rule(name) for name in rules]}},
        "invocations": [_invocation(report.notes)],
        "artifacts": [{"location": {"uri": make_uri(item.file)}} for item in report.captures],
        "results": [
            *(_result(item, rules, artifacts, report) for item in report.items),
            *(_open_result(question, rules, report.next_step) for question in report.undecided),
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def make_uri(file: str) -> str:
    """A path as a URI reference: relative ones stay relative, absolute ones get the scheme `file`."""
    path = PureWindowsPath(file) if PureWindowsPath(file).drive else PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _rule(name: str) -> dict[str, Any]:
    try:
        rule = find_rule(name)
    except RuleNameError:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": " ".join(rule.doc.strip().partition("\n\n")[0].split())},
        "help": {"text": rule.doc.strip(), "markdown": make_rule_page(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _invocation(notes: Iterable[str]) -> dict[str, Any]:
    told = [{"level": "note", "message": {"text": note}} for note in notes]
    return {"executionSuccessful": True, "toolExecutionNotifications": told}


def _result(item: FindingItem, rules: list[str], artifacts: dict[str, int], report: Outline) -> dict[str, Any]:
    finding = item.finding
    locations = [_location(row, artifacts, report) for row in item.rows]
    related = [location | {"id": place} for place, location in enumerate(locations[1:], start=1)]
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": f"{finding.title}\n{finding.summary}"},
        "locations": locations[:1],
        "relatedLocations": related,
        "partialFingerprints": {FINGERPRINT: finding.id},
        "properties": {
            "confidence": finding.confidence.value,
            "where": finding.where,
            "facts": plain(finding.facts),
            "fix": list(finding.fix),
            "explains": list(finding.explains),
            "filters": dict(finding.filters),
        },
    }


def _open_result(question: Undecided, rules: list[str], next_step: str) -> dict[str, Any]:
    return {
        "ruleId": question.rule,
        "ruleIndex": rules.index(question.rule),
        "level": "none",
        "kind": "open",
        "message": {"text": f"Cannot tell: {question.reason}\n{next_step}: {question.capture_next}"},
    }


def _location(row: EvidenceRow, artifacts: dict[str, int], report: Outline) -> dict[str, Any]:
    number = row.log_line or row.number
    kind = "line" if row.log_line else "frame"
    place: dict[str, Any] = {"uri": make_uri(row.capture)}
    if row.capture in artifacts:
        index = artifacts[row.capture]
        place = {"uri": make_uri(report.captures[index].file), "index": index}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": place, "region": {"startLine": max(number, 1)}},
        "logicalLocations": [
            {"name": f"{kind} {number}", "fullyQualifiedName": f"{row.capture}/{kind}/{number}", "kind": kind}
        ],
    }
    words = " · ".join(filter(None, [row.line.info if row.line else "", row_remark(row)]))
    return location | ({"message": {"text": words}} if words else {})
