"""By which frames DirectAccess is recognised, and of which clients: without any of them nothing is said of it.

Takes a capture as a process sees it; gives `Sign`s. Certain ones are things that nothing else does; the others are looked at only
together with a failure.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.processes.sight import AAAA, A, Sight, parent
from wireproof.processes.stage import Step

if TYPE_CHECKING:
    from wireproof.messages.ike import IkeMessage
    from wireproof.messages.tls_sessions import TlsSession

HTTPS = 443
NULL_SUITES = {0x0001, 0x0002, 0x003B}
"""TLS_RSA_WITH_NULL_MD5, _SHA and _SHA256."""
WINDOWS_NULLS = {0x0001, 0x0002}
"""Windows offers at least these two."""
SIGNALS = {0x00FF, 0x5600}
"""No suites: signals of RFC 5746 and RFC 7507 in the same list."""
WIZARD_NAMES = ("directaccess-nls.", "directaccess-webprobehost.", "directaccess-corpconnectivityhost.")
"""Names that the Remote Access wizard makes."""
WIZARD = re.compile(rb"^.directaccess-(nls|webprobehost|corpconnectivityhost)", re.DOTALL)
HINTS = re.compile(rb"direct-?access|ip-?https|uag-?da|da-?server")
NAMED_NLS = re.compile(rb"^(?!.directaccess-).[^\x00-\x2c]*nls", re.DOTALL)
"""All in the bytes of a question."""
CADENCE = limit(
    "directaccess.cadence_s",
    2.0,
    "attempts of IP-HTTPS begin 51 and 72 s after the one before: 30 s and 51 s after each has failed in 21 s",
)
CADENCE_GAPS_S = (51.0, 72.0)
ONE_ATTEMPT_S = 5.0
"""Connections that begin this close to each other are one attempt: Windows tries again with fewer TCP options."""
LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: its frame, the client's address, and, where it names one, the server's."""

    client: str
    step: Step
    certain: bool = True
    conversation: int = -1
    """The connection with the server, where the sign is one of it."""
    inner: bool = False
    """The client's address is one inside the tunnel."""
    endpoint: str = ""
    """The server's name, where it is known from elsewhere."""


def find_signs(sight: Sight, stated: str = "") -> list[Sign]:
    """Every sign in the capture, at most a few of one kind and client, certain ones first; `stated` is a server's known name or address."""
    found = [
        *(_stated_server(sight, stated) if stated else ()),
        *_wizard_names(sight),
        *_location_names(sight),
        *_null_hellos(sight),
        *_tunnel_requests(sight),
        *_authip(sight),
    ]
    certain = [sign for sign in found if sign.certain]
    return certain or [*found, *_hinted_names(sight), *_cadences(sight)]


def is_location_name(name: str) -> bool:
    """Whether a name is, by how it is called, that of a network location server."""
    head = name.lower().partition(".")[0]
    return bool(re.search(r"(^|[-_0-9])nls([-_0-9]|$)", head)) or name.lower().startswith(WIZARD_NAMES[0])


def _stated_name(sight: Sight, name: str) -> Iterator[Sign]:
    """Queries for the name that a client's own settings give its server."""
    for lookup in sight.lookups(lambda asked, kind: asked.lower().rstrip(".") == name and kind in (A, AAAA)):
        step = Step(lookup.first_row, f"query for {name}, the name in the client's IP-HTTPS URL")
        yield Sign(lookup.client, step, endpoint=name)


def _stated_server(sight: Sight, stated: str) -> Iterator[Sign]:
    """Signs of the server that a client's own settings give: by its address where the URL has one, which nobody looks up."""
    try:
        address = str(ipaddress.ip_address(stated))
    except ValueError:
        return _stated_name(sight, stated)
    return _stated_address(sight, address)


def _stated_address(sight: Sight, address: str) -> Iterator[Sign]:
    """The first connection with that address, where one client has any: of several nothing tells whose settings these are."""
    talks = [sight.talk(number) for number in sight.rows_of(address).tolist()]
    to_it = [
        talk
        for talk in talks
        if talk.protocol == "tcp"
        and int(talk.server["port"]) == HTTPS
        and talk.address(1 - talk.client_side) == address
        and int(talk.client["first_row"])
    ]
    if len({talk.address(talk.client_side) for talk in to_it}) == 1:
        first = min(to_it, key=lambda talk: int(talk.client["first_ns"]))
        step = Step(
            int(first.client["first_row"]) - 1, f"connection with {address}, the address in the client's IP-HTTPS URL"
        )
        yield Sign(first.address(first.client_side), step, conversation=first.number)


