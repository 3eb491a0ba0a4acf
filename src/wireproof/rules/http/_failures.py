"""HTTP responses that report a failure, each with what else became of the same request.

Facts for the rules of this family. Takes a point's HTTP messages; decides only what is everyday life.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.messages.http_message import HttpMessage

Resource = tuple[str, str, str]
"""Client address, host and target: what one user asks for again when it failed."""

PROXY_CHALLENGE = 407
CHALLENGES = {401: "server", PROXY_CHALLENGE: "proxy"}
"""Status codes that ask for credentials first (RFC 9110 section 11), and who asks."""
ROUNDS = frozenset(("ntlm", "negotiate", "digest"))
"""Schemes that take more than one round."""
ANSWERED = limit(
    "http-error.credentials_s", 2.0, "programs answer a challenge at once; people are not asked by those that stop"
)
EVERYDAY_TARGETS = (
    "/favicon.ico",
    "/robots.txt",
    "/apple-touch-icon",
    "/browserconfig.xml",
    "/wpad.dat",
    "/.well-known/",
    "/sitemap",
)
"""Clients ask for these on chance."""
PROBING_METHODS = frozenset(("OPTIONS", "PROPFIND", "TRACE", "LOCK"))
"""Clients find out by these whether a server speaks WebDAV."""
EVERYDAY_STATUS = frozenset((404, 409, 412, 416, 422, 423, 425, 428))
"""Part of how applications talk: conditions that do not hold, names that are not there (yet)."""
REVOCATION = (".crl", ".crt", ".p7c")


@dataclass(frozen=True, slots=True)
class Failure:
    """A response that reports a failure. `mended` tells that the same client got the same thing later, `given_up` that it did not."""

    point: Point
    response: HttpMessage
    mended: bool
    tried: int = 1
    """How often the client was turned away with its credentials, for a challenge; 0 when it gave none."""

    @property
    def conversation(self) -> int:
        """The conversation that carried it."""
        return self.response.conversation

    @property
    def server(self) -> str:
        """`address:port` of who answered."""
        return self.point.talk(self.conversation).endpoint(self.response.side)

    @property
    def host(self) -> str:
        """What the client wanted to reach: the request's host (of CONNECT: its target), else the server's address."""
        response = self.response
        wanted = response.target if response.method == "CONNECT" else response.host
        return wanted.lower() or self.server

    @property
    def by_proxy(self) -> bool:
        """Whether the one who answered is surely a proxy: the request says so (RFC 9112 section 3.2)."""
        return self.response.method == "CONNECT" or self.response.target.startswith(("http://", "https://"))


def find_failures(point: Point) -> list[Failure]:
    """Failures that may matter to a user, in order; what HTTP clients meet every day is left out."""
    responses = [message for message in point.said.http if message.status and _over_tcp(point, message)]
    bad = [message for message in responses if message.status >= 400]
    if not bad:
        return []
    clients = _Clients(point)
    good = _successes(clients, responses)
    failed = [message for message in bad if message.status not in CHALLENGES and not is_everyday(message)]
    found = [Failure(point, message, _later(good, clients.resource(message), message.time_ns)) for message in failed]
    found += _refused(clients, bad, good)
    return sorted(found, key=lambda failure: failure.response.row)


def is_everyday(response: HttpMessage) -> bool:
    """Whether a failure is one of those that clients meet and expect."""
    target = response.target.lower().partition("?")[0]
    if response.status == 408 and response.request_row < 0:
        return True  # a server that closes an idle connection says so
    if response.status < 500 and response.method in PROBING_METHODS:
        return True
    if response.status == 501 and response.method in PROBING_METHODS:
        return True
    if response.status < 500 and target.startswith(EVERYDAY_TARGETS):
        return True
    return response.status in EVERYDAY_STATUS and not target.endswith(REVOCATION)


class _Clients:
    """The resource that a message is about, with the client's address looked up once a conversation."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self._addresses: dict[int, str] = {}

    def resource(self, response: HttpMessage) -> Resource:
        """Who asked for what."""
        number = response.conversation
        if number not in self._addresses:
            self._addresses[number] = self.point.talk(number).address(1 - response.side)
        return self._addresses[number], response.host.lower(), response.target


def _over_tcp(point: Point, message: HttpMessage) -> bool:
    return bool(point.conversations.is_tcp[message.conversation])


def _successes(clients: _Clients, responses: Iterable[HttpMessage]) -> dict[Resource, list[int]]:
    found: dict[Resource, list[int]] = defaultdict(list)
    for message in responses:
        if message.status < 400:
            found[clients.resource(message)].append(message.time_ns)
    return found


def _later(times: dict[Resource, list[int]], resource: Resource, time_ns: int) -> bool:
    own = times.get(resource, [])
    return bisect.bisect_right(own, time_ns) < len(own)


def _refused(clients: _Clients, bad: list[HttpMessage], good: dict[Resource, list[int]]) -> Iterator[Failure]:
    """Challenges that no credentials satisfied, the last of each resource.

    NTLM and Negotiate are turned away once by design, with the server's half of the exchange; only a second time is a refusal. Whoever
    gives a proxy no credentials at all gets nowhere; without those for a server, a person may just not have typed them.
    """
    challenges = [message for message in bad if message.status in CHALLENGES]
    schemes = _schemes_used(clients.point, challenges)
    open_ones: dict[Resource, list[HttpMessage]] = defaultdict(list)
    for message in challenges:
        resource = clients.resource(message)
        if not _later(good, resource, message.time_ns):
            open_ones[resource].append(message)
    for made in open_ones.values():
        tried = [message for message in made if schemes.get((message.conversation, message.request_row))]
        last = made[-1]
        used = schemes.get((last.conversation, last.request_row), "")
        if len(tried) >= (2 if used in ROUNDS else 1):
            yield Failure(clients.point, last, False, len(tried))
        elif not tried and last.status == PROXY_CHALLENGE and _goes_on(clients.point, last):
            yield Failure(clients.point, last, False, 0)


def _schemes_used(point: Point, challenges: list[HttpMessage]) -> dict[tuple[int, int], str]:
    """The authentication scheme of requests on the conversations of challenges, by conversation and row."""
    return {
        (message.conversation, message.row): message.authorization
        for number in dict.fromkeys(message.conversation for message in challenges)
        for message in point.said.http.of(number)
        if message.kind == "request"
    }


def _goes_on(point: Point, message: HttpMessage) -> bool:
    """Whether the capture goes on long enough for a client to answer."""
    times = point.packets.time_ns[: point.packets.frames]
    return int(times[-1]) - message.time_ns >= ANSWERED.value * 1e9
