"""Which name a TLS client wanted, and whether a certificate is for it.

Takes a handshake; gives the name of its SNI, of the proxy request before it, or of the DNS answer that led to the address. Judges nothing.
"""

from __future__ import annotations

import ipaddress
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.certificates import Certificate
    from wireproof.rules.tls._handshakes import Handshake

RECENT = limit(
    "tls.name_resolved_within_s",
    900.0,
    "a client that connects much later than it asked has the address from a cache, or for another reason",
)
Answer = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name the client wanted: `source` is `sni`, `connect` or `dns`, `row` the packet that shows it."""

    name: str
    source: str
    row: int

    @property
    def told(self) -> str:
        """How a sentence says where the name comes from."""
        return {
            "sni": "server name in its ClientHello",
            "connect": "CONNECT request before it",
            "dns": "DNS answer that led to this address",
        }[self.source]


def wanted_names(handshake: Handshake) -> list[Wanted]:
    """The names that the client may have wanted, surest first: SNI alone; else the proxy request's host; else names from DNS."""
    session = handshake.session
    if session.server_name and session.client_hello:
        return [Wanted(session.server_name.rstrip("."), "sni", session.client_hello.row)]
    if session.inside == "http-connect":
        return _from_connect(handshake)
    return names_answered(handshake)


def names_answered(handshake: Handshake) -> list[Wanted]:
    """The names that this client asked for and that led to the server's address, last one first."""
    session = handshake.session
    begun = int(handshake.point.conversations.facts[session.conversation]["sides"][session.client_side]["first_ns"])
    answers = _answers(handshake.point).get((handshake.client, handshake.server_address), [])
    recent = [answer for answer in answers if 0 <= begun - answer[0] <= RECENT.value * 1e9]
    found = {name: Wanted(name, "dns", row) for _, name, row in recent}
    return list(reversed(found.values()))


def _from_connect(handshake: Handshake) -> list[Wanted]:
    for message in handshake.point.said.http.of(handshake.session.conversation):
        if message.kind == "request" and message.method == "CONNECT":
            return [Wanted(message.target.rpartition(":")[0].strip("[]"), "connect", message.row)]
    return []


_ANSWERS: weakref.WeakKeyDictionary[Point, dict[tuple[str, str], list[Answer]]] = weakref.WeakKeyDictionary()


def _answers(point: Point) -> dict[tuple[str, str], list[Answer]]:
    """(client, address answered) to (time, name asked, row), in order of time."""
    if point not in _ANSWERS:
        _ANSWERS[point] = _read_answers(point)
    return _ANSWERS[point]


def _read_answers(point: Point) -> dict[tuple[str, str], list[Answer]]:
    found: dict[tuple[str, str], list[Answer]] = {}
    for message in point.said.dns if len(point.dns) else ():
        if not message.response or not message.name:
            continue
        client = point.talk(message.conversation).address(1 - message.side) if message.addresses else ""
        answer = (message.time_ns, message.name.rstrip("."), message.row)
        for address in message.addresses:
            found.setdefault((client, address), []).append(answer)
    return found


def is_address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_for(certificate: Certificate, name: str) -> bool:
    """Whether a certificate is for a host name (RFC 9525 section 6.3; the common name counts where no alternative name is)."""
    return are_for(certificate.named, name)


def are_for(named: Iterable[str], name: str) -> bool:
    """Whether one of a certificate's names stands for a host name."""
    return any(_fits(pattern.lower(), name.lower()) for pattern in named)


def _fits(pattern: str, name: str) -> bool:
    if pattern == name:
        return True
    # A wildcard stands for the whole first label and nothing else.
    head, _, rest = name.partition(".")
    return bool(head) and pattern.startswith("*.") and pattern[2:] == rest and "." in rest
