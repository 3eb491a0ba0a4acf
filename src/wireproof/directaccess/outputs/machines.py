"""Which file belongs to which machine, and what each machine is.

Takes texts by file name; gives `MachineFacts`. A machine is named by `Host Name` of its `ipconfig /all`, else by its file's
name without the words of commands: `da1-ipconfig.txt` and `da1-routes.txt` are both of da1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wireproof.logs.ip_state_facts import AdapterFacts, MachineFacts
from wireproof.logs.ip_state_lines import LineReader

MOST_FILES = 2_000
LONGEST_FILE = 2_000_000
"""Characters of a file that are read: `ipconfig /all` of a machine with hundreds of adapters is far below."""

_COMMAND_WORDS = re.compile(
    r"(?:^|[-_. ]+)(?:ipconfig|all|get|da-?server|remote-?access|route|routes|print|netsh|int|interface|interfaces|ipv6|6"
    r"|isatap|address|addresses|show|httpstunnel|output|txt|log|out)(?=$|[-_. ])",
    re.IGNORECASE,
)

_HOST_NAME = re.compile(
    r"^ +(?:Host Name|Hostname|Nom de l'h[oô]te|Nombre de host|Nome host)(?: ?\.)+ ?: (\S{1,64})\s*$",
    re.MULTILINE | re.IGNORECASE,
)


def read_machines(outputs: Mapping[str, str]) -> list[MachineFacts]:
    """The machines in the order of their files. A file that nothing was understood in leaves a note."""
    files = list(outputs.items())[:MOST_FILES]
    hosts = {_stem_name(file): host for file, text in files if (host := _host_name(text))}
    machines: dict[str, MachineFacts] = {}
    for file, text in files:
        stem = _stem_name(file)
        name = _host_name(text) or hosts.get(stem, stem)
        machine = machines.setdefault(name.casefold(), MachineFacts(name))
        reader = LineReader(machine, file)
        reader.read(text[:LONGEST_FILE])
        if len(text) > LONGEST_FILE:
            machine.note(f"{file}: only the first {LONGEST_FILE} characters are read")
        if not reader.understood:
            machine.note(f"{file}: nothing in it looks like an output of the commands that are known")
        machine.name = machine.value("host name") or machine.name
    if len(outputs) > MOST_FILES:
        next(iter(machines.values())).note(f"only the first {MOST_FILES} files are read")
    return list(machines.values())


def _host_name(text: str) -> str:
    match = _HOST_NAME.search(text[:LONGEST_FILE])
    return match[1] if match else ""


def _stem_name(file: str) -> str:
    stem = re.split(r"[\\/]", file)[-1]
    stem = stem.rpartition(".")[0] or stem
    return _COMMAND_WORDS.sub("", stem).strip("-_. ") or "machine"


def is_server(machine: MachineFacts) -> bool:
    """Whether it is a DirectAccess server: it has server settings, or the server's end of IP-HTTPS."""
    if machine.value("clientipv6prefix", "internalipv6prefix", "connecttoaddress"):
        return True
    return machine.value("role").lower() == "server"


def find_adapters(machine: MachineFacts) -> tuple[AdapterFacts | None, AdapterFacts | None]:
    """The adapter to the corporate network and that to the internet; None where the outputs do not tell.

    The server's settings name them. Without settings the one with a public IPv4 address, or else with the IPv4 default
    gateway, faces the internet, provided that there are two.
    """
    real = [adapter for adapter in machine.adapters.values() if not adapter.tunnel and (adapter.ipv4 or adapter.ipv6)]
    by_name = {adapter.name.casefold(): adapter for adapter in real}
    internal = by_name.get(machine.value("internalinterface").casefold())
    external = by_name.get(machine.value("internetinterface").casefold())
    if internal is not None:
        return internal, None if external is internal else external
    if len(real) < 2:
        return (real[0] if real else None), None
    external = external or next((it for it in real if any(address.is_global for address in it.ipv4)), None)
    external = external or next((it for it in real if it.has_ipv4_gateway), None)
    internal = next((it for it in real if it is not external), None)
    return internal, external
