"""The syntax of the tools that plans are worded for, written down from their documentation and not from the wording.

Sources: the help texts of `netsh interface ipv6 …?`, `netsh interface isatap …?` and `netsh advfirewall firewall add rule ?`;
the reference pages of NetTCPIP, NetworkTransition, DnsServer, RemoteAccess, GroupPolicy and NetSecurity; dnscmd's help; the
TMSH reference (ltm pool, ltm virtual, net route, sys config); NetScaler's command reference; ip-route(8), sysctl(8);
Kemp's description of its RESTful API. `parse(line, tool)` gives the values or raises `GrammarError`.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wireproof.directaccess.commands.worded import Tool

Check = Callable[[str], bool]


class GrammarError(AssertionError):
    """A line that the tool would refuse."""


def _address6(text: str) -> bool:
    return _is(ipaddress.IPv6Address, text)


def _address4(text: str) -> bool:
    return _is(ipaddress.IPv4Address, text)


def _prefix6(text: str) -> bool:
    return "/" in text and _is(ipaddress.IPv6Network, text)


def _interface6(text: str) -> bool:
    return _is(ipaddress.IPv6Interface, text)


def _is(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return "%" not in text


def _number(low: int, high: int) -> Check:
    return lambda text: text.isascii() and text.isdecimal() and low <= int(text) <= high


def _one_of(*words: str) -> Check:
    return lambda text: text.lower() in words


def _list_of(item: Check) -> Check:
    return lambda text: bool(text) and all(item(part) for part in text.split(","))


def _either(*checks: Check) -> Check:
    return lambda text: any(check(text) for check in checks)


def _some(text: str) -> bool:
    return bool(text) and not any(unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" for c in text)


_SWITCH = _one_of("enabled", "disabled")
_STORE = _one_of("active", "persistent")
_METRIC = _number(0, 65535)
_INDEX = _number(1, 2**32 - 1)


@dataclass(frozen=True)
class Syntax:
    """Parameters with what they take, and those that are needed: each inner tuple needs one of its names."""

    parameters: Mapping[str, Check]
    needed: tuple[tuple[str, ...], ...] = ()
    switches: frozenset[str] = field(default_factory=frozenset)


def _check(syntax: Syntax, values: Mapping[str, str], line: str) -> None:
    for name, value in values.items():
        if name not in syntax.parameters:
            raise GrammarError(f"{name} is no parameter: {line}")
        if not syntax.parameters[name](value):
            raise GrammarError(f"{name} does not take {value!r}: {line}")
    for names in syntax.needed:
        if not any(name in values for name in names):
            raise GrammarError(f"{' or '.join(names)} missing: {line}")


_LIFETIME = _either(_number(0, 2**32 - 1), _one_of("infinite"))
_ROUTE = {
    "prefix": _prefix6, "interface": _some, "nexthop": _address6, "siteprefixlength": _number(0, 128), "metric": _METRIC,
    "publish": _one_of("no", "age", "yes"), "validlifetime": _LIFETIME, "preferredlifetime": _LIFETIME, "store": _STORE,
}  # fmt: skip
NETSH: dict[str, Syntax] = {
    "interface ipv6 add route": Syntax(_ROUTE, (("prefix",), ("interface",))),
    "interface ipv6 delete route": Syntax(
        {key: _ROUTE[key] for key in ("prefix", "interface", "nexthop", "store")}, (("prefix",), ("interface",))
    ),
    "interface ipv6 add address": Syntax(
        {"interface": _some, "address": _interface6, "type": _one_of("unicast", "anycast"), "store": _STORE,
         "validlifetime": _LIFETIME, "preferredlifetime": _LIFETIME},
        (("address",), ("interface",)),
    ),
    "interface ipv6 delete address": Syntax(
        {"interface": _some, "address": _address6, "store": _STORE}, (("address",), ("interface",))
    ),
    "interface ipv6 set interface": Syntax(
        {"interface": _some, "forwarding": _SWITCH, "advertise": _SWITCH, "mtu": _number(1280, 65535), "metric": _METRIC,
         "routerdiscovery": _one_of("enabled", "disabled", "dhcp"), "store": _STORE},
        (("interface",),),
    ),
    "interface isatap set state": Syntax({"state": _one_of("default", "enabled", "disabled")}),
    "interface isatap set router": Syntax(
        {"name": _some, "state": _one_of("default", "enabled", "disabled"), "interval": _number(1, 65535)}
    ),
    "advfirewall firewall add rule": Syntax(
        {"name": _some, "dir": _one_of("in", "out"), "action": _one_of("allow", "block", "bypass"),
         "protocol": _either(_number(0, 255), _one_of("icmpv4", "icmpv6", "icmpv6:128,any", "tcp", "udp", "any")),
         "localport": _list_of(_number(0, 65535)), "remoteip": _either(_one_of("any"), _list_of(_interface6)),
         "edge": _one_of("yes", "no", "deferapp", "deferuser"),
         "profile": _list_of(_one_of("public", "private", "domain", "any"))},
        (("name",), ("dir",), ("action",)),
    ),
    "advfirewall firewall delete rule": Syntax({"name": _some, "dir": _one_of("in", "out")}, (("name",),)),
}  # fmt: skip

_TRUTH = _one_of("$true", "$false")
_ADAPTER: dict[str, Check] = {"InterfaceIndex": _INDEX, "InterfaceAlias": _some}
_BY_ADAPTER = ("InterfaceIndex", "InterfaceAlias")
_FAMILY = _one_of("ipv6")
_POLICY_STORE: dict[str, Check] = {"PolicyStore": lambda text: "\\" in text or text == "<computed>", "Confirm": _TRUTH}
POWERSHELL: dict[str, Syntax] = {
    "New-NetRoute": Syntax(
        {**_ADAPTER, "AddressFamily": _FAMILY, "DestinationPrefix": _prefix6, "NextHop": _address6, "RouteMetric": _METRIC,
         "Publish": _one_of("no", "age", "yes")},
        (("DestinationPrefix",), _BY_ADAPTER),
    ),
    "Remove-NetRoute": Syntax(
        {**_ADAPTER, "AddressFamily": _FAMILY, "DestinationPrefix": _prefix6, "NextHop": _address6, "Confirm": _TRUTH}
    ),
    "New-NetIPAddress": Syntax(
        {**_ADAPTER, "AddressFamily": _FAMILY, "IPAddress": _address6, "PrefixLength": _number(0, 128)},
        (("IPAddress",), _BY_ADAPTER),
    ),
    "Remove-NetIPAddress": Syntax({**_ADAPTER, "IPAddress": _address6, "Confirm": _TRUTH}),
    "Set-NetIPInterface": Syntax(
        {**_ADAPTER, "AddressFamily": _FAMILY, "Forwarding": _SWITCH, "Advertising": _SWITCH}, (_BY_ADAPTER,)
    ),
    "Set-NetIsatapConfiguration": Syntax({"State": _one_of("default", "enabled", "disabled"), "Router": _some}),
    "Reset-NetIsatapConfiguration": Syntax(
        {"State": _TRUTH, "Router": _TRUTH}, switches=frozenset({"State", "Router"})
    ),
    "Add-DnsServerResourceRecordA": Syntax(
        {"ZoneName": _some, "Name": _some, "IPv4Address": _address4}, (("ZoneName",), ("Name",), ("IPv4Address",))
    ),
    "Add-DnsServerResourceRecordAAAA": Syntax(
        {"ZoneName": _some, "Name": _some, "IPv6Address": _address6}, (("ZoneName",), ("Name",), ("IPv6Address",))
    ),
    "Remove-DnsServerResourceRecord": Syntax(
        {"ZoneName": _some, "RRType": _one_of("a", "aaaa"), "Name": _some, "RecordData": _either(_address4, _address6),
         "Force": _TRUTH},
        (("ZoneName",), ("RRType",), ("Name",)), frozenset({"Force"}),
    ),
    "Add-DAMgmtServer": Syntax({"MgmtServer": _some}, (("MgmtServer",),)),
    "Remove-DAMgmtServer": Syntax(
        {"MgmtServer": _some, "Force": _TRUTH, "Confirm": _TRUTH}, (("MgmtServer",),), frozenset({"Force"})
    ),
    "Update-DAMgmtServer": Syntax({}),
    "New-NetFirewallRule": Syntax(
        {**_POLICY_STORE, "DisplayName": _some, "Direction": _one_of("inbound", "outbound"),
         "Protocol": _one_of("tcp", "udp", "icmpv6", "any"), "LocalPort": _list_of(_number(0, 65535)),
         "IcmpType": _list_of(_number(0, 255)), "RemoteAddress": _either(_one_of("any"), _list_of(_interface6)),
         "EdgeTraversalPolicy": _one_of("block", "allow", "defertouser", "defertoapp"),
         "Profile": _list_of(_one_of("any", "public", "private", "domain")), "Action": _one_of("allow", "block")},
        (("DisplayName",),),
    ),
    "Remove-NetFirewallRule": Syntax({**_POLICY_STORE, "DisplayName": _some}, (("DisplayName",),)),
    "Set-GPRegistryValue": Syntax(
        {"Name": _some, "Key": lambda text: text.startswith(("HKLM\\", "HKCU\\")), "ValueName": _some,
         "Type": _one_of("string", "dword"), "Value": lambda text: not text or _some(text)},
        (("Name",), ("Key",), ("ValueName",), ("Type",), ("Value",)),
    ),
    "Remove-GPRegistryValue": Syntax({"Name": _some, "Key": _some, "ValueName": _some}, (("Name",), ("Key",))),
    "Set-GPPermission": Syntax(
        {"Name": _some, "TargetName": _some, "TargetType": _one_of("computer", "user", "group"),
         "PermissionLevel": _one_of("gporead", "gpoapply", "gpoedit", "none"), "Replace": _TRUTH},
        (("Name",), ("TargetName",), ("TargetType",), ("PermissionLevel",)), frozenset({"Replace"}),
    ),
}  # fmt: skip

_NAME = r"[A-Za-z][A-Za-z0-9_.-]{0,254}"
_V6 = r"[0-9a-f:]+(?:\d+\.\d+\.\d+\.\d+)?"
_P6 = rf"{_V6}/\d{{1,3}}"
LINES: dict[Tool, tuple[str, ...]] = {
    Tool.TMSH: (
        rf"tmsh create ltm pool {_NAME} members add \{{ (?P<address>{_V6})\.(?:0|any) \}} monitor {_NAME}",
        (
            rf"tmsh create ltm virtual {_NAME} destination (?P<address>{_V6})\.(?:0|any) mask (?P<address2>{_V6}) "
            rf"source ::/0 ip-protocol any pool {_NAME} profiles add \{{ fastL4 \}} translate-address disabled "
            r"translate-port disabled source-address-translation \{ type none \} vlans-enabled vlans add \{ [\w./-]+ \}"
        ),
        rf"tmsh create net route {_NAME} network (?P<prefix>{_P6}) gw (?P<address>{_V6})",
        rf"tmsh delete ltm (?:virtual|pool) {_NAME}",
        r"tmsh save sys config",
    ),
    Tool.NETSCALER: (
        r"enable ns feature IPv6PT",
        r"enable ns mode L3",
        rf"(?:add|rm) route6 (?P<prefix>{_P6}) (?P<address>{_V6})",
        r"save ns config",
    ),
    Tool.LINUX: (
        r"sysctl -w net\.ipv6\.conf\.all\.forwarding=1",
        rf"ip -6 route (?:replace|add|del) (?P<prefix>{_P6}) via (?P<address>{_V6})",
    ),
    Tool.KEMP: (
        (
            r'curl --user bal "https://\$LOADMASTER/access/(?:addroute|delroute)'
            rf'\?dest=(?P<prefix>{_P6})&gateway=(?P<address>{_V6})"'
        ),
    ),
}
FIXED = re.compile(
    r"(?:gpupdate /force|Invoke-GPUpdate(?: -Force)?|Update-DAMgmtServer|Restart-Service RaMgmtSvc|klist purge"
    r"|ipconfig /registerdns|Register-DnsClient)",
    re.IGNORECASE,
)
"""Commands without parameters that a plan runs as they are."""


def parse(line: str, tool: Tool) -> dict[str, str]:
    """The values of one line by parameter; comments and fixed commands have none."""
    if "\n" in line or "\r" in line:
        raise GrammarError(f"two lines: {line!r}")
    if line.startswith(("#", "rem ")) or FIXED.fullmatch(line):
        return {}
    if tool is Tool.NETSH:
        return _parse_cmd(line)
    if tool is Tool.POWERSHELL:
        return _parse_powershell(line)
    return _parse_pattern(line, tool)


def _parse_pattern(line: str, tool: Tool) -> dict[str, str]:
    match = next((match for pattern in LINES[tool] if (match := re.fullmatch(pattern, line))), None)
    if match is None:
        raise GrammarError(f"no syntax of {tool} fits: {line}")
    values = {name: value for name, value in match.groupdict().items() if value is not None}
    for name, value in values.items():
        if not (_prefix6 if name == "prefix" else _address6)(value):
            raise GrammarError(f"{value} is no {name}: {line}")
    return values


_CMD_WORD = re.compile(r'((?:[^\s"&|<>^%]|"[^"%]*")+)(?:\s+|$)')
_DNSCMD = re.compile(r"dnscmd \. /Record(?:Add|Delete)$")


def _parse_cmd(line: str) -> dict[str, str]:
    words, position = [], 0
    while position < len(line):
        match = _CMD_WORD.match(line, position)
        if match is None:
            raise GrammarError(f"cmd.exe would act on {line[position:]!r}: {line}")
        words.append(match[1].replace('"', ""))
        position = match.end()
    if _DNSCMD.match(" ".join(words[:3])):
        return _dns_record(words[3:], line)
    command = " ".join(words[1:5])
    if words[0] != "netsh" or command not in NETSH:
        raise GrammarError(f"no such command: {line}")
    values = dict(word.partition("=")[::2] for word in words[5:])
    _check(NETSH[command], values, line)
    return values


def _dns_record(words: list[str], line: str) -> dict[str, str]:
    fields = [word for word in words if word != "/f"]
    if len(fields) != 4 or not {"A": _address4, "AAAA": _address6}.get(fields[2], _some)(fields[3]):
        raise GrammarError(f"no record: {line}")
    return dict(zip(("zone", "name", "type", "address"), fields, strict=True))


_QUOTE = "'\u2018\u2019\u201a\u201b"
_ARGUMENT = re.compile(
    rf"(?P<string>[{_QUOTE}](?:[^{_QUOTE}]|[{_QUOTE}]{{2}})*[{_QUOTE}])(?=\s|$)"
    r"|(?P<parameter>-[A-Za-z][A-Za-z0-9]*)(?::(?P<attached>\$true|\$false))?(?=\s|$)"
    r"|(?P<asked>\(Read-Host -Prompt '(?:[^']|'')*'\))"
    rf"|(?P<computed>\(\$env:USERDNSDOMAIN \+ [{_QUOTE}](?:[^{_QUOTE}]|[{_QUOTE}]{{2}})*[{_QUOTE}]\))"
    r"|(?P<bare>[A-Za-z0-9_:.,/\\-]+)(?=\s|$)"
)


def _parse_powershell(line: str) -> dict[str, str]:
    if line.startswith("if (-not (Get-GPO"):
        return _new_policy(line)
    cmdlet, _, rest = line.partition(" ")
    if cmdlet not in POWERSHELL:
        raise GrammarError(f"no such cmdlet: {line}")
    syntax = POWERSHELL[cmdlet]
    values: dict[str, str] = {}
    name, position = "", 0
    while position < len(rest):
        match = _ARGUMENT.match(rest, position)
        if match is None:
            raise GrammarError(f"PowerShell would act on {rest[position:]!r}: {line}")
        if match["parameter"]:
            if name:
                raise GrammarError(f"{name} has no value: {line}")
            name = match["parameter"][1:]
            if match["attached"] or name in syntax.switches:
                values[name], name = match["attached"] or "$true", ""
        elif not name:
            raise GrammarError(f"{match[0]} belongs to no parameter: {line}")
        else:
            values[name], name = _value(match), ""
        position = match.end() + len(rest[match.end() :]) - len(rest[match.end() :].lstrip(" "))
    if name:
        raise GrammarError(f"{name} has no value: {line}")
    _check(syntax, values, line)
    return values


def _value(match: re.Match[str]) -> str:
    if match["asked"]:
        return "1"
    if match["computed"]:
        return "<computed>"
    if match["string"]:
        return re.sub(f"([{_QUOTE}])[{_QUOTE}]", r"\1", match["string"][1:-1])
    return match["bare"]


def _new_policy(line: str) -> dict[str, str]:
    string = rf"[{_QUOTE}](?:[^{_QUOTE}]|[{_QUOTE}]{{2}})*[{_QUOTE}]"
    pattern = (
        rf"if \(-not \(Get-GPO -Name (?P<name>{string}) -ErrorAction SilentlyContinue\)\) "
        r"\{ New-GPO -Name (?P=name) \}"
    )
    match = re.fullmatch(pattern, line)
    if match is None:
        raise GrammarError(f"no making of a policy: {line}")
    return {"Name": match["name"]}
