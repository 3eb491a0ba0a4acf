"""Operations in the words of PowerShell: NetTCPIP, NetworkTransition and RemoteAccess.

Syntax: the cmdlets' reference pages for Windows Server 2012 R2 to 2022. An adapter that only the machine can tell is asked
for when the line runs.
"""

from __future__ import annotations

from wireproof.directaccess.commands.quote import quote_pattern, quote_powershell
from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddManagementServer,
    AddRoute,
    SetForwarding,
    SetIsatapRouter,
)


def word_address(operation: AddAddress) -> Worded:
    """A static address, and its removal."""
    address, length = operation.address.ip.compressed, operation.address.network.prefixlen
    return Worded(
        (
            f"New-NetIPAddress -AddressFamily IPv6 {_adapter(operation.adapter)} -IPAddress {address} -PrefixLength {length}",
        ),
        (f"Remove-NetIPAddress {_pattern(operation.adapter)} -IPAddress {address} -Confirm:$false",),
    )


def word_route(operation: AddRoute) -> Worded:
    """A route in the active and the persistent store (New-NetRoute writes both), and its removal from both."""
    hop = "" if operation.next_hop is None else f" -NextHop {operation.next_hop.compressed}"
    metric = "" if operation.metric is None else f" -RouteMetric {operation.metric}"
    publish = " -Publish Yes" if operation.publish else ""
    prefix = f"-DestinationPrefix {operation.prefix.compressed}"
    return Worded(
        (f"New-NetRoute -AddressFamily IPv6 {prefix} {_adapter(operation.adapter)}{hop}{metric}{publish}",),
        (f"Remove-NetRoute -AddressFamily IPv6 {prefix} {_pattern(operation.adapter)}{hop} -Confirm:$false",),
    )


def word_forwarding(operation: SetForwarding) -> Worded:
    """Forwarding and advertising set; undone to the opposite."""
    switches = (("Forwarding", operation.forwarding), ("Advertising", operation.advertising))
    given = [(name, value) for name, value in switches if value is not None]
    if not given:
        return Worded(())
    do, undo = (
        f"Set-NetIPInterface -AddressFamily IPv6 {_pattern(operation.adapter)} "
        + " ".join(f"-{name} {'Enabled' if value is wanted else 'Disabled'}" for name, value in given)
        for wanted in (True, False)
    )
    return Worded((do,), (undo,))


def word_isatap(operation: SetIsatapRouter) -> Worded:
    """ISATAP state and the name of the router; undone to Windows' own defaults."""
    router = f" -Router {quote_powershell(operation.record)}" if operation.record else ""
    return Worded(
        (f"Set-NetIsatapConfiguration -State {operation.state.capitalize()}{router}",),
        ("Reset-NetIsatapConfiguration -State -Router",),
    )


def word_management_server(operation: AddManagementServer) -> Worded:
    """An entry of the management-server list; run on a DirectAccess server."""
    name = quote_powershell(operation.name)
    return Worded(
        (f"Add-DAMgmtServer -MgmtServer {name}",), (f"Remove-DAMgmtServer -MgmtServer {name} -Force -Confirm:$false",)
    )


def _adapter(adapter: AdapterName) -> str:
    """For cmdlets that take the alias as it is."""
    return _named(adapter, quote_powershell(adapter.alias))


def _pattern(adapter: AdapterName) -> str:
    """For cmdlets that take the alias as a pattern."""
    return _named(adapter, quote_pattern(adapter.alias))


def _named(adapter: AdapterName, alias: str) -> str:
    if adapter.alias:
        return f"-InterfaceAlias {alias}"
    if adapter.index is not None:
        return f"-InterfaceIndex {adapter.index}"
    return f"-InterfaceIndex (Read-Host -Prompt {quote_powershell(adapter.ask or 'adapter')})"
