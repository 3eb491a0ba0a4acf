"""Addresses and ends of connections as Windows' tools write them: padded with zeros, with zones, in brackets or run into the port.

Takes text; gives addresses in their usual form. Knows no log.
"""

from __future__ import annotations

import ipaddress
import re

Endpoint = tuple[str, int]
"""Address and port."""

_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
USUAL = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
"""An IPv4 address that is in its usual form already, as almost all in logs are."""
PADDED = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
PORT_ENDS = re.compile(r"(.{1,80}):(\d{1,5})")
ANY = frozenset(("0.0.0.0", "::"))  # noqa: S104 - compared with, not bound to
"""Addresses that stand for all addresses of a host."""


def read_address(text: str) -> str:
    """An address in its usual form: without brackets, zone and padding, an IPv4 address in IPv6 as IPv4; "" for none."""
    if USUAL.fullmatch(text):
        return text
    bare = text.strip("[]").partition("%")[0]
    if PADDED.fullmatch(bare):
        bare = ".".join(str(int(part)) for part in bare.split("."))
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def read_endpoint(text: str) -> Endpoint | None:
    """`address:port`, IPv6 in brackets or with the port as ninth group; None for anything else."""
    match = PORT_ENDS.fullmatch(text)
    if match is None or int(match[2]) > 0xFFFF:
        return None
    address = read_address(match[1])
    return (address, int(match[2])) if address else None


def end_text(end: Endpoint) -> str:
    """`address:port`, IPv6 in brackets."""
    return f"[{end[0]}]:{end[1]}" if ":" in end[0] else f"{end[0]}:{end[1]}"


def read_dotted(text: str) -> Endpoint | None:
    """`192.0.2.1.80`, as pktmon and tcpdump write ends, IPv6 likewise; None for anything else."""
    host, _, port = text.rpartition(".")
    return read_endpoint(f"{host}:{port}") if ":" not in host else read_endpoint(f"[{host}]:{port}")


def is_local_only(address: str) -> bool:
    """Whether an address says nothing about which host it is: any address, loopback, link-local or multicast."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return True
    return ip.is_unspecified or ip.is_loopback or ip.is_link_local or ip.is_multicast
