"""Addresses, host names and interface names from a user, taken only where no shell and no program could read more into them.

Takes text; gives it back as it may stand in a command, or raises `CollectError`.
"""

from __future__ import annotations

import ipaddress
import re

from wireproof.errors import WireproofError

HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*\.?", re.ASCII
)
LINUX_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,30}", re.ASCII)
WINDOWS_INTERFACE = re.compile(r"\w[\w .()#*_-]{0,120}|\{[0-9A-Fa-f-]{36}\}")
"""Connection names are in the system's language; nothing that cmd treats specially between quotes is among these letters."""
MOST_PEERS = 20


class CollectError(WireproofError):
    """What was asked can't be collected: a name that is none, no tool or no permission to capture, a folder that is in use."""


def read_peer(text: str) -> str:
    """An IP address without zone, or a host name. Raises CollectError for anything else."""
    name = text.strip()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        if HOST.fullmatch(name) and not re.fullmatch(r"[\d.]+", name):
            return name
        raise CollectError(f"--peer takes an IP address or a host name, not {text!r}") from None
    if getattr(address, "scope_id", None):
        raise CollectError(f"--peer takes an address without zone, not {text!r}")
    return str(address)


def read_peers(texts: list[str]) -> tuple[str, ...]:
    """Every peer once, in the order given."""
    peers = tuple(dict.fromkeys(read_peer(text) for text in texts))
    if len(peers) > MOST_PEERS:
        raise CollectError(f"--peer may be given {MOST_PEERS} times at most")
    return peers


def read_interface(text: str, *, windows: bool) -> str:
    """The name of a network interface; "" for every one. Raises CollectError for what is no name there."""
    name = text.strip()
    if name and not (WINDOWS_INTERFACE if windows else LINUX_INTERFACE).fullmatch(name):
        raise CollectError(f"--interface takes the name of a network interface, not {text!r}")
    return name
