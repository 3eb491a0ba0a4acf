"""netsh lines read as operations: `interface ipv6 add|set route`, `add address`, `set interface`, `isatap set router`; dnscmd.

Takes words; gives an operation or the reason why there is none. netsh takes the beginning of any keyword, values by tag
(`metric=5`) or by position, in the order of its help texts; both are read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

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
from wireproof.directaccess.commands.words import Word
from wireproof.directaccess.plan.model import (
    AddAddress,
    AddDnsRecord,
    AddRoute,
    Operation,
    SetForwarding,
    SetIsatapRouter,
)

Read = tuple[Operation | None, str]
"""An operation, and what is wrong with the line or nothing."""

ROUTE = (
    "prefix", "interface", "nexthop", "siteprefixlength", "metric", "publish", "validlifetime", "preferredlifetime", "store",
)  # fmt: skip
ADDRESS = ("interface", "address", "type", "validlifetime", "preferredlifetime", "store", "skipassource")
INTERFACE = (
    "interface", "forwarding", "advertise", "mtu", "siteid", "metric", "siteprefixlength", "nud", "basereachabletime",
    "retransmittime", "dadtransmits", "routerdiscovery", "managedaddress", "otherstateful", "weakhostsend",
    "weakhostreceive", "ignoredefaultroutes", "advertisedrouterlifetime", "advertisedefaultroute", "currenthoplimit",
    "forcearpndwolpattern", "enabledirectedmacwolpattern", "store",
)  # fmt: skip
ROUTER = ("name", "state", "interval")
STATE = ("state",)

_TAG = re.compile(r"^([A-Za-z]+)=(.*)$", re.DOTALL)


def read_netsh(words: Sequence[Word]) -> Read:
    """One statement without the word `netsh` itself. Commands that set nothing a plan knows give no operation."""
    for path, tags, read in _COMMANDS:
        if len(words) >= len(path) and all(
            _begins(word.text, keyword) for word, keyword in zip(words, path, strict=False)
        ):
            try:
                return read(_values(words[len(path) :], tags))
            except BadValue as problem:
                return None, str(problem)
    return None, ""


def read_dnscmd(words: Sequence[Word]) -> Read:
    """A `dnscmd [server] /RecordAdd zone name [ttl] A|AAAA address` without its first word."""
    texts = [word.text for word in words]
    keywords = [text.lower() for text in texts[:2]]
    if "/recordadd" not in keywords:
        return None, ""
    zone, name, *rest = texts[keywords.index("/recordadd") + 1 :] + [""] * 2
    options = [text for text in rest if text]
    if len(options) < 2 or options[-2].upper() not in {"A", "AAAA"}:
        return None, ""
    kind, address = options[-2:]
    try:
        value = ipv4_value(address) if kind.upper() == "A" else address_value(address)
    except BadValue as problem:
        return None, str(problem)
    return AddDnsRecord(zone, name, value), ""


def _begins(text: str, keyword: str) -> bool:
    """Whether `text` is the keyword or a beginning of it; one letter is not enough for what netsh would tell apart."""
    lower = text.lower()
    return keyword == lower or (len(lower) >= 2 and keyword not in {"ipv6", "add", "set"} and keyword.startswith(lower))


def _values(words: Sequence[Word], tags: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    untagged: list[str] = []
    for text in _joined(words):
        match = _TAG.match(text)
        tag = _full(match[1], tags) if match else None
        if match and tag:
            values[tag] = match[2]
        else:
            untagged.append(text)
    free = [tag for tag in tags if tag not in values]
    if len(untagged) > len(free):
        raise BadValue(f"{untagged[len(free)]!r} is one value too many; is a name with spaces not in quotes?")
    values.update(zip(free, untagged, strict=False))
    return values


def _joined(words: Sequence[Word]) -> list[str]:
    """Words as texts. A bare placeholder in brackets is one text, spaces and all, and written as <…>."""
    texts: list[str] = []
    open_bracket = False
    for word in words:
        if open_bracket:
            texts[-1] += f" {word.text}"
        else:
            texts.append(word.text)
            open_bracket = word.bare and word.text.startswith("[")
        if open_bracket and word.text.endswith("]"):
            texts[-1] = f"<{texts[-1][1:-1]}>"
            open_bracket = False
    return texts


def _full(beginning: str, tags: Sequence[str]) -> str | None:
    lower = beginning.lower()
    if lower in tags:
        return lower
    fitting = [tag for tag in tags if tag.startswith(lower)]
    return fitting[0] if fitting else None


def _needed(values: dict[str, str], *tags: str) -> list[str]:
    missing = [tag for tag in tags if not values.get(tag)]
    if missing:
        raise BadValue(f"{' and '.join(missing)} missing")
    return [values[tag] for tag in tags]


def _route(values: dict[str, str]) -> Read:
    prefix, interface = _needed(values, "prefix", "interface")
    network, problem = prefix_value(prefix)
    hop = address_value(values["nexthop"]) if values.get("nexthop") else None
    metric = number_value(values["metric"], "metric") if "metric" in values else None
    publish = values.get("publish", "no").lower()
    if publish not in {"no", "age", "yes"}:
        raise BadValue(f"publish is {publish}, expected no, age or yes")
    on_link = hop is None or hop.is_unspecified
    route = AddRoute(adapter_value(interface), network, None if on_link else hop, metric, publish != "no")
    return route, problem


def _address(values: dict[str, str]) -> Read:
    interface, address = _needed(values, "interface", "address")
    return AddAddress(adapter_value(interface), interface_value(address)), ""


def _interface(values: dict[str, str]) -> Read:
    (interface,) = _needed(values, "interface")
    forwarding, advertise = (
        switch_value(values[tag], tag) if tag in values else None for tag in ("forwarding", "advertise")
    )
    if forwarding is None and advertise is None:
        return None, ""
    return SetForwarding(adapter_value(interface), forwarding, advertise), ""


def _router(values: dict[str, str]) -> Read:
    name = values.get("name", "")
    state = values.get("state", "").lower()
    full = next((word for word in ("enabled", "disabled", "default") if state and word.startswith(state)), None)
    if state and full is None:
        raise BadValue(f"state is {state}, expected enabled, disabled or default")
    if not name and not state:
        return None, ""
    return SetIsatapRouter("" if name.lower() == "default" else name, full or "enabled"), ""


_Reader = Callable[[dict[str, str]], Read]
_COMMANDS: tuple[tuple[tuple[str, ...], tuple[str, ...], _Reader], ...] = (
    (("interface", "ipv6", "add", "route"), ROUTE, _route),
    (("interface", "ipv6", "set", "route"), ROUTE, _route),
    (("interface", "ipv6", "add", "address"), ADDRESS, _address),
    (("interface", "ipv6", "set", "interface"), INTERFACE, _interface),
    (("interface", "ipv6", "isatap", "set", "router"), ROUTER, _router),
    (("interface", "isatap", "set", "router"), ROUTER, _router),
    (("interface", "ipv6", "isatap", "set", "state"), STATE, _router),
    (("interface", "isatap", "set", "state"), STATE, _router),
)
