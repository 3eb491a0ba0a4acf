"""One script for each machine and tool, to do its steps and to undo them.

Takes a plan; gives texts by file name. Commands come from `directaccess/commands`; here they get an order, reasons and names.
Nothing that a site file says can lead a file out of its folder or end a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wireproof.directaccess.commands.quote import comment
from wireproof.directaccess.commands.word import tools_for, word
from wireproof.directaccess.commands.worded import Tool, is_comment
from wireproof.directaccess.plan.model import DoByHand, MachinePlan, Plan, Step
from wireproof.report.plan.words import METHODS, ROLES, describe

SUFFIXES = {
    Tool.NETSH: "cmd",
    Tool.POWERSHELL: "ps1",
    Tool.TMSH: "tmsh.sh",
    Tool.KEMP: "kemp.txt",
    Tool.NETSCALER: "netscaler.txt",
    Tool.LINUX: "sh",
}
"""How a script's file name ends."""

WINDOWS = (Tool.NETSH, Tool.POWERSHELL)

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Byte order mark: without it Windows PowerShell 5.1 reads a script in the system's code page."""

OPENINGS = {
    Tool.NETSH: ["@echo off", "chcp 65001 > nul"],
    Tool.POWERSHELL: ["#Requires -RunAsAdministrator", "$ErrorActionPreference = 'Stop'"],
    Tool.TMSH: ["#!/bin/bash", "set -e"],
    Tool.LINUX: ["#!/bin/sh", "set -e"],
}
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Script:
    """A file to run on one machine."""

    file: str
    machine: str
    tool: Tool
    undo: bool
    text: str


def tools_of(machine: MachinePlan) -> list[Tool]:
    """The tools that a machine's steps can be done with; one that has words for at least one step."""
    offered = {tool for step in machine.steps for tool in tools_for(step.operation)}
    return [tool for tool in Tool if tool in offered]


def write_scripts(plan: Plan) -> Iterator[Script]:
    """Every script of a plan: for each machine and tool one that does and, where anything can be undone, one that undoes."""
    names = name_files([machine.name for machine in plan.machines])
    method = METHODS[plan.choice.method] if plan.choice.method else ""
    for machine, name in zip(plan.machines, names, strict=True):
        for tool in tools_of(machine):
            yield Script(
                f"{name}.{SUFFIXES[tool]}",
                machine.name,
                tool,
                undo=False,
                text=_write(machine, tool, method, undo=False),
            )
            if any(undo_lines(step, tool) for step in machine.steps):
                file = f"{name}.undo.{SUFFIXES[tool]}"
                yield Script(file, machine.name, tool, undo=True, text=_write(machine, tool, method, undo=True))


def do_lines(step: Step, tool: Tool) -> tuple[str, ...]:
    """The lines that do a step."""
    return word(step.operation, tool).do


def undo_lines(step: Step, tool: Tool) -> tuple[str, ...]:
    """The lines that undo a step."""
    return word(step.operation, tool).undo


def is_verified(step: Step, tool: Tool) -> bool:
    """Whether somebody tried these lines on the real product."""
    return step.verified and word(step.operation, tool).verified


def first_lines(step: Step) -> tuple[str, ...]:
    """The commands of the first tool that has any for a step; none where a person has to do it."""
    if isinstance(step.operation, DoByHand):
        return ()
    for tool in tools_for(step.operation):
        lines = tuple(line for line in do_lines(step, tool) if not is_comment(line))
        if lines:
            return lines
    return ()


def _write(machine: MachinePlan, tool: Tool, method: str, *, undo: bool) -> str:
    mark = "rem" if tool is Tool.NETSH else "#"
    title = f"{machine.name} ({ROLES[machine.role]}): {'undo ' if undo else ''}{method}"
    lines = [*OPENINGS.get(tool, []), *comment(title, mark)]
    lines += comment(
        "Run it in an elevated prompt. Each step says what it is for."
        if tool in WINDOWS
        else "Each step says what it is for.",
        mark,
    )
    numbered = list(enumerate(machine.steps, start=1))
    for number, step in reversed(numbered) if undo else numbered:
        lines += _write_step(step, tool, f"{number}. ", mark, undo=undo)
    text = ("\r\n" if tool in WINDOWS else "\n").join([*lines, ""])
    return MARK + text if tool is Tool.POWERSHELL else text


def _write_step(step: Step, tool: Tool, number: str, mark: str, *, undo: bool) -> list[str]:
    commands = undo_lines(step, tool) if undo else do_lines(step, tool)
    if undo and not commands:
        return []
    lines = ["", *comment(f"{number}{'Undo: ' if undo else ''}{describe(step.operation)}", mark)]
    if not undo and step.why:
        lines += comment(f"Why: {step.why}", mark)
    if not is_verified(step, tool):
        lines += comment("Not verified: written from documentation, never run on the real product.", mark)
    lines += commands
    if step.check and not undo:
        lines += comment(f"Check: {step.check.command} shows: {step.check.expect}. If not: {step.check.failure}", mark)
    return lines


def name_files(names: Sequence[str]) -> list[str]:
    """A file name for each machine, safe on every system and unlike any other, letter case aside."""
    taken: set[str] = set()
    files = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:LONGEST_NAME] or "machine"
        if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", plain):
            plain += "-machine"
        file, number = plain, 1
        while file.lower() in taken:
            number += 1
            file = f"{plain}-{number}"
        taken.add(file.lower())
        files.append(file)
    return files
