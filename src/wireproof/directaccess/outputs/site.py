"""A site file filled from command outputs: `site_from_outputs`.

Takes texts by file name; gives the text of a site file. Each value says in a comment which file told it, and TODO stands
where no output can tell. Never fails: what is not understood becomes a comment.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Mapping

from wireproof.directaccess.outputs.machines import find_adapters, is_server, read_machines
from wireproof.directaccess.outputs.yaml_text import Said, render_comment, render_yaml
from wireproof.logs.ip_state_facts import AdapterFacts, MachineFacts
from wireproof.logs.ip_state_lines import read_prefix

Fields = dict[str, object]

_URL_HOST = re.compile(r"^https?://([A-Za-z0-9_.-]+)")


def site_from_outputs(outputs: Mapping[str, str]) -> str:
    """The text of a site file. Server or station: servers are those whose outputs show DirectAccess' own settings."""
    machines = read_machines(outputs)
    servers = [machine for machine in machines if is_server(machine)]
    stations = [machine for machine in machines if not is_server(machine) and machine.adapters]
    head = [
        render_comment("Filled from command outputs. TODO marks what they do not tell; then run the plan on this file.")
    ]
    head += [
        render_comment(f"Note: {note}") for machine in machines for note in (*machine.notes, *_isatap_notes(machine))
    ]
    site: Fields = {"site": Said("", "TODO: a title")}
    domain = next((value for machine in machines if (value := machine.value("primary dns suffix"))), "")
    if domain:
        site["domain"] = domain
    site["intranet"] = _intranet(servers)
    site["clients"] = Said(["windows-10"], "TODO: windows-7, windows-8, windows-10, windows-11")
    site["teredo"] = _teredo(servers)
    site["entry-points"] = _entry_points(servers, {machine.name.casefold() for machine in machines})
    if stations:
        site["stations"] = [_station(machine) for machine in stations]
    return "\n".join(head) + "\n" + render_yaml(site)


def _isatap_notes(machine: MachineFacts) -> list[str]:
    """The name that a machine asks for its ISATAP router, which the site file has no key for on hosts."""
    name, source = machine.values.get("router name", ("", ""))
    return [f"{source}: {machine.name} asks for the ISATAP router {name}"] if name else []


def _intranet(servers: list[MachineFacts]) -> Said:
    """What the intranet speaks shows in the server's internal address: 6to4 or ULA :3333: ones are DirectAccess' own."""
    for machine in servers:
        internal, _ = find_adapters(machine)
        for interface in internal.ipv6 if internal else []:
            own = int(interface.ip) >> 64 & 0xFFFF == 0x3333
            if not own:
                return Said(
                    "native-ipv6", f"{internal.source if internal else ''} shows {interface.ip}; TODO: is it so?"
                )
    return Said("ipv4-only", "TODO: ipv4-only, isatap or native-ipv6")


def _teredo(servers: list[MachineFacts]) -> Said:
    for machine in servers:
        state, source = machine.values.get("teredostate", ("", ""))
        if state:
            return Said(state.lower() == "enabled", source)
    return Said(False, "TODO: true where the servers offer Teredo")


def _entry_points(servers: list[MachineFacts], taken: set[str]) -> list[Fields]:
    """Servers of one public name are one entry point, named apart from `taken`. Without a server there is one to fill in."""
    free = (name for number in itertools.count(1) if (name := f"entry{number}") not in taken)
    groups: dict[str, list[MachineFacts]] = {}
    for machine in servers:
        groups.setdefault(_public_name(machine).casefold(), []).append(machine)
    if "" in groups and len(groups) > 1:
        nameless = groups.pop("")
        next(iter(groups.values())).extend(nameless)
    if not groups:
        name = next(name for number in itertools.count(1) if (name := f"da{number}") not in taken)
        server: Fields = {"name": Said(name, "TODO: no output is of a DirectAccess server"), "internal": {}}
        return [{"name": next(free), "servers": [server]}]
    return [_entry_point(next(free), group) for group in groups.values()]


