"""The JSON report on a site: that of `check` with the key `plan`.

Takes a `SiteOutline`; gives text. Keys are only ever added.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wireproof.directaccess.topology.model import Journey, Outcome, Trip
from wireproof.report import as_json as report_json
from wireproof.report.plan.outline import SiteOutline, scope, verdict
from wireproof.report.plan.scripts import do_lines, tools_of, undo_lines
from wireproof.report.plan.words import describe

if TYPE_CHECKING:
    from wireproof.directaccess.addresses import EntryPrefixes, Prefix
    from wireproof.directaccess.plan.model import MachinePlan, Step


def render_site_json(report: SiteOutline) -> str:
    """The report as indented JSON with a line end."""
    return json.dumps(make_site_document(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def make_site_document(report: SiteOutline) -> dict[str, Any]:
    """The report as plain dicts, lists and scalars."""
    return report_json.make_document(report.findings) | {"plan": _plan(report)}


def _plan(report: SiteOutline) -> dict[str, Any]:
    reviewed, choice = report.reviewed, report.choice
    against = choice.objections if choice else []
    return {
        "site": reviewed.site.file,
        "applied": not reviewed.as_is,
        "verdict": verdict(report),
        "scope": scope(report),
        "method": choice.method.value if choice and choice.method else None,
        "why": choice.why if choice else "",
        "objections": [
            {
                "method": each.method.value, "key": each.key, "reason": each.reason, "fatal": each.fatal, "sources": list(each.sources),
                "line": reviewed.site.line(each.place) if each.place else 0,
            }
            for each in against
        ],
        "prefixes": [_entry(entry) for entry in reviewed.prefixes],
        "machines": [_machine(machine) for machine in (reviewed.plan.machines if reviewed.plan else [])],
        "notes": list(reviewed.plan.notes) if reviewed.plan else [],
        "classes": [_journey(journey) for journey in report.classes],
        "expectations": [
            {"line": reviewed.site.line(journey.place)} | _journey(journey) for journey in report.expectations
        ],
        "delivered": report.delivered,
    }  # fmt: skip


def _prefix(prefix: Prefix | None) -> dict[str, Any] | None:
    if prefix is None:
        return None
    entry: dict[str, Any] = {"prefix": str(prefix.network), "stated": prefix.stated, "source": prefix.source}
    return entry | ({"derived": str(prefix.differs)} if prefix.differs else {})


def _entry(entry: EntryPrefixes) -> dict[str, Any]:
    return {
        "entry_point": entry.entry_point,
        "behind_nat": entry.behind_nat,
        "single_adapter": entry.single_adapter,
        "organisation": _prefix(entry.organisation),
        "intranet": _prefix(entry.intranet),
        "ip_https": _prefix(entry.ip_https),
        "dns64": _text(entry.dns64),
        "nat64": _prefix(entry.nat64),
        "servers": [
            {
                "server": server.server,
                "ip_https": _prefix(server.ip_https),
                "teredo": _prefix(server.teredo),
                "six_to_four": _prefix(server.six_to_four),
                "isatap": _prefix(server.isatap),
                "internal": _text(server.internal),
            }
            for server in entry.servers
        ],
    }


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


def _machine(machine: MachinePlan) -> dict[str, Any]:
    return {
        "name": machine.name,
        "role": machine.role.value,
        "steps": [_step(step, machine) for step in machine.steps],
    }


def _step(step: Step, machine: MachinePlan) -> dict[str, Any]:
    tools = tools_of(machine)
    entry: dict[str, Any] = {
        "operation": type(step.operation).__name__,
        "does": describe(step.operation),
        "why": step.why,
        "do": {tool.value: list(do_lines(step, tool)) for tool in tools},
        "undo": {tool.value: list(undo_lines(step, tool)) for tool in tools},
        "verified": step.verified,
        "sources": list(step.sources),
    }
    if step.check:
        entry["check"] = {"command": step.check.command, "expect": step.check.expect, "failure": step.check.failure}
    return entry


def _journey(journey: Journey) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "stations": list(journey.stations),
        "clients": list(journey.clients),
        "port": journey.port,
        "outcome": journey.outcome.value,
        "reason": journey.reason,
        "there": _trip(journey.there),
    }
    return entry | ({"back": _trip(journey.back)} if journey.back else {})


def _trip(trip: Trip) -> dict[str, Any]:
    entry: dict[str, Any] = {"outcome": trip.outcome.value}
    if trip.outcome is not Outcome.DELIVERED:
        entry["reason"] = trip.reason
    return (
        {"from": trip.source, "to": trip.destination}
        | entry
        | {"trace": [{"node": hop.node, "note": hop.note} for hop in trip.hops]}
    )
