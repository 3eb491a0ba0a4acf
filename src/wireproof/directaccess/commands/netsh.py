"""Operations in the words of netsh (interface ipv6, isatap) for cmd.exe.

Syntax: the help texts of `netsh interface ipv6 add route ?` and its neighbours on Windows Server 2012 to 2022. Values carry
their tags, so that nothing depends on the order; `store=persistent` is the default and is said all the same.
"""

from __future__ import annotations

from wireproof.directaccess.commands.quote import UnsafeText, quote_cmd
from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AdapterName, AddAddress, AddRoute, SetForwarding, SetIsatapRouter

_IPV6 = "netsh interface ipv6"
_ISATAP = "netsh interface isatap"


def word_address(operation: AddAddress) -> Worded:
    """A static address, and its removal."""
    adapter = _interface(operation.adapter)
    return Worded(
        (f"{_IPV6} add address {adapter} address={operation.address.compressed} store=persistent",),
        (f"{_IPV6} delete address {adapter} address={operation.address.ip.compressed} store=persistent",),
    )


def word_route(operation: AddRoute) -> Worded:
    """A persistent route, and its removal."""
    route = f"prefix={operation.prefix.compressed} {_interface(operation.adapter)}"
    if operation.next_hop is not None:
        route += f" nexthop={operation.next_hop.compressed}"
    metric = "" if operation.metric is None else f" metric={operation.metric}"
    publish = " publish=yes" if operation.publish else ""
    return Worded(
        (f"{_IPV6} add route {route}{metric}{publish} store=persistent",),
        (f"{_IPV6} delete route {route} store=persistent",),
    )


def word_forwarding(operation: SetForwarding) -> Worded:
    """Forwarding and advertising set; undone to the opposite."""
    switches = (("forwarding", operation.forwarding), ("advertise", operation.advertising))
    given = [(tag, value) for tag, value in switches if value is not None]
    if not given:
        return Worded(())
    adapter = _interface(operation.adapter)
    do, undo = (
        f"{_IPV6} set interface {adapter} "
        + " ".join(f"{tag}={_switch(value is wanted)}" for tag, value in given)
        + " store=persistent"
        for wanted in (True, False)
    )
    return Worded((do,), (undo,))


def word_isatap(operation: SetIsatapRouter) -> Worded:
    """ISATAP state and the name of the router; undone to Windows' own defaults."""
    name = quote_cmd(operation.record) if operation.record else "default"
    return Worded(
        (f"{_ISATAP} set state state={operation.state}", f"{_ISATAP} set router name={name} state={operation.state}"),
        (f"{_ISATAP} set router name=default state=default", f"{_ISATAP} set state state=default"),
    )


def _interface(adapter: AdapterName) -> str:
    """The adapter by alias where cmd.exe can be told it, else by index, else as a placeholder that netsh refuses."""
    if adapter.alias and (adapter.index is None or _tellable(adapter.alias)):
        if adapter.alias.isdecimal() or adapter.alias[0] == "<":
            raise UnsafeText(f"netsh would take the alias {adapter.alias!r} for something else; use PowerShell")
        return f"interface={quote_cmd(adapter.alias)}"
    if adapter.index is not None:
        return f"interface={adapter.index}"
    placeholder = f"<{adapter.ask or 'adapter'}>"
    return f"interface={quote_cmd(placeholder)}"


def _tellable(alias: str) -> bool:
    return not (alias.isdecimal() or alias[0] == "<" or alias[-1] == "\\" or set(alias) & {'"', "%"})


def _switch(value: bool) -> str:
    return "enabled" if value else "disabled"