def _wizard_names(sight: Sight) -> Iterator[Sign]:
    for lookup in sight.lookups_like(WIZARD, (A, AAAA)):
        yield Sign(lookup.client, Step(lookup.first_row, f"query for {lookup.name}"))


def _location_names(sight: Sight) -> Iterator[Sign]:
    """Lookups of a location server named `nls` in vain, behind which the client turns to another server of the same owner."""
    for lookup in sight.lookups_like(NAMED_NLS, (A, AAAA)):
        if lookup.addresses or not is_location_name(lookup.name) or ":" in lookup.client:
            continue
        owner, since = parent(lookup.name), sight.packets.time_ns[lookup.first_row]
        public = sight.lookups(lambda name, kind, owner=owner: kind == A and parent(name) == owner, lookup.client)  # type: ignore[misc]
        numbers = [n for other in public for a in other.addresses for n in sight.connections(lookup.client, HTTPS, a)]
        if any(int(sight.talk(number).client["first_ns"]) > since for number in numbers):
            yield Sign(lookup.client, Step(lookup.first_row, f"query for {lookup.name}"))


def _null_hellos(sight: Sight) -> Iterator[Sign]:
    """ClientHellos that offer no encryption at all: Windows 8 and later do so for IP-HTTPS, whose inside is encrypted.

    A scanner that tries suites one after the other does so too: between hosts with other hellos it is a hint only.
    """
    if not len(sight.said.protocols.tcp.get("tls", ())):
        return
    hellos = {number: session for number, session in sight.said.tls_sessions.items() if session.client_hello}
    bare = {number: hello for number, hello in hellos.items() if _is_bare(hello)}
    if not bare:
        return
    ends = {number: _ends(sight, hello) for number, hello in hellos.items()}
    mixed = {ends[number] for number in hellos if number not in bare}
    for number, hello in bare.items():
        row = hello.client_hello.row if hello.client_hello else 0
        step = Step(row, "ClientHello that offers NULL suites only")
        yield Sign(ends[number][0], step, certain=ends[number] not in mixed, conversation=number)


def _is_bare(session: TlsSession) -> bool:
    suites = set(session.offered) - SIGNALS
    return WINDOWS_NULLS <= suites <= NULL_SUITES


def _ends(sight: Sight, session: TlsSession) -> tuple[str, str]:
    """The client's and the server's address."""
    ends = sight.addresses(session.conversation)
    return ends[session.client_side], ends[1 - session.client_side]


def _tunnel_requests(sight: Sight) -> Iterator[Sign]:
    for message in sight.said.iphttps:
        if message.kind == "request":
            client = sight.talk(message.conversation).address(message.side)
            note = f"{message.method} {message.target}"
            yield Sign(client, Step(message.row, note), conversation=message.conversation)


def _authip(sight: Sight) -> Iterator[Sign]:
    seen: set[int] = set()
    for message in sight.said.ike if len(sight.said.protocols.udp.get("ike", ())) else ():
        if message.protocol != "authip" or message.conversation in seen:
            continue
        seen.add(message.conversation)
        client, server = ends_of(sight, message)
        if ":" in client and is_tunnel_pair(client, server):
            yield Sign(client, Step(message.row, f"AuthIP with {server}"), inner=True)


def ends_of(sight: Sight, message: IkeMessage) -> tuple[str, str]:
    """Address of the client and of the server: by their prefixes where those tell, else by who began the negotiation."""
    ends = sight.addresses(message.conversation)
    first = client_side(*ends, message.side if message.from_initiator else 1 - message.side)
    return ends[first], ends[1 - first]


def client_side(first: str, second: str, otherwise: int) -> int:
    """Which of two addresses (0 or 1) is the client's: the one with a prefix that only clients have, or `otherwise`.

    A capture that begins in the middle may show the server first; and 6to4 gives both sides addresses of one form.
    """
    if ":" not in first or ":" not in second:
        return otherwise
    is_client = [
        is_tunnel_pair(mine, theirs) and transport_of(mine) != "6to4"
        for mine, theirs in ((first, second), (second, first))
    ]
    return is_client.index(True) if is_client.count(True) == 1 else otherwise


