"""What an SMB conversation said so far, so that each response can be told with what it answers.

Takes requests and responses in order; remembers open requests, trees, files and who logged on. Knows no packet and judges nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from wireproof.wire.kerberos_names import KRB_ERROR, error_name
from wireproof.wire.spnego import Logon

MOST_OPEN = 50_000
"""Requests, trees and files of one conversation that are remembered at a time; servers allow fewer."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its packet, and what it is about. `row` is -1 for a response whose request the capture lacks."""

    row: int = -1
    share: str = ""
    name: str = ""
    access: int = 0
    file: bytes = b""
    logon: Logon = field(default_factory=Logon)


@dataclass(slots=True)
class Memory:
    """What one conversation said so far. Keys are those of the protocol: message, tree, file and session numbers."""

    asked: dict[tuple[int, int], Asked] = field(default_factory=dict)
    shares: dict[tuple[int, int], str] = field(default_factory=dict)
    files: dict[bytes, str] = field(default_factory=dict)
    users: dict[int, Logon] = field(default_factory=dict)
    offered: tuple[str, ...] = ()


def keep(table: dict[K, V], key: K, value: V) -> None:
    """Remember one more, and forget the oldest where there are too many."""
    if len(table) >= MOST_OPEN and key not in table:
        table.pop(next(iter(table)))
    table[key] = value


def is_named(logon: Logon) -> bool:
    """Whether a token told who logs on, or that a ticket proves it."""
    return bool(logon.user or logon.domain or logon.workstation or logon.kerberos or logon.ntlm == "AUTHENTICATE")


def user_name(logon: Logon) -> str:
    """`DOMAIN/user` with a backslash, as NTLM tells it; `anonymous` for the empty name; empty when not told."""
    if logon.ntlm == "AUTHENTICATE" and not logon.user:
        return "anonymous"
    domain = logon.domain.strip()
    return f"{domain}\\{logon.user}" if domain and logon.user else logon.user


def logon_kind(logon: Logon) -> str:
    """NTLM or Kerberos; empty when the token does not tell."""
    return "NTLM" if logon.ntlm else "Kerberos" if logon.kerberos is not None else ""


def kerberos_error(logon: Logon) -> str:
    """The name of the error that the token carries."""
    fields = logon.kerberos
    return error_name(fields.error) if fields and fields.kind == KRB_ERROR and fields.error is not None else ""


def kerberos_clocks(logon: Logon) -> tuple[int, ...]:
    """The client's and the server's clock as the error in the token tells them, ns since 1970, 0 for one not told; empty without one."""
    fields = logon.kerberos
    if fields is None or fields.kind != KRB_ERROR:
        return ()
    return (fields.client_time_ns or 0, fields.server_time_ns or 0)


def service(logon: Logon) -> str:
    """The service that the token's ticket is for, such as cifs/server."""
    return logon.kerberos.sname if logon.kerberos is not None else ""
