from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

import pytest
from hypothesis import given

from tests.support.grammars import GrammarError, parse
from tests.support.operations import every, hostile, names, readable
from tools.measure import ROOT
from wireproof.directaccess.commands.read import read_commands
from wireproof.directaccess.commands.word import tools_for, word
from wireproof.directaccess.commands.worded import Tool, is_comment
from wireproof.directaccess.plan import model
from wireproof.directaccess.review import Review
from wireproof.directaccess.site.model import BalancerKind
from wireproof.directaccess.site.read import read_site

EXAMPLES = sorted((ROOT / "examples" / "plan").glob("*.yaml"))


@given(every(hostile))
def test_every_line_is_one_that_its_tool_takes_whatever_the_names_are(operation: model.Operation) -> None:
    for tool in Tool:
        worded = word(operation, tool)
        for line in (*worded.do, *worded.undo):
            parse(line, tool)


@given(readable(names))
def test_what_is_worded_reads_back_as_the_operation(operation: model.Operation) -> None:
    for tool in tools_for(operation):
        lines = word(operation, tool).do
        if all(is_comment(line) for line in lines):
            assert tool is Tool.NETSH, "PowerShell can be told every printable name"
        else:
            assert read_commands(lines)[-1] == operation


@given(readable(names))
def test_undoing_adds_no_address_route_or_record(operation: model.Operation) -> None:
    for tool in tools_for(operation):
        undone = read_commands(word(operation, tool).undo)
        assert not any(isinstance(it, model.AddAddress | model.AddRoute | model.AddDnsRecord) for it in undone)


@given(every(names))
def test_what_is_done_can_be_undone(operation: model.Operation) -> None:
    for tool in tools_for(operation):
        worded = word(operation, tool)
        if any(not is_comment(line) for line in worded.do):
            assert worded.undo


def test_a_line_break_in_a_name_is_said_and_not_typed() -> None:
    route = model.AddRoute(model.AdapterName(alias="LAN\nformat c:"), IPv6Network("2001:db8::/64"))
    for tool in (Tool.NETSH, Tool.POWERSHELL):
        assert all(is_comment(line) and "U+000A" in line for line in word(route, tool).do)


def test_a_step_for_hands_is_a_comment_of_as_many_lines() -> None:
    step = model.DoByHand("Open the console.\nPress Finish & wait.")
    assert word(step, Tool.POWERSHELL).do == ("# Open the console.", "# Press Finish & wait.")
    assert word(step, Tool.NETSH).do == ("rem Open the console.", "rem Press Finish   wait.")
    assert tools_for(step) == ()


def test_a_fixed_command_stays_as_it_is() -> None:
    step = model.RunCommand("gpupdate /force", "gpupdate /force")
    assert word(step, Tool.NETSH).do == word(step, Tool.POWERSHELL).do == ("gpupdate /force",)


def test_a_command_of_one_shell_is_told_in_the_other() -> None:
    step = model.RunCommand("", "Restart-Service RaMgmtSvc", "Stop-Service RaMgmtSvc")
    assert tools_for(step) == (Tool.POWERSHELL,)
    assert word(step, Tool.POWERSHELL).undo == ("Stop-Service RaMgmtSvc",)
    assert word(step, Tool.NETSH).do == ("rem By the other shell: Restart-Service RaMgmtSvc",)


@pytest.mark.parametrize("kind", BalancerKind)
def test_each_balancer_has_one_tool_but_the_unknown_one(kind: BalancerKind) -> None:
    step = model.AddForwardingServer(kind, "da1", IPv6Network("2001:db8:0:1::/64"), IPv6Address("2001:db8::101"))
    assert len(tools_for(step)) == (kind is not BalancerKind.OTHER)
    assert not any(word(step, tool).verified for tool in tools_for(step))


def test_the_grammar_refuses_slips() -> None:
    for line, tool in (
        ("netsh interface ipv6 add route prefix=2001:db8::1/64 interface=6", Tool.NETSH),
        ("netsh interface ipv6 add route prefix=2001:db8::/64 interface=6 & calc", Tool.NETSH),
        ("netsh interface ipv6 add route prefix=2001:db8::/64", Tool.NETSH),
        ("New-NetRoute -DestinationPrefix 2001:db8::/64 -InterfaceAlias LAN 1", Tool.POWERSHELL),
        ("New-NetRoute -DestinationPrefix 2001:db8::/64 -InterfaceAlias 'it's'", Tool.POWERSHELL),
        ("Set-NetIPInterface -InterfaceIndex 6 -Forwarding Yes", Tool.POWERSHELL),
        ("tmsh create ltm pool a b members add { 2001:db8::1.0 } monitor gateway_icmp", Tool.TMSH),
    ):
        with pytest.raises(GrammarError):
            parse(line, tool)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_command_of_the_example_is_one_that_its_tool_takes(path: Path) -> None:
    plan = Review(read_site(path.read_text(encoding="utf-8"), path.name)).plan
    for step in (step for machine in plan.machines for step in machine.steps):
        for tool in tools_for(step.operation):
            worded = word(step.operation, tool)
            assert worded.do
            for line in (*worded.do, *worded.undo):
                parse(line, tool)


def test_the_native_example_words_the_routes_of_its_article() -> None:
    path = ROOT / "examples" / "plan" / "native-ipv6.yaml"
    plan = Review(read_site(path.read_text(encoding="utf-8"), path.name)).plan
    lines = [
        line for machine in plan.machines for step in machine.steps for line in word(step.operation, Tool.NETSH).do
    ]
    for prefix in ("2002:836b:2:1000::/64", "2001:0:836b:2::/64"):
        assert any(f"add route prefix={prefix} " in line and "nexthop=2002:836b:2:3333::1 " in line for line in lines)