def is_tunnel_pair(client: str, server: str) -> bool:
    """Whether two IPv6 addresses are a DirectAccess client's and its server's, by the prefixes that the wizards hand out."""
    kind, mine, theirs = transport_of(client), ipaddress.ip_address(client), ipaddress.ip_address(server)
    if kind in {"Teredo", "6to4"}:
        return not theirs.is_link_local
    return kind == "IP-HTTPS" and mine.packed[:6] == theirs.packed[:6]


def transport_of(client: str) -> str:
    """Which transport gives a client this IPv6 address; "" for one that does not tell.

    Teredo has 2001::/32 (RFC 4380), 6to4 2002::/16 with the client's own IPv4 address (RFC 3056). The wizards give IP-HTTPS the
    subnet 1000 of the organisation's prefix, Forefront UAG the subnets 8100 to 81ff.
    """
    packed = ipaddress.ip_address(client).packed
    if len(packed) != 16:
        return ""
    subnet = int.from_bytes(packed[6:8], "big")
    if packed[:4] == b"\x20\x01\0\0":
        return "Teredo"
    if subnet == 0x1000 or 0x8100 <= subnet <= 0x81FF:
        return "IP-HTTPS"
    return "6to4" if packed[:2] == b"\x20\x02" else ""


def _hinted_names(sight: Sight) -> Iterator[Sign]:
    """Servers whose names speak of DirectAccess. A web page about it has such a name too: a hint, no proof."""
    for lookup in sight.lookups_like(HINTS, (A,)):
        for address in lookup.addresses:
            note = f"query for {lookup.name}, whose name speaks of DirectAccess"
            numbers = [n for n in sight.connections(lookup.client, HTTPS, address) if not is_browser(sight, n)]
            for number in numbers[:1]:
                yield Sign(lookup.client, Step(lookup.first_row, note), certain=False, conversation=number)


def is_browser(sight: Sight, number: int) -> bool:
    """Whether a connection's ClientHello offers application protocols, which the IP-HTTPS client never does."""
    session = sight.said.tls_sessions.get(number)
    return bool(session and session.client_hello and session.client_hello.alpn)


def _cadences(sight: Sight) -> Iterator[Sign]:
    """Attempts on one server that come in the rhythm of the IP-HTTPS client."""
    for numbers in _silent_groups(sight):
        talks = [sight.talk(number) for number in numbers.tolist()]
        starts = sorted(int(talk.client["first_ns"]) / 1e9 for talk in talks)
        begun = [start for before, start in pairwise([float("-inf"), *starts]) if start - before > ONE_ATTEMPT_S]
        gaps = [later - earlier for earlier, later in pairwise(begun)]
        if any(
            all(abs(g - e) <= CADENCE.value for g, e in zip(pair, CADENCE_GAPS_S, strict=True))
            for pair in pairwise(gaps)
        ):
            talk, row = talks[0], int(talks[0].client["first_row"]) - 1
            note = "first of the attempts, which come in the rhythm of the IP-HTTPS client"
            yield Sign(talk.address(talk.client_side), Step(row, note), certain=False, conversation=talk.number)


def _silent_groups(sight: Sight) -> list[NDArray[np.int64]]:
    """Conversations of nothing but SYNs to port 443, by client and server, where there are at least three."""
    facts, conversations = sight.conversations.facts, sight.conversations
    if not len(facts):
        return []
    packets, syns = conversations.side_facts("packets"), conversations.side_facts("syns")
    silent = (syns[:, 0] > 0) & (syns[:, 0] == packets[:, 0]) & (packets[:, 1] == 0)
    numbers = np.flatnonzero(silent & conversations.is_tcp & (conversations.side_facts("port")[:, 1] == HTTPS))[
        :LOOKED_AT
    ]
    groups: dict[bytes, list[int]] = {}
    for number in numbers.tolist():
        groups.setdefault(facts["addresses"][number].tobytes(), []).append(number)
    return [np.array(found, np.int64) for found in groups.values() if len(found) >= len(CADENCE_GAPS_S) + 1]
