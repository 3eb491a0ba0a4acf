"""A plan as a script that runs as it is: a .cmd for Windows, POSIX sh for Linux. Where a person has to act, it waits.

Takes a plan; gives text with the line ends of its system. What stands in sentences can't become a command.
"""

from __future__ import annotations

import shlex

from wireproof.collect.model import MARKERS, CollectPlan, Step, System

CMD_SPECIAL = str.maketrans({"^": "^^", "&": "^&", "|": "^|", "<": "^<", ">": "^>", "%": "%%", '"': "'"})
CMD_OPENING = (
    "@echo off",
    "setlocal DisableDelayedExpansion",
    "fltmc > nul 2>&1 || (echo Start this script as administrator. & pause & exit /b 1)",
    "rem An address as argument takes the place of the default gateway.",
    'set "GATEWAY=%~1"',
)
SH_OPENING = (
    "#!/bin/sh",
    "set -u",
    "# An address as argument takes the place of the default gateway.",
    "GATEWAY=${1:-}",
    "CAPTURE=",
    'stop_capture() { if [ -n "$CAPTURE" ]; then kill -TERM "$CAPTURE" 2> /dev/null; wait "$CAPTURE"; fi; }',
    "trap stop_capture EXIT",
    "trap 'exit 130' INT TERM",
    "await() { printf 'Press Enter when done. '; read -r _ || true; }",
    '[ "$(id -u)" -eq 0 ] || echo "Not run as root: the capture may be refused." >&2',
)


def write_script(plan: CollectPlan) -> str:
    """The script of a plan."""
    if plan.request.system is System.WINDOWS:
        return "\r\n".join([*_cmd_lines(plan), ""])
    return "\n".join([*_sh_lines(plan), ""])


def _endings(plan: CollectPlan) -> list[str]:
    marks = ", ".join(f"{size} bytes: {what}" for size, what in MARKERS.items())
    return [f"Marker pings: {marks}.", "What to bring:", *(f"- {text}" for text in plan.bring), plan.privacy]


def _cmd_lines(plan: CollectPlan) -> list[str]:
    lines = [CMD_OPENING[0], f"rem {plan.title}", *CMD_OPENING[1:]]
    number = 0
    for phase in plan.phases:
        lines += ["", "echo.", _cmd_echo(f"=== {phase.title} ===")]
        for step in phase.steps:
            number += 1
            lines += ["", _cmd_echo(f"{number}. {step.why}"), *_commands(step)]
            if step.waits:
                lines.append("pause")
    return [*lines, "", "echo.", *map(_cmd_echo, _endings(plan)), _cmd_echo("All is in:"), 'echo "%FOLDER%"', "pause"]


def _cmd_echo(words: str) -> str:
    return f"echo {words.translate(CMD_SPECIAL)}"


def _sh_lines(plan: CollectPlan) -> list[str]:
    lines = [SH_OPENING[0], f"# {plan.title}", *SH_OPENING[1:]]
    number = 0
    for phase in plan.phases:
        lines += ["", _sh_echo(f"=== {phase.title} ===")]
        for step in phase.steps:
            number += 1
            lines += ["", _sh_echo(f"{number}. {step.why}"), *_commands(step)]
            if step.waits:
                lines.append("await")
    return [*lines, "", *map(_sh_echo, _endings(plan)), "printf 'All is in: %s\\n' \"$FOLDER\""]


def _sh_echo(words: str) -> str:
    return f"printf '%s\\n' {shlex.quote(words)}"


def _commands(step: Step) -> tuple[str, ...]:
    return (*step.commands, *step.only_script)
