"""Firewall rules on the clients: in a group policy object by PowerShell, on one client alone by netsh advfirewall.

Syntax: reference page of New-NetFirewallRule; help text of `netsh advfirewall firewall add rule ?`. netsh writes into a
policy only inside one interactive session (`set store gpo=…`), so its lines are for trying the rule on one client.
"""

from __future__ import annotations

from wireproof.directaccess.commands.policy import make_policy
from wireproof.directaccess.commands.quote import quote_cmd, quote_pattern, quote_powershell
from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AddFirewallRule

ECHO_REQUEST = 128
"""ICMPv6 type of an echo request (RFC 4443 section 4.1)."""


def word_powershell(operation: AddFirewallRule) -> Worded:
    """One rule for each protocol, all of one display name; undone by that name. The policy is made where it is missing."""
    store = _store(operation)
    scope = ",".join(prefix.compressed for prefix in operation.scope) or "Any"
    edge = "Allow" if operation.edge_traversal else "Block"
    profiles = ",".join(profile.capitalize() for profile in operation.profiles) or "Any"
    head = (
        f"New-NetFirewallRule -PolicyStore {store} -DisplayName {quote_powershell(operation.name)} -Direction Inbound"
    )
    tail = f"-RemoteAddress {scope} -EdgeTraversalPolicy {edge} -Profile {profiles} -Action Allow"
    do = make_policy(operation.policy)
    for protocol, ports in _protocols(operation):
        local = f" -LocalPort {','.join(ports)}" if ports else ""
        icmp = f" -IcmpType {ECHO_REQUEST}" if protocol == "icmp" else ""
        do.append(f"{head} -Protocol {_POWERSHELL_NAMES[protocol]}{local}{icmp} {tail}")
    undo = f"Remove-NetFirewallRule -PolicyStore {store} -DisplayName {quote_pattern(operation.name)} -Confirm:$false"
    return Worded(tuple(do), (undo,))


def word_netsh(operation: AddFirewallRule) -> Worded:
    """The same rules in the local store of the client that the lines run on."""
    scope = ",".join(prefix.compressed for prefix in operation.scope) or "any"
    edge = "yes" if operation.edge_traversal else "no"
    profiles = ",".join(operation.profiles) or "any"
    head = f"netsh advfirewall firewall add rule name={quote_cmd(operation.name)} dir=in action=allow"
    tail = f"remoteip={scope} edge={edge} profile={profiles}"
    do = ["rem On one client, to try the rule; for all clients use the group policy by PowerShell"]
    for protocol, ports in _protocols(operation):
        local = f" localport={','.join(ports)}" if ports else ""
        do.append(f"{head} protocol={_NETSH_NAMES[protocol]}{local} {tail}")
    return Worded(tuple(do), (f"netsh advfirewall firewall delete rule name={quote_cmd(operation.name)} dir=in",))


def _store(operation: AddFirewallRule) -> str:
    if operation.domain:
        return quote_powershell(f"{operation.domain}\\{operation.policy}")
    return f"($env:USERDNSDOMAIN + {quote_powershell(chr(92) + operation.policy)})"


def _protocols(operation: AddFirewallRule) -> list[tuple[str, list[str]]]:
    """Protocols with their ports, in the order of the rule; `any` where the rule names none."""
    grouped: dict[str, list[str]] = {}
    for port in operation.ports:
        protocol, _, number = port.partition("/")
        grouped.setdefault(protocol, []).extend([number] if number else [])
    return list(grouped.items()) or [("any", [])]


_POWERSHELL_NAMES = {"tcp": "TCP", "udp": "UDP", "icmp": "ICMPv6", "any": "Any"}
_NETSH_NAMES = {"tcp": "tcp", "udp": "udp", "icmp": f"icmpv6:{ECHO_REQUEST},any", "any": "any"}
