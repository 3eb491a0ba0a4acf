"""Scripts for each machine and tool."""

from __future__ import annotations

from tests.support.sites import OPERATIONS, make_plan
from wireproof.directaccess.commands.worded import Tool
from wireproof.directaccess.plan.model import Choice, DoByHand, MachinePlan, Plan, Role, Step
from wireproof.directaccess.site.model import Method
from wireproof.report.plan.scripts import (
    do_lines,
    first_lines,
    is_verified,
    name_files,
    tools_of,
    undo_lines,
    write_scripts,
)  # fmt: skip

FILES = {script.file: script.text for script in write_scripts(make_plan())}


def test_each_machine_has_a_script_to_do_and_one_to_undo_for_both_tools() -> None:
    assert {"DESK1.cmd", "DESK1.undo.cmd", "DESK1.ps1", "DESK1.undo.ps1"} <= set(FILES)


def test_a_script_does_the_steps_in_order_and_undoes_them_in_the_opposite_one() -> None:
    done, undone = FILES["DESK1.cmd"], FILES["DESK1.undo.cmd"]
    assert -1 < done.find("add address") < done.find("add route")
    assert -1 < undone.find("delete route") < undone.find("delete address")


def test_windows_scripts_have_windows_line_ends_and_powershell_its_byte_order_mark() -> None:
    assert FILES["DESK1.ps1"].startswith("\ufeff#Requires -RunAsAdministrator\r\n")
    assert FILES["DESK1.cmd"].startswith("@echo off\r\nchcp 65001 > nul\r\n")
    assert "\n" not in FILES["DESK1.cmd"].replace("\r\n", "")


def test_names_lead_out_of_no_folder_and_are_never_equal() -> None:
    names = ["../../etc/passwd", "DESK", "desk", "...", "CON", "a\nb", "x" * 300, "DESK-2"]
    files = name_files(names)
    assert files[:6] == ["etc-passwd", "DESK", "desk-2", "machine", "CON-machine", "a-b"]
    assert len({file.lower() for file in files}) == len(names)
    assert max(map(len, files)) <= 84


def test_text_of_the_site_can_end_no_comment() -> None:
    step = Step(DoByHand("a\nRemove-Item C:\\"), "b\r\nformat c:")
    machine = MachinePlan("X\nshutdown", Role.STATION, [step, Step(OPERATIONS[0], "why")])
    for script in write_scripts(Plan(Choice(Method.NATIVE_OWN, ""), [machine])):
        lines = script.text.removeprefix("\ufeff").splitlines()
        assert not [line for line in lines if line.startswith(("Remove-Item", "format", "shutdown"))]


def test_a_balancer_gets_the_script_of_its_make() -> None:
    machine = MachinePlan("BIGIP", Role.BALANCER, [Step(OPERATIONS[8], "each server has its clients")])
    assert tools_of(machine) == [Tool.TMSH]
    script = next(iter(write_scripts(Plan(Choice(Method.FORWARDING, ""), [machine]))))
    assert script.file == "BIGIP.tmsh.sh"
    assert "\ntmsh create ltm virtual " in script.text
    assert "# Not verified: " in script.text


def test_what_a_person_has_to_do_has_no_command() -> None:
    assert first_lines(Step(OPERATIONS[10], "")) == ()
    assert first_lines(Step(OPERATIONS[0], ""))[0].startswith("netsh interface ipv6 add address ")


def test_lines_to_do_and_undo_are_those_of_the_tool() -> None:
    step = Step(OPERATIONS[1], "")
    assert do_lines(step, Tool.POWERSHELL)[0].startswith("New-NetRoute ")
    assert undo_lines(step, Tool.POWERSHELL)[0].startswith("Remove-NetRoute ")
    assert is_verified(step, Tool.POWERSHELL)
    assert not is_verified(Step(OPERATIONS[1], "", verified=False), Tool.POWERSHELL)
