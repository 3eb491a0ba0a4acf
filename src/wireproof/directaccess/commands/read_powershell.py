"""PowerShell lines read as operations: the cmdlets of NetTCPIP, NetworkTransition and RemoteAccess that a plan uses.

Takes words; gives an operation or the reason why there is none. Names are taken as PowerShell takes them: in any case, and
parameters by any beginning that fits only one of them.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv6Network

from wireproof.directaccess.commands.read_netsh import Read
from wireproof.directaccess.commands.values import (
    BadValue,
    adapter_value,
    address_value,
    interface_value,
    ipv4_value,
    number_value,
    prefix_value,
    switch_value,
)
from wireproof.directaccess.commands.words import Word, split_powershell
from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddDnsRecord,
    AddFirewallRule,
    AddManagementServer,
    AddRoute,
    SetForwarding,
    SetIsatapRouter,
)

Values = dict[str, Word]

_COMMON = (
    "addressfamily",
    "policystore",
    "confirm",
    "whatif",
    "erroraction",
    "asjob",
    "cimsession",
    "computername",
    "force",
)
_ALIASES = {"ifindex": "interfaceindex", "ifalias": "interfacealias", "store": "policystore", "ipaddress": "ipaddress"}
_SWITCHES = frozenset({"asjob", "whatif", "force", "confirm", "a", "aaaa", "allowupdateany", "passthru"})


def read_powershell(words: Sequence[Word]) -> Read:
    """One statement. Cmdlets that set nothing a plan knows give no operation."""
    known = _CMDLETS.get(words[0].text.lower())
    if known is None:
        return None, ""
    parameters, read = known
    try:
        return read(_parameters(words[1:], (*parameters, *_COMMON)))
    except BadValue as problem:
        return None, str(problem)


def _parameters(words: Sequence[Word], known: Sequence[str]) -> Values:
    """Parameters and their values. Lists over several words (`a, b`) are joined with commas."""
    values: Values = {}
    name = ""
    for word in words:
        match = re.match(r"^-([A-Za-z]\w*)(?::(.*))?$", word.text, re.DOTALL) if word.bare else None
        if match:
            name = _full(match[1], known)
            if match[2] is not None or name in _SWITCHES:
                values[name] = Word(match[2] or "$true")
                name = ""
        elif name and (name not in values or values[name].text.endswith(",") or word.text.startswith(",")):
            before = values.get(name, Word(""))
            values[name] = Word(before.text + word.text, word.bare, before.expression or word.expression)
        elif known[0] not in values:
            values[known[0]] = word
        else:
            raise BadValue(f"{word.text!r} belongs to no parameter")
    return values


def _full(beginning: str, known: Sequence[str]) -> str:
    lower = _ALIASES.get(beginning.lower(), beginning.lower())
    fitting = [lower] if lower in known else [name for name in known if name.startswith(lower)]
    if len(fitting) != 1:
        raise BadValue(f"the parameter -{beginning} is {'ambiguous' if fitting else 'not known'}")
    return fitting[0]


def _text(values: Values, name: str) -> str | None:
    """The value of a parameter as it is written."""
    word = values.get(name)
    if word is None:
        return None
    if word.expression:
        raise BadValue(f"-{name} is computed ({word.text}); state its value")
    return word.text


def _needed(values: Values, name: str) -> str:
    text = _text(values, name)
    if not text:
        raise BadValue(f"-{name} missing")
    return text


def _adapter(values: Values) -> AdapterName:
    index = values.get("interfaceindex")
    if index is not None and index.expression:
        return AdapterName(ask=_asked(index.text))
    if index is not None:
        return AdapterName(index=number_value(index.text, "InterfaceIndex"))
    alias = _text(values, "interfacealias")
    if not alias:
        raise BadValue("InterfaceIndex or InterfaceAlias missing")
    return adapter_value(alias) if alias[0] == "<" and values["interfacealias"].bare else AdapterName(alias=alias)


def _asked(expression: str) -> str:
    """What a `(Read-Host -Prompt '…')` asks for; any other expression as it is."""
    statements = split_powershell(expression[1:-1]) if expression.startswith("(") else []
    if statements and statements[0][0].text.lower() == "read-host" and len(statements[0]) > 1:
        return statements[0][-1].text
    return expression


def _route(values: Values) -> Read:
    network, problem = prefix_value(_needed(values, "destinationprefix"))
    hop_text, metric, publish = (_text(values, name) for name in ("nexthop", "routemetric", "publish"))
    hop = address_value(hop_text) if hop_text else None
    if publish and publish.lower() not in {"no", "age", "yes"}:
        raise BadValue(f"Publish is {publish}, expected No, Age or Yes")
    route = AddRoute(
        _adapter(values),
        network,
        None if hop is None or hop.is_unspecified else hop,
        number_value(metric, "RouteMetric") if metric else None,
        bool(publish) and publish is not None and publish.lower() != "no",
    )
    return route, problem


def _address(values: Values) -> Read:
    length = _text(values, "prefixlength") or "64"
    return AddAddress(_adapter(values), interface_value(f"{_needed(values, 'ipaddress')}/{length}")), ""


def _interface(values: Values) -> Read:
    forwarding, advertising = (
        switch_value(text, name) if (text := _text(values, name)) else None for name in ("forwarding", "advertising")
    )
    if forwarding is None and advertising is None:
        return None, ""
    adapter = _adapter(values)
    plain = re.sub(r"`(.)", r"\1", adapter.alias, flags=re.DOTALL)  # this cmdlet takes the alias as a pattern
    return SetForwarding(dataclasses.replace(adapter, alias=plain), forwarding, advertising), ""


def _isatap(values: Values) -> Read:
    state, router = _text(values, "state"), _text(values, "router")
    if state is None and not router:
        return None, ""
    return SetIsatapRouter(router or "", (state or "enabled").lower()), ""


def _record(values: Values) -> Read:
    address = _text(values, "ipv4address")
    value = ipv4_value(address) if address else address_value(_needed(values, "ipv6address"))
    return AddDnsRecord(_needed(values, "zonename"), _needed(values, "name"), value), ""


def _management_server(values: Values) -> Read:
    return AddManagementServer(_needed(values, "mgmtserver")), ""


def _firewall(values: Values) -> Read:
    protocol = (_text(values, "protocol") or "any").lower()
    ports = [port for port in (_text(values, "localport") or "").split(",") if port]
    named = ("icmp",) if protocol.startswith("icmp") else tuple(f"{protocol}/{port}" for port in ports)
    remote = (_text(values, "remoteaddress") or "").split(",")
    scope: list[IPv6Network] = [prefix_value(part)[0] for part in remote if part and part.lower() != "any"]
    edge = (_text(values, "edgetraversalpolicy") or "Block").lower() != "block"
    profiles = tuple(part.lower() for part in (_text(values, "profile") or "any").split(","))
    name = _text(values, "displayname") or _needed(values, "name")
    policy, domain = _store(values.get("policystore"))
    rule = AddFirewallRule(name, named, tuple(scope), edge, profiles)
    return dataclasses.replace(rule, policy=policy or rule.policy, domain=domain), ""


def _store(word: Word | None) -> tuple[str, str]:
    r"""Policy and domain of a `-PolicyStore 'domain\policy'`; one computed from the environment has no domain."""
    if word is None or "\\" not in word.text:
        return "", ""
    if not word.expression:
        domain, _, policy = word.text.partition("\\")
        return policy, domain
    parts = [part.text for statement in split_powershell(word.text.strip("()")) for part in statement if not part.bare]
    return (parts[0].removeprefix("\\"), "") if len(parts) == 1 else ("", "")


_Reader = Callable[[Values], Read]
_ADAPTER = ("interfaceindex", "interfacealias")
_CMDLETS: dict[str, tuple[tuple[str, ...], _Reader]] = {
    "new-netroute": (
        ("destinationprefix", *_ADAPTER, "nexthop", "routemetric", "publish", "protocol", "validlifetime", "preferredlifetime"),
        _route,
    ),
    "set-netroute": (
        ("destinationprefix", *_ADAPTER, "nexthop", "routemetric", "publish", "validlifetime", "preferredlifetime"),
        _route,
    ),
    "new-netipaddress": (
        ("ipaddress", *_ADAPTER, "prefixlength", "defaultgateway", "type", "validlifetime", "preferredlifetime", "skipassource"),
        _address,
    ),
    "set-netipinterface": (
        ("interfacealias", "interfaceindex", "forwarding", "advertising", "interfacemetric", "nlmtubytes", "routerdiscovery",
         "dhcp", "ignoredefaultroutes", "weakhostsend", "weakhostreceive", "dadtransmits", "automaticmetric",
         "advertisedefaultroute", "managedaddressconfiguration", "otherstatefulconfiguration"),
        _interface,
    ),
    "set-netisatapconfiguration": (("state", "router", "resolutionstate", "resolutionintervalseconds"), _isatap),
    "add-dnsserverresourcerecorda": (
        ("name", "ipv4address", "zonename", "createptr", "timetolive", "allowupdateany", "ageRecord".lower()), _record,
    ),
    "add-dnsserverresourcerecordaaaa": (
        ("name", "ipv6address", "zonename", "createptr", "timetolive", "allowupdateany", "agerecord"), _record,
    ),
    "add-damgmtserver": (("mgmtserver", "passthru"), _management_server),
    "new-netfirewallrule": (
        ("displayname", "name", "description", "group", "enabled", "profile", "direction", "action", "edgetraversalpolicy",
         "protocol", "localport", "remoteport", "icmptype", "localaddress", "remoteaddress", "program", "gposession"),
        _firewall,
    ),
}  # fmt: skip
