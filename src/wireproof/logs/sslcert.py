"""What `netsh http show sslcert` lists: which certificate HTTP.sys serves on which address, port and host name.

Takes a text; gives bindings. A binding is told by its values (an end, a hash, an application id in braces) and the rest of its lines by
their order, so that any language is read; English outputs may also run together on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.endpoint_text import ANY, read_endpoint
from wireproof.logs.log import Log
from wireproof.logs.scan import find_near
from wireproof.logs.text import LogText

COLON = r"[ \t]{0,60}[:\uff1a][ \t]{0,8}"
LABEL = r"[^:\uff1a\n{}]{2,80}?"
HASH = r"[0-9A-Fa-f]{40}(?:[0-9A-Fa-f]{24})?|\(null\)"
HEAD = re.compile(
    rf"(?P<end>\[[0-9A-Fa-f:.%]{{2,60}}\]:\d{{1,5}}|(?<![\w.*-])[\w.*-]{{1,253}}:\d{{1,5}})[ \t]{{0,8}}(?:\n|[ \t])\s{{0,20}}"
    rf"{LABEL}{COLON}(?P<hash>{HASH})\s{{1,20}}{LABEL}{COLON}(?P<app>\{{[0-9A-Fa-f-]{{36}}\}})"
    rf"(?:\s{{1,20}}{LABEL}{COLON}(?P<store>[\w()-]{{1,80}}))?"
)
APP = re.compile(r"\{[0-9A-Fa-f-]{36}\}")
BEFORE, MOST = 1000, 1400
"""Characters of a binding's head before its application id, and in all."""
REST = 1600
"""Characters behind a binding's head in which the rest of its lines stands."""
PAIR = re.compile(rf"^[ \t]*([^:\uff1a\n{{}}]{{2,160}}?){COLON}([^\n]{{0,200}})$", re.MULTILINE)
NAMED = {
    "negotiates": re.compile(r"Negotiate Client Certificate[ \t]*:[ \t]*(\S+)"),
    "ctl_store": re.compile(r"Ctl Store Name[ \t]*:[ \t]*(?!DS Mapper)(\S+)", re.IGNORECASE),
    "ctl": re.compile(r"Ctl Identifier[ \t]*:[ \t]*(?!Ctl Store)(\S+)", re.IGNORECASE),
}
PLACES = {"ctl": 5, "ctl_store": 6, "negotiates": 8}
"""Places of lines behind the store's name, from 0: revocation, cached only, usage, freshness, timeout, both of the list, mapper, negotiation."""
ON = frozenset(
    (
        "enabled",
        "aktiviert",
        "activé",
        "activée",
        "habilitado",
        "abilitato",
        "включено",
        "включен",
        "有効",
        "已启用",
        "set",
    )
)
OFF = frozenset(
    (
        "disabled",
        "deaktiviert",
        "désactivé",
        "désactivée",
        "deshabilitado",
        "disabilitato",
        "отключено",
        "отключен",
        "無効",
        "已禁用",
    )
)
NULL = "(null)"


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding: `host` is an address or a host name, `hash` the thumbprint of the certificate in lower case ("" for none).

    `asks_client` tells whether the server asks for a client certificate in the handshake; None where the output does not say.
    """

    host: str
    port: int
    hash: str
    app: str
    line: int
    by_name: bool = False
    store: str = ""
    ctl: str = ""
    ctl_store: str = ""
    asks_client: bool | None = None

    @property
    def is_any(self) -> bool:
        """Whether it stands for all addresses of its family."""
        return not self.by_name and self.host in ANY

    @property
    def end(self) -> str:
        """`1.1.1.1:443`, as netsh writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(slots=True, kw_only=True)
class SslcertLog(Log):
    """Every binding in one text."""

    title: ClassVar[str] = "netsh http show sslcert"

    bindings: list[Binding] = field(default_factory=list)


def find(text: LogText) -> SslcertLog | None:
    """The bindings in a text; None for none."""
    whole = text.whole
    apps = (match.start() for match in APP.finditer(whole))
    heads = list(find_near(HEAD, whole, apps, BEFORE, MOST))
    found = []
    for turn, match in enumerate(heads):
        end = heads[turn + 1].start() if turn + 1 < len(heads) else len(whole)
        binding = _binding(match, whole[match.end() : min(end, match.end() + REST)], text.line_at(match.start("end")))
        if binding is not None:
            found.append(binding)
    return SslcertLog(file=text.file, bindings=found) if found else None


def _binding(match: re.Match[str], rest: str, line: int) -> Binding | None:
    end = read_endpoint(match["end"])
    by_name = end is None
    host, _, port = match["end"].rpartition(":")
    if end is not None:
        host, port = end[0], str(end[1])
    elif "[" in host or int(port) > 0xFFFF or host.replace(".", "").isdigit():
        return None
    said = _rest(rest)
    return Binding(
        host.lower(), int(port), _value(match["hash"]).lower(), match["app"].lower(), line, by_name, _value(match["store"] or ""),
        said.get("ctl", ""), said.get("ctl_store", ""), _switch(said.get("negotiates", "")),
    )  # fmt: skip


def _rest(rest: str) -> dict[str, str]:
    """Values behind the head: by their English names, else by their places among lines that are whole."""
    found = {name: match[1] for name, pattern in NAMED.items() if (match := pattern.search(rest))}
    if not found:
        values = [match[2].strip() for match in PAIR.finditer(rest.partition("\n\n")[0])]
        found = {name: values[place] for name, place in PLACES.items() if place < len(values)}
    return {name: _value(value) for name, value in found.items()}


def _value(text: str) -> str:
    return "" if text.strip() == NULL else text.strip()


def _switch(text: str) -> bool | None:
    word = text.lower()
    return True if word in ON else False if word in OFF else None


def binding_for(bindings: Iterable[Binding], address: str, port: int, name: str = "") -> Binding | None:
    """The binding that HTTP.sys takes for a connection to an address, with the name of its SNI.

    An exact address goes before the name, the name before its wildcard, all addresses of the family come last.
    """
    wanted = name.lower()
    ranks = {address: 0, wanted: 1, f"*.{wanted.partition('.')[2]}": 2, "::" if ":" in address else "0.0.0.0": 3}  # noqa: S104
    fitting = [
        one for one in bindings if one.port == port and one.host in ranks and one.by_name == (ranks[one.host] in (1, 2))
    ]
    return min(fitting, key=lambda one: ranks[one.host], default=None)
