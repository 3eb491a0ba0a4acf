from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from hypothesis import given
from hypothesis import strategies as st

from wireproof.directaccess.commands.read import explain_commands, read_command, read_commands
from wireproof.directaccess.plan.model import AdapterName, AddRoute, SetForwarding, SetIsatapRouter

PUBLISHED = AddRoute(AdapterName(index=6), IPv6Network("fd9c:30c:2da4:1::/64"), publish=True)


def test_an_article_of_two_shells_becomes_operations_in_order() -> None:
    lines = [
        "# on the ISATAP router",
        "C:\\Windows\\system32> netsh interface ipv6 isatap set router da-isatap.domain.local",
        "netsh interface ipv6 set interface 6 forwarding=enable; netsh interface ipv6 set interface 6 advertise=enable",
        "PS C:\\> New-NetRoute -DestinationPrefix fd9c:30c:2da4:1::/64 -InterfaceIndex 6 -Publish Yes; Get-NetRoute",
    ]
    six = AdapterName(index=6)
    assert read_commands(lines) == [
        SetIsatapRouter("da-isatap.domain.local"),
        SetForwarding(six, True, None),
        SetForwarding(six, None, True),
        PUBLISHED,
    ]


def test_the_first_operation_of_a_line_is_the_command() -> None:
    assert read_command("netsh interface ipv6 add route fd9c:30c:2da4:1::/64 6 publish=yes") == PUBLISHED
    assert read_command("netsh.exe interface ipv6 show route") is None
    assert read_command("") is None


def test_host_bits_are_told_beside_the_route_that_windows_makes_of_them() -> None:
    (command,) = explain_commands(["netsh interface ipv6 add route 2131:0:0:1001::/59 12 2131::201"])
    assert command.operation == AddRoute(
        AdapterName(index=12), IPv6Network("2131:0:0:1000::/59"), IPv6Address("2131::201")
    )
    assert "host bits" in command.problem


def test_a_slip_names_its_line() -> None:
    commands = explain_commands(["gpupdate /force", "netsh interface ipv6 add address 6 fd9c::172.168.16.10.25"])
    assert [(command.position, bool(command.problem)) for command in commands] == [(0, False), (1, True)]


@given(st.lists(st.text(max_size=80) | st.text(alphabet="netsh -i6'\"`$();|=:/a", max_size=80), max_size=4))
def test_any_lines_give_commands(lines: list[str]) -> None:
    explain_commands(lines)
    explain_commands([f"netsh interface ipv6 add route {line}" for line in lines])
    explain_commands([f"New-NetFirewallRule {line}" for line in lines])
