"""The report on a site as one HTML file that opens offline: drawing, findings, prefixes, steps with commands to copy, what was routed.

Takes a `SiteOutline`; gives the text of the file. Nothing in it is fetched from anywhere; all text of the site file is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from wireproof import __version__
from wireproof.directaccess.plan.model import MachinePlan, Role, Step
from wireproof.directaccess.site.model import Method
from wireproof.finding import Severity
from wireproof.report.as_html import make_environment, make_policy, read_asset
from wireproof.report.plan.as_text import trace_of
from wireproof.report.plan.map import draw_map
from wireproof.report.plan.outline import SiteOutline, reason, scope, verdict
from wireproof.report.plan.scripts import do_lines, is_verified, tools_of, undo_lines
from wireproof.report.plan.trace import matrix_row, trace_lines
from wireproof.report.plan.words import METHODS, ROLES, describe, list_prefixes
from wireproof.rules.evidence import sentence

MOST_MACHINES, MOST_ROWS = 60, 300
"""Machines with their steps, and rows of a table: so many keep the file small enough to mail; scripts and JSON have all."""


@dataclass(frozen=True, slots=True)
class Commands:
    """A step's lines for one tool."""

    tool: str
    do: str
    undo: str
    verified: bool


def render_site_html(report: SiteOutline) -> str:
    """The whole file."""
    style, script = Markup("\n").join((read_asset("report.css"), read_asset("plan.css"))), read_asset("report.js")
    plan = report.reviewed.plan
    prefixes = list(list_prefixes(report.reviewed.prefixes))
    every = [*report.classes, *report.expectations]
    return (
        make_environment()
        .get_template("plan.html.j2")
        .render(
            report=report.findings,
            reviewed=report.reviewed,
            version=__version__,
            style=style,
            script=script,
            policy=make_policy(style, script),
            verdict=verdict(report),
            good=bool(report.classes) and report.delivered == len(report.classes),
            scope=scope(report),
            why=reason(report.choice) if report.choice else "",
            map=draw_map(report.reviewed.topology, report.classes or every),
            prefixes=prefixes[:MOST_ROWS],
            machines=plan.machines[:MOST_MACHINES] if plan else [],
            left_out=max(len(plan.machines) - MOST_MACHINES, 0) if plan else 0,
            plan_notes=plan.notes if plan else [],
            classes=report.classes[:MOST_ROWS],
            expectations=report.expectations[:MOST_ROWS],
            methods=list_methods(report),
            counts={severity.value: report.findings.count(severity) for severity in Severity},
            commands=list_commands,
            describe=describe,
            roles=ROLES,
            router=Role.ROUTER,
            sentence=sentence,
            row=matrix_row,
            traces=lambda journey: list(trace_lines(journey)),
            trace_of=trace_of,
        )
    )


def list_commands(step: Step, machine: MachinePlan) -> list[Commands]:
    """What does and undoes a step, for each tool that has words for it."""
    return [
        Commands(
            tool.value, "\n".join(do_lines(step, tool)), "\n".join(undo_lines(step, tool)), is_verified(step, tool)
        )
        for tool in tools_of(machine)
        if do_lines(step, tool)
    ]


def list_methods(report: SiteOutline) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(method, `taken`, `fails` or `possible`, (reason, sources) of each objection) for all methods that anything was said of."""
    choice = report.choice
    if choice is None:
        return []
    methods = []
    for method in Method:
        against = choice.against(method)
        state = "taken" if method is choice.method else "fails" if any(each.fatal for each in against) else "possible"
        if against or state == "taken":
            methods.append(
                (sentence(METHODS[method]), state, [(each.reason, "; ".join(each.sources)) for each in against])
            )
    return methods
