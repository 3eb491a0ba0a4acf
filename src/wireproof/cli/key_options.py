"""Options by which a command takes keys: files, passwords, and the servers that private keys are for.

Takes what the command line says; gives `Keys`. A password is read from a file or asked for on a terminal, never taken from an argument.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wireproof.errors import KeyMaterialError

if TYPE_CHECKING:
    from wireproof.analyse.keys import Keys

KeyFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="RSA private key (PFX, PEM, DER) or key log (SSLKEYLOGFILE) that opens TLS sessions; may be repeated.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Passwords of encrypted keys, one a line; without it, a terminal is asked for them.",
    ),
]
Servers = Annotated[
    list[str] | None,
    typer.Option(
        "--server",
        metavar="IP:PORT",
        help="Try private keys only on this server, IPv6 in brackets; may be repeated.",
    ),
]
ENDPOINT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)):(?P<port>[0-9]{1,5})")
IPV4_MAPPED = b"\0" * 10 + b"\xff\xff"


def choose_keys(
    files: Sequence[str] | None, password_file: Path | None, servers: Sequence[str] | None, inputs: Sequence[str]
) -> Keys:
    """What the options say. A user is asked for passwords only on a terminal that is not taken for a capture.

    Raises KeyMaterialError for a password file that can't be used and for a server that is no address with a port.
    """
    from wireproof.analyse.keys import Keys, Passwords, read_password_file

    given = read_password_file(password_file) if password_file else []
    ask = None if given or "-" in inputs or not is_terminal() else ask_password
    return Keys(tuple(files or ()), Passwords(given, ask), frozenset(read_server(server) for server in servers or ()))


def read_server(text: str) -> tuple[bytes, int]:
    """The address (16 bytes, IPv4 as ::ffff:a.b.c.d) and port of IP:PORT. Raises KeyMaterialError for anything else."""
    match = ENDPOINT.fullmatch(text.strip())
    try:
        address = ipaddress.ip_address(match["six"] or match["four"]) if match else None
    except ValueError:
        address = None
    if match is None or address is None or not 1 <= int(match["port"]) <= 0xFFFF:
        raise KeyMaterialError(f"--server takes IP:PORT, such as 10.1.1.9:443 or [2001:db8::9]:443, not {text!r}")
    packed = address.packed
    return (packed if len(packed) == 16 else IPV4_MAPPED + packed), int(match["port"])


def is_terminal() -> bool:
    """Whether somebody can be asked: both what is typed and what is told go by a terminal."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


def ask_password(name: str, again: bool = False) -> str | None:
    """Ask for the password of a file, without showing what is typed; None when nobody answers, or typing can't be hidden."""
    import getpass
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            lead = "That does not open it. " if again else ""
            return getpass.getpass(f"{lead}Password of {name}: ", stream=sys.stderr) or None
        except (EOFError, getpass.GetPassWarning):
            return None
