"""Lines of command outputs, recognised one by one, so that any mixture in one file is read.

Takes the text of a file; fills `MachineFacts`. Tables are told by the shape of their rows and not by their headings, which
Windows translates; the keys of `ipconfig` are told by `IPv4` and `IPv6`, which it does not translate.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network, ip_address

from wireproof.logs.ip_state_facts import AdapterFacts, MachineFacts, RouteFacts

LONGEST_LINE = 1_000
"""Characters of a line that are looked at; no command here prints longer ones that matter."""

_HEADER = re.compile(
    r"^(?:(?:Ethernet|Tunnel|Wireless LAN|PPP|Unknown|Drahtlos-LAN|Unbekannter)[ -]?(?:adapter)? "
    r"|(?:Carte|Adaptador de|Adaptador|Scheda|Adapter|Adaptér sítě|Karta)(?: (?:Ethernet|Tunnel|túnel|tunnel|réseau sans fil))? "
    r"|(?:イーサネット|トンネル|Tunnel|Wireless LAN) アダプター )(?P<name>.+?) ?:$",
    re.IGNORECASE,
)
_OTHER_HEADER = re.compile(r"^(?P<name>[^\s:#][^:]{0,200}?) ?:$")
_DOTTED = re.compile(r"^\s+(?P<key>\S[^:]*)\. ?: ?(?P<value>.*)$")
_LISTED = re.compile(r"^\s{0,8}(?P<key>[A-Za-z][\w .()/-]{0,60}?) {0,60}: +(?P<value>\S.*)$")
_ROUTE_PRINT = re.compile(
    r"^\s*(?P<index>\d{1,9}) +(?P<metric>\d{1,9}) +(?P<prefix>[0-9A-Fa-f:.]+/\d{1,3})(?: +(?P<hop>\S.*))?$"
)
_SHOW_ROUTE = re.compile(
    r"^\s*(?P<publish>\S+) +(?P<type>\S+) +(?P<metric>\d{1,9}) +(?P<prefix>[0-9A-Fa-f:.]+/\d{1,3}) +(?P<index>\d{1,9}) +(?P<hop>\S.*)$"
)
_SHOW_INTERFACE = re.compile(r"^\s*(?P<index>\d{1,9}) +(?P<metric>\d{1,9}) +(?P<mtu>\d{2,10}) +\S+ +(?P<name>\S.*)$")
_INTERFACE_LIST = re.compile(r"^\s*(?P<index>\d{1,9})\.{3}(?:[0-9a-fA-F]{2} )*\.*(?P<name>[^.].*)$")
_SHOW_ADDRESS = re.compile(r"^(?P<word>\S+) +(?P<index>\d{1,9}): +(?P<name>\S.*)$")
_ADDRESS_ROW = re.compile(r"^\S+ +\S+ +\S+ +\S+ +(?P<address>[0-9A-Fa-f:.]+(?:%\d+)?)$")
_INTERFACE_DETAIL = re.compile(r"^\S+ (?P<name>.+?) Parameters$")
_GATEWAY = ("gateway", "passerelle", "puerta de enlace", "шлюз", "brána", "brama", "ゲートウェイ", "网关")
_HOST_NAME = frozenset(
    (
        "host name", "hostname", "hostnaam", "nom de l'hôte", "nombre de host", "nome host", "nome do host", "nazwa hosta", "název hostitele",
        "имя компьютера", "ホスト名", "主机名",
    )
)  # fmt: skip
_PRIMARY_SUFFIX = frozenset(("primary dns suffix", "primäres dns-suffix", "suffixe dns principal"))
_YES = frozenset({"yes", "ja", "oui", "sí", "si", "да", "はい", "是"})
_SWITCHES = {"enabled": True, "disabled": False}


class LineReader:
    """Reads the lines of one file into the facts of one machine."""

    def __init__(self, machine: MachineFacts, source: str) -> None:
        self.machine = machine
        self.source = source
        self.understood = 0
        self._adapter: AdapterFacts | None = None
        self._unsure = False
        self._gateway_follows = False
        self._wrapped: re.Match[str] | None = None
        self._readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
            (_HEADER, self._header),
            (_DOTTED, self._dotted),
            (_ROUTE_PRINT, self._route_print),
            (_SHOW_ROUTE, self._show_route),
            (_SHOW_INTERFACE, self._show_interface),
            (_INTERFACE_LIST, self._interface_list),
            (_ADDRESS_ROW, self._address_row),
            (_INTERFACE_DETAIL, self._interface_detail),
            (_SHOW_ADDRESS, self._show_address),
            (_LISTED, self._listed),
            (_OTHER_HEADER, self._other_header),
        )

    def read(self, text: str) -> None:
        """Every line of the file; what no reader knows is passed over."""
        for line in text.splitlines():
            self._line(line[:LONGEST_LINE].rstrip())

    def _line(self, line: str) -> None:
        if self._continued(line):
            return
        self._gateway_follows = False
        for pattern, read in self._readers:
            match = pattern.match(line)
            if match and read(match):
                self.understood += 1
                return

    def _continued(self, line: str) -> bool:
        """The second line of a gateway list, or of a route whose prefix filled the first one."""
        text = line.strip()
        if self._wrapped is not None:
            wrapped, self._wrapped = self._wrapped, None
            if text and line[:1].isspace() and not _ROUTE_PRINT.match(line):
                self._keep_printed(wrapped, text)
                return True
            self._keep_printed(wrapped, "")
        if self._gateway_follows and self._adapter is not None and line[:1].isspace() and _address(text) is not None:
            self._take_gateway(self._adapter, text)
            return True
        return False

    def _header(self, match: re.Match[str]) -> bool:
        self._adapter, self._unsure = self.machine.adapter(match["name"].strip(), self.source), False
        return True

    def _other_header(self, match: re.Match[str]) -> bool:
        """A heading in a language that is not known: the whole of it serves as the adapter's name."""
        self._adapter, self._unsure = AdapterFacts(match["name"].strip(), self.source), True
        return False

    def _dotted(self, match: re.Match[str]) -> bool:
        key, value = match["key"].strip(" ."), match["value"].strip()
        lower = key.lower()
        if self._adapter is None:
            if lower.replace("\u2019", "'") in _HOST_NAME:
                self._keep("host name", value)
            elif lower in _PRIMARY_SUFFIX:
                self._keep("primary dns suffix", value)
            return True
        text = value.partition("(")[0].strip()
        if any(word in lower for word in _GATEWAY):
            self._gateway_follows = True
            self._take_gateway(self._adapter, text)
        elif (
            "dhcp" not in lower and "dns" not in lower and ("ipv4" in lower or "ipv6" in lower or lower == "ip address")
        ):
            _take_address(self._make_sure(self._adapter), text)
        return True

    def _make_sure(self, adapter: AdapterFacts) -> AdapterFacts:
        """The adapter to fill: one under an unknown heading becomes one of the machine's once it has an address."""
        if self._unsure:
            self._unsure = False
            self._adapter = adapter = self.machine.adapter(adapter.name, self.source)
            self.machine.note(
                f"{self.source}: {adapter.name!r} is taken for an adapter's name; only its last words may be"
            )
        return adapter

    def _take_gateway(self, adapter: AdapterFacts, text: str) -> None:
        address = _address(text)
        if isinstance(address, IPv6Address) and adapter.gateway is None:
            adapter.gateway = address
        elif isinstance(address, IPv4Address):
            adapter.has_ipv4_gateway = True

    def _route_print(self, match: re.Match[str]) -> bool:
        if match["hop"] is None:
            self._wrapped = match
        else:
            self._keep_printed(match, match["hop"].strip())
        return True

    def _keep_printed(self, match: re.Match[str], hop: str) -> None:
        """The active list adds the interface's metric to the route's; the persistent one (interface 0) does not."""
        index = int(match["index"])
        self._keep_route(match, hop, index or None, None if index else int(match["metric"]))

    def _show_route(self, match: re.Match[str]) -> bool:
        self._keep_route(
            match, match["hop"].strip(), int(match["index"]), int(match["metric"]), match["publish"].lower() in _YES
        )
        return True

    def _keep_route(
        self, match: re.Match[str], hop: str, index: int | None, metric: int | None, publish: bool = False
    ) -> None:
        prefix = _prefix(match["prefix"])
        address = _address(hop)
        if prefix is None:
            return
        if not isinstance(address, IPv6Address):
            address = None
        if address is None and not publish:
            return
        if metric is not None and metric > 65535:
            metric = None
        if not (prefix.is_link_local or prefix.is_multicast or prefix.is_loopback):
            self.machine.add_route(RouteFacts(prefix, address, index, metric, publish, self.source))

    def _show_interface(self, match: re.Match[str]) -> bool:
        adapter = self.machine.adapter(match["name"].strip(), self.source)
        adapter.index = int(match["index"])
        self.machine.indexes[adapter.index] = adapter.name
        return True

    def _interface_list(self, match: re.Match[str]) -> bool:
        """The head of `route print` names drivers and not adapters: good enough only where nothing better is known."""
        self.machine.indexes.setdefault(int(match["index"]), match["name"].strip())
        return True

    def _show_address(self, match: re.Match[str]) -> bool:
        self._adapter, self._unsure = self.machine.adapter(match["name"].strip(), self.source), False
        self._adapter.index = int(match["index"])
        return True

    def _address_row(self, match: re.Match[str]) -> bool:
        if self._adapter is None:
            return False
        return _take_address(self._adapter, match["address"])

    def _interface_detail(self, match: re.Match[str]) -> bool:
        self._adapter, self._unsure = self.machine.adapter(match["name"].strip(), self.source), False
        return True

    def _listed(self, match: re.Match[str]) -> bool:
        key, value = match["key"].strip().lower(), match["value"].strip()
        switch = _SWITCHES.get(value.lower())
        if key == "forwarding" and self._adapter is not None:
            self._adapter.forwarding = switch
        elif key == "advertising" and self._adapter is not None:
            self._adapter.advertising = switch
        else:
            self._keep(key, value)
        return True

    def _keep(self, key: str, value: str) -> None:
        if len(self.machine.values) < 1_000:
            self.machine.values.setdefault(key, (value, self.source))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if not text or len(text) > 60:
        return None
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _prefix(text: str) -> IPv6Network | None:
    """The network of a prefix, bits of a host in it left out."""
    try:
        return IPv6Network(text, strict=False)
    except ValueError:
        return None


def _take_address(adapter: AdapterFacts, text: str) -> bool:
    """Keep an address that others can reach; link-local ones say nothing to a plan."""
    address = _address(text)
    if isinstance(address, IPv4Address):
        if address not in adapter.ipv4 and len(adapter.ipv4) < 64:
            adapter.ipv4.append(address)
        return True
    if not isinstance(address, IPv6Address):
        return False
    interface = IPv6Interface((int(address), 64))
    if not (address.is_link_local or address.is_loopback) and interface not in adapter.ipv6 and len(adapter.ipv6) < 64:
        adapter.ipv6.append(interface)
    return True


def read_prefix(text: str) -> IPv6Network | None:
    """The first prefix of a value such as `{fd9c::/48, fd9d::/64}`."""
    for word in re.split(r"[\s{},;]+", text):
        prefix = _prefix(word) if "/" in word else None
        if prefix is not None:
            return prefix
    return None