def _entry_point(name: str, servers: list[MachineFacts]) -> Fields:
    public = next((found for machine in servers if (found := _public_name(machine))), "")
    entry: Fields = {"name": Said(name, "TODO: its own name"), "public-name": public}
    if not public:
        entry["public-name"] = Said("", "TODO: the name that clients connect to")
    if len(servers) > 1:
        entry["balancing"] = Said("external", "TODO: nlb or external, and the balancer")
    entry["servers"] = [_server(machine) for machine in servers]
    return entry


def _public_name(machine: MachineFacts) -> str:
    name = machine.value("connecttoaddress")
    if name:
        return name
    match = _URL_HOST.match(machine.value("url"))
    return match[1] if match else ""


def _server(machine: MachineFacts) -> Fields:
    internal, external = find_adapters(machine)
    fields: Fields = {"name": machine.name, "internal": _adapter(internal)}
    if internal is None:
        fields["internal"] = Said({}, "TODO: ipconfig of this server")
    if external is not None:
        fields["external"] = _adapter(external)
    for key, listed in (("ip-https-prefix", "clientipv6prefix"), ("internal-prefix", "internalipv6prefix")):
        text, source = machine.values.get(listed, ("", ""))
        prefix = read_prefix(text)
        if prefix is not None:
            fields[key] = Said(str(prefix), source)
    if "ip-https-prefix" not in fields:
        fields.update(_prefix_by_adapter(machine))
    return fields | _rest(machine)


def _prefix_by_adapter(machine: MachineFacts) -> Fields:
    for adapter in machine.adapters.values():
        if adapter.tunnel == "ip-https" and adapter.ipv6:
            network = adapter.ipv6[0].network
            return {
                "ip-https-prefix": Said(str(network), f"{adapter.source}, the /64 of the IP-HTTPS adapter's address")
            }
    return {}


def _station(machine: MachineFacts) -> Fields:
    internal, _ = find_adapters(machine)
    return {"name": Said(machine.name, "TODO: a management station?"), "adapter": _adapter(internal)} | _rest(machine)


def _rest(machine: MachineFacts) -> Fields:
    """ISATAP interface and routes, which servers and stations have alike."""
    fields: Fields = {}
    for adapter in machine.adapters.values():
        addresses = [it for it in adapter.ipv6 if int(it.ip) >> 32 & 0xFDFFFFFF == 0x5EFE]
        if adapter.tunnel == "isatap" and addresses:
            isatap: Fields = {"name": Said(adapter.name, adapter.source)}
            if adapter.index is not None:
                isatap["index"] = adapter.index
            fields["isatap"] = isatap | {"prefix": str(addresses[0].network), "address": str(addresses[0].ip)}
            break
    routes = [_route(machine, position) for position in range(len(machine.routes))]
    return fields | ({"routes": routes} if routes else {})


def _route(machine: MachineFacts, position: int) -> Fields:
    route = machine.routes[position]
    fields: Fields = {"prefix": Said(str(route.prefix), route.source)}
    if route.next_hop is not None:
        fields["next-hop"] = str(route.next_hop)
    if route.index is not None:
        fields["interface"] = route.index
    if route.metric is not None:
        fields["metric"] = route.metric
    if route.publish:
        fields["publish"] = True
    return fields


def _adapter(adapter: AdapterFacts | None) -> Fields:
    if adapter is None:
        return {}
    fields: Fields = {"name": Said(adapter.name, adapter.source)}
    if adapter.index is not None and adapter.index >= 1:
        fields["index"] = adapter.index
    if adapter.ipv4:
        fields["ipv4"] = [str(address) for address in adapter.ipv4]
    if adapter.ipv6:
        fields["ipv6"] = [str(ipaddress.IPv6Interface(address)) for address in adapter.ipv6]
    if adapter.gateway is not None:
        fields["gateway"] = str(adapter.gateway)
    for key, value in (("forwarding", adapter.forwarding), ("advertising", adapter.advertising)):
        if value is not None:
            fields[key] = value
    return fields
