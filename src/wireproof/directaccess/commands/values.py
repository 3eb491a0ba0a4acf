"""Values inside command lines: prefixes, addresses, switches and adapters. Bad ones raise `BadValue` with the reason."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess import stated
from wireproof.directaccess.plan.model import AdapterName

_PLACEHOLDER = re.compile(r"^<(?P<what>.*)>$", re.DOTALL)


class BadValue(ValueError):
    """A value that a command line gives means nothing, or only the machine can tell what it means."""


def prefix_value(text: str) -> tuple[IPv6Network, str]:
    """The prefix, and what is wrong with it (host bits) or nothing."""
    said = stated.read_ipv6_prefix(text)
    if said.value is None:
        raise BadValue(f"the prefix {text} means nothing: {said.problem}")
    return said.value, f"the prefix {text} {said.problem}" if said.problem else ""


def address_value(text: str) -> IPv6Address:
    """One IPv6 address."""
    said = stated.read_ipv6(text)
    if said.value is None:
        raise BadValue(f"the address {text} means nothing: {said.problem}")
    return said.value


def ipv4_value(text: str) -> IPv4Address:
    """One IPv4 address."""
    said = stated.read_ipv4(text)
    if said.value is None:
        raise BadValue(f"the address {text} means nothing: {said.problem}")
    return said.value


def interface_value(text: str) -> IPv6Interface:
    """An address with its prefix length, /64 where none is given."""
    said = stated.read_ipv6_interface(text)
    if said.value is None:
        raise BadValue(f"the address {text} means nothing: {said.problem}")
    return said.value


def number_value(text: str, what: str) -> int:
    """A number from 0 to 65535, decimal or hexadecimal with 0x."""
    try:
        number = int(text, 16) if text.lower().startswith("0x") else int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise BadValue(f"{what} is {text}, expected a number from 0 to 65535")
    return number


def switch_value(text: str, what: str) -> bool:
    """`enabled` or `disabled`, or a beginning of one of them, as netsh takes them."""
    lower = text.lower()
    for word, value in (("enabled", True), ("disabled", False)):
        if lower and word.startswith(lower):
            return value
    raise BadValue(f"{what} is {text}, expected enabled or disabled")


def adapter_value(text: str) -> AdapterName:
    """An adapter by index (digits), by placeholder (<…>, to be asked for), or else by alias."""
    placeholder = _PLACEHOLDER.match(text)
    if placeholder:
        return AdapterName(ask=placeholder["what"].strip() or "adapter")
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return AdapterName(index=int(text))
    return AdapterName(alias=text)
