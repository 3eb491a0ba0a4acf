"""An operation in the words of a tool: `word(operation, tool)`. Every name is quoted, and told where it can't be.

Takes plain values of a plan; gives lines. Knows no machine: who runs the lines where, the plan says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wireproof.directaccess.commands import dns, f5, firewall, haproxy_lvs, kemp, netscaler, netsh, policy, powershell
from wireproof.directaccess.commands.quote import UnsafeText, comment
from wireproof.directaccess.commands.worded import Tool, Worded
from wireproof.directaccess.plan import model
from wireproof.directaccess.site.model import BalancerKind

WINDOWS = (Tool.NETSH, Tool.POWERSHELL)
BALANCERS: dict[BalancerKind, Tool] = {
    BalancerKind.F5: Tool.TMSH,
    BalancerKind.KEMP: Tool.KEMP,
    BalancerKind.NETSCALER: Tool.NETSCALER,
    BalancerKind.HAPROXY: Tool.LINUX,
    BalancerKind.LVS: Tool.LINUX,
}


def tools_for(operation: model.Operation) -> tuple[Tool, ...]:
    """The tools that have words for an operation; none where only a person can do it."""
    if isinstance(operation, model.AddForwardingServer):
        tool = BALANCERS.get(operation.kind)
        return (tool,) if tool else ()
    if isinstance(operation, model.RunCommand):
        return tuple(tool for tool in WINDOWS if _fixed(operation, tool))
    return tuple(tool for tool in WINDOWS if (type(operation), tool) in _WORDING)


def word(operation: model.Operation, tool: Tool) -> Worded:
    """The lines that do and undo an operation. Where the tool has no words for it, they are comments that say so."""
    if isinstance(operation, model.RunCommand) and (fixed := _fixed(operation, tool)):
        return Worded(tuple(fixed.splitlines()), tuple(operation.undo.splitlines()))
    wording = _WORDING.get((type(operation), tool))
    mark = "rem" if tool is Tool.NETSH else "#"
    if wording is None:
        return Worded(tuple(comment(_said(operation, tool), mark)))
    try:
        return wording(operation)
    except UnsafeText as reason:
        return Worded(tuple(comment(f"Do this by hand: {reason}", mark)))


def _said(operation: model.Operation, tool: Tool) -> str:
    match operation:
        case model.DoByHand():
            return operation.text
        case model.SetGroupPolicy():
            return f"By PowerShell or in the group policy {operation.policy}: {operation.key} = {operation.value}"
        case model.AddManagementServer():
            return f"By PowerShell, or in the Remote Access console, step 3, management servers: add {operation.name}"
        case model.AddForwardingServer():
            return f"Route {operation.prefix} to {operation.member} on the balancer, addresses untranslated"
        case model.RunCommand():
            return f"By the other shell: {operation.powershell or operation.netsh}"
        case _:
            return f"{tool} has no words for this step"


def _fixed(operation: model.RunCommand, tool: Tool) -> str:
    """The fixed text of a command for a tool; the other tool's is no substitute."""
    return {Tool.NETSH: operation.netsh, Tool.POWERSHELL: operation.powershell}.get(tool, "")


_WORDING: dict[tuple[type, Tool], Callable[[Any], Worded]] = {
    (model.AddAddress, Tool.NETSH): netsh.word_address,
    (model.AddAddress, Tool.POWERSHELL): powershell.word_address,
    (model.AddRoute, Tool.NETSH): netsh.word_route,
    (model.AddRoute, Tool.POWERSHELL): powershell.word_route,
    (model.SetForwarding, Tool.NETSH): netsh.word_forwarding,
    (model.SetForwarding, Tool.POWERSHELL): powershell.word_forwarding,
    (model.SetIsatapRouter, Tool.NETSH): netsh.word_isatap,
    (model.SetIsatapRouter, Tool.POWERSHELL): powershell.word_isatap,
    (model.AddDnsRecord, Tool.NETSH): dns.word_cmd,
    (model.AddDnsRecord, Tool.POWERSHELL): dns.word_powershell,
    (model.AddFirewallRule, Tool.NETSH): firewall.word_netsh,
    (model.AddFirewallRule, Tool.POWERSHELL): firewall.word_powershell,
    (model.AddManagementServer, Tool.POWERSHELL): powershell.word_management_server,
    (model.SetGroupPolicy, Tool.POWERSHELL): policy.word_powershell,
    (model.AddForwardingServer, Tool.TMSH): f5.word,
    (model.AddForwardingServer, Tool.KEMP): kemp.word,
    (model.AddForwardingServer, Tool.NETSCALER): netscaler.word,
    (model.AddForwardingServer, Tool.LINUX): haproxy_lvs.word,
}
