"""Plans to run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wireproof.collect.model import CollectPlan, Phase, Request, Role, Scenario, Step, System
from wireproof.collect.plans import build_plan
from wireproof.collect.scripts import write_script

SHELL = shutil.which("dash") or shutil.which("sh")


def plan_with(why: str, system: System, *commands: str) -> CollectPlan:
    request = Request(Scenario.TCP, Role.CLIENT, system)
    return CollectPlan(request, "title", (Phase("phase", (Step(why, commands),)),), (), "")


@pytest.mark.skipif(SHELL is None, reason="no POSIX shell here")
@pytest.mark.parametrize("scenario", list(Scenario))
@pytest.mark.parametrize("role", list(Role))
def test_every_shell_script_is_read_without_an_error(scenario: Scenario, role: Role, tmp_path: Path) -> None:
    script = tmp_path / "collect.sh"
    script.write_text(
        write_script(build_plan(Request(scenario, role, System.LINUX, ("2001:db8::5", "server1"), "eth0"))),
        newline="\n",
    )
    assert subprocess.run([str(SHELL), "-n", str(script)], capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.skipif(SHELL is None, reason="no POSIX shell here")
def test_a_shell_script_runs_from_start_to_end_with_the_tools_that_it_finds(tmp_path: Path) -> None:
    script, tools, made = tmp_path / "collect.sh", tmp_path / "bin", tmp_path / "made"
    tools.mkdir()
    made.mkdir()
    write_tool(
        tools / "dumpcap",
        'echo "dumpcap $*" >> "$CALLS"; trap "echo stopped >> $CALLS; exit 0" TERM; while :; do sleep 0.05; done',
    )
    write_tool(tools / "ping", 'echo "ping $*" >> "$CALLS"')
    write_tool(tools / "sleep", "exec /bin/sleep 0.1")
    script.write_text(
        write_script(build_plan(Request(Scenario.TCP, Role.CLIENT, System.LINUX, ("10.0.0.9",)))), newline="\n"
    )
    calls = tmp_path / "calls"
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(made), "CALLS": str(calls)}
    done = subprocess.run(
        [str(SHELL), str(script), "192.0.2.1"],
        env=environment,
        input="\n\n\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = calls.read_text().splitlines()
    assert told[0].startswith("dumpcap -q -i any ")
    assert [re.sub(r".*-s ", "", line) for line in told[1:]] == [
        "22 192.0.2.1",
        "33 10.0.0.9",
        "44 10.0.0.9",
        "55 192.0.2.1",
        "stopped",
    ]
    assert list(made.glob("wireproof-tcp-client-*/ip-address.txt"))


def write_tool(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.mark.skipif(SHELL is None, reason="no POSIX shell here")
def test_no_sentence_becomes_a_shell_command(tmp_path: Path) -> None:
    script = tmp_path / "x.sh"
    why = 'don\'t `touch a` $(touch a); touch a & "b" %s \\n'
    script.write_text(write_script(plan_with(why, System.LINUX, "FOLDER=x")), newline="\n")
    done = subprocess.run(
        [str(SHELL), str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert f"1. {why}\n" in done.stdout
    assert not (tmp_path / "a").exists()


def test_no_sentence_becomes_a_command_of_cmd() -> None:
    text = write_script(plan_with('a & b | c > d < e ^ f %PATH% "g"', System.WINDOWS))
    assert "echo 1. a ^& b ^| c ^> d ^< e ^^ f %%PATH%% 'g'\r\n" in text


def test_a_windows_script_has_windows_line_ends_and_waits_where_a_person_acts() -> None:
    plan = build_plan(Request(Scenario.LYNC, Role.EDGE))
    text = write_script(plan)
    assert text.count("\n") == text.count("\r\n")
    waits = sum(step.waits for phase in plan.phases for step in phase.steps)
    assert text.count("\r\npause\r\n") == waits + 1


def test_a_windows_script_asks_for_the_gateway_that_it_does_not_find() -> None:
    assert 'if not defined GATEWAY set /p "GATEWAY=' in write_script(build_plan(Request(Scenario.TCP, Role.CLIENT)))
