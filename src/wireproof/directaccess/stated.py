"""Addresses and prefixes as somebody wrote them: what stands there, what it means, and what is wrong with it.

A slip in an address is a finding with its line, so reading never stops at one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Place = tuple[str | int, ...]
"""Where something stands in a site file: keys and positions from the top, such as ("stations", 0, "ipv6", 1)."""

T = TypeVar("T")
_LONGEST = 160


@dataclass(slots=True)
class Stated(Generic[T]):
    """`text` as written at `place`; `value` is None when it means nothing, and `problem` says why in a few words.

    A prefix with host bits set has both: the network that it lies in, and the problem.
    """

    text: str
    value: T | None = None
    problem: str = ""
    place: Place = ()

    def __str__(self) -> str:
        return self.text


def read_ipv4(text: str) -> Stated[ipaddress.IPv4Address]:
    """An IPv4 address."""
    return _read(text, ipaddress.IPv4Address)


def read_ipv6(text: str) -> Stated[ipaddress.IPv6Address]:
    """An IPv6 address without prefix length; a zone (`%12`) is dropped."""
    return _read(text, lambda words: ipaddress.IPv6Address(words.partition("%")[0]))


def read_ipv4_prefix(text: str) -> Stated[ipaddress.IPv4Network]:
    """An IPv4 network such as 10.0.0.0/24."""
    return _read_prefix(text, ipaddress.IPv4Network)


def read_ipv6_prefix(text: str) -> Stated[ipaddress.IPv6Network]:
    """An IPv6 prefix such as 2001:db8::/64."""
    return _read_prefix(text, ipaddress.IPv6Network)


def read_ipv6_interface(text: str) -> Stated[ipaddress.IPv6Interface]:
    """An address with its prefix length; without one it is /64, as `netsh` takes it."""
    return _read(text, lambda words: ipaddress.IPv6Interface(words if "/" in words else f"{words}/64"))


def _read(text: str, parse: Callable[[str], T]) -> Stated[T]:
    try:
        return Stated(text, parse(text.strip()))
    except ValueError as error:
        return Stated(text, None, _reason(text, error))


def _read_prefix(text: str, kind: Callable[..., Any]) -> Stated[Any]:
    try:
        return Stated(text, kind(text.strip()))
    except ValueError as error:
        try:
            network = kind(text.strip(), strict=False)
        except ValueError:
            return Stated(text, None, _reason(text, error))
        return Stated(text, network, f"has host bits set; the prefix of that length is {network}")


def _reason(text: str, error: ValueError) -> str:
    """What is wrong, in the words of a network engineer where the cause is a common slip."""
    tail = text.strip().rpartition(":")[2].partition("/")[0]
    dotted = tail.split(".")
    if len(dotted) > 1 and len(dotted) != 4:
        return f"its dotted part {tail[:_LONGEST]} has {len(dotted)} numbers, an IPv4 address has 4"
    if len(dotted) == 4 and not all(part.isdecimal() and len(part) <= 3 and int(part) < 256 for part in dotted):
        return f"its dotted part {tail[:_LONGEST]} is no IPv4 address"
    return str(error)[:_LONGEST]
