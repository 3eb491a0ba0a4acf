"""An RPC answer names another address than the one that was asked.

## What is seen
A client asks port 135 of one address where a service listens, and every TCP endpoint in the answer has another address. For a DCOM
answer that also gives host names this is told only where connections to a named address fail.

## Why it matters
Load balancers and address translation rewrite IP headers, and leave the addresses inside RPC answers as the server wrote them.
Filters that read RPC (ISA, TMG and UAG among them) take such an answer for an attack and drop it, and clients that follow the
named address leave the balancer's path. Outlook then can't find its mailbox server although every port is open.

## Fix
Where a filter that reads RPC stands between, let it accept such answers (TMG and UAG: the script of KB 982604). Else pin the
service's ports and let the balancer forward 135 and these ports to one and the same server, or connect to that server directly.

## Looks alike but is not
An answer with 0.0.0.0: the mapper leaves the address to the client. An answer with several towers of which one has the address that
was asked: a server with several addresses. An IPv6 address that contains the named IPv4 address (NAT64, ISATAP, 6to4). Where the
client gets through to the named port all the same, it is a remark. A capture without the client's packets, which can't show whether it
followed: that is a question.

## References
C706 appendixes I, L and O (towers, endpoint mapper); [MS-RPCE] 2.2.1.2; KB 982604.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, seconds
from wireproof.rules.rpc._attempts import HOW, Attempt, find_attempts
from wireproof.rules.rpc._heard import Heard, heard_too_little
from wireproof.rules.rpc._offers import Offer, is_unspecified, own_offer, tcp_places
from wireproof.rules.rpc._services import service_of
from wireproof.rules.rpc._success import reached_of_offer
from wireproof.rules.subjects import Subject, first_sight, members

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "rpc-endpoint-elsewhere"
SEVERITY = Severity.ERROR
WAITED = limit(
    "rpc-endpoint-elsewhere.wait_s",
    3.0,
    "a client that has learned a port connects to it at once; after 3 s it has given up or never got the answer",
)
LOOKED_AT = 200
SHOWN = 4


@dataclass(slots=True)
class Misled:
    """Answers of one asked address that name the same other addresses, and what came after them."""

    point: Point
    offers: list[Offer]
    attempts: list[Attempt]
    reached: int = 0
    """A conversation + 1 in which the client got through to what was named; 0 for none."""
    heard: Heard | None = None
    """What a trace of a client's stack says came back."""

    @property
    def first(self) -> Offer:
        """The first of the answers."""
        return self.offers[0]

    @property
    def astray(self) -> list[Attempt]:
        """Failed connections to an address that was named and not asked: those that the answer is to blame for."""
        return [attempt for attempt in self.attempts if attempt.server != self.first.server]

    @property
    def is_client_missing(self) -> bool:
        """Whether the capture holds no packet of the client that asked, so that what it did next can't be seen."""
        return not int(self.point.talk(self.first.message.conversation).client["packets"])

    @property
    def closing_row(self) -> int:
        """The packet by which the client ended the first asking conversation after the answer; -1 for none."""
        talk = self.point.talk(self.first.message.conversation)
        rows = [int(talk.client[name]) - 1 for name in ("fin_row", "rst_row")]
        return min((row for row in rows if row > self.first.message.last_row), default=-1)

    @property
    def waited_s(self) -> float:
        """Seconds that the capture goes on after the first answer."""
        return float(int(self.point.packets.time_ns.max()) - self.first.message.time_ns) / 1e9


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each address that was asked and other address that was named."""
    attempts: list[Attempt] | None = None
    for point in case.points:
        for offers in _grouped(case, point):
            if attempts is None:
                attempts = list(find_attempts(case))
            misled = Misled(point, offers, _following(attempts, offers), _reached(point, offers))
            misled.heard = None if misled.reached or misled.attempts else heard_too_little(case, misled.first)
            if misled.first.names_hosts and (misled.reached or not misled.astray):
                continue
            if misled.is_client_missing and not (misled.reached or misled.attempts or misled.heard):
                yield _question(misled)
                continue
            yield _finding(case, misled)


def _grouped(case: Case, point: Point) -> Iterator[list[Offer]]:
    """Offers that name none but other addresses, by the address asked and those named."""
    if not point.said.has_rpc:
        return
    groups: dict[tuple[str, tuple[str, ...]], list[Offer]] = {}
    for message in point.said.rpc:
        if message.kind == "response" and any(message.ports) and tcp_places(message):
            offer = own_offer(point, message)
            if names_elsewhere(offer):
                groups.setdefault((offer.server, tuple(sorted(offer.addresses))), []).append(offer)
    for offers in groups.values():
        numbers = np.unique(np.array([offer.message.conversation for offer in offers], np.int64))
        kept = set(first_sight(case, point, numbers, near_client=True).tolist())
        own = [offer for offer in offers if offer.message.conversation in kept]
        if own:
            yield own


def names_elsewhere(offer: Offer) -> bool:
    """Whether all addresses named are other ones than the address asked, as far as they can be compared."""
    if any(is_unspecified(place.address) for place in offer.places) or not offer.addresses:
        return False
    return all(is_elsewhere(offer.server, address) for address in offer.addresses)


def is_elsewhere(asked: str, named: str) -> bool:
    """Whether two addresses are surely not the same host's: of one family, or an IPv6 address made from another IPv4 address."""
    one, other = ipaddress.ip_address(asked.partition("%")[0]), ipaddress.ip_address(named.partition("%")[0])
    if one.version == other.version:
        return one != other and not other.is_link_local
    if isinstance(other, ipaddress.IPv6Address) or isinstance(one, ipaddress.IPv4Address):
        return False
    inside = ipaddress.IPv4Address(one.packed[12:])
    if other in (inside, one.sixtofour):
        return False
    # Any address ends in four bytes; they are an IPv4 address behind a NAT64 prefix, or where they are a neighbour of the one named.
    known = one in ipaddress.ip_network("64:ff9b::/96") or (one.packed[8:12] == bytes(4) and is_private(inside))
    return known or inside in ipaddress.ip_network(f"{other}/16", strict=False)


def is_private(address: ipaddress.IPv4Address) -> bool:
    """Whether an address is one of RFC 1918's."""
    return any(address in ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def _following(attempts: list[Attempt], offers: list[Offer]) -> list[Attempt]:
    """Failed connections that follow these offers, to the address that was named or to the one that was asked."""
    own = {(offer.source.index, offer.message.last_row) for offer in offers}
    return [each for each in attempts if (each.offer.source.index, each.offer.message.last_row) in own]


def _reached(point: Point, offers: list[Offer]) -> int:
    for offer in offers[:LOOKED_AT]:
        numbers = reached_of_offer(point, offer)
        if len(numbers):
            return int(numbers[0]) + 1
    return 0


def _question(misled: Misled) -> Undecided:
    offer, point = misled.first, misled.point
    return Undecided(
        RULE,
        f"whether {offer.client} can use the answer of {offer.server} in frame {point.packets.number(offer.message.last_row)} of {point.name}: it names "
        f"{_places(offer)}, another address, and no packet from {offer.client} is captured there, so whether it connects there can't be seen",
        f"capture both directions at {point.name}, or capture at {offer.client}, while it asks {offer.server} again",
    )


def _places(offer: Offer) -> str:
    return joined(dict.fromkeys(f"{place.address}[{place.port}]" for place in offer.places))


def _severity(misled: Misled) -> Severity:
    if misled.reached:
        return Severity.INFO
    if misled.attempts:
        return SEVERITY if misled.astray else Severity.WARNING
    return SEVERITY if misled.heard or misled.waited_s >= WAITED.value else Severity.WARNING


def _finding(case: Case, misled: Misled) -> Finding:
    offer, point = misled.first, misled.point
    message = offer.message
    named, ports = sorted(offer.addresses), sorted({port for each in misled.offers for port in each.ports})
    service = service_of(message.service, message.service_name or "an endpoint").name
    talk = point.talk(message.conversation)
    passed_on = reached_client(case, misled)
    return Finding(
        RULE,
        _severity(misled),
        Confidence.HIGH if misled.attempts or misled.reached else Confidence.MEDIUM,
        f"Asked for {service}, {offer.server} names {joined(named)}, another address",
        _summary(misled, service, passed_on),
        _evidence(misled),
        where=_where(misled),
        toward="client",
        talk=Subject(point, message.conversation, talk.client_side).label(case),
        facts={
            "asked": offer.server,
            "named": named,
            "ports": ports[:20],
            "service": service,
            "clients": len({each.client for each in misled.offers}),
            "count": len(misled.offers),
            "connection": "made" if misled.reached else "failed" if misled.attempts else "not tried",
            "waited_s": round(misled.waited_s, 3),
        },
        fix=_fixes(misled, named, ports),
        references=["C706 appendix O", "MS-RPCE 2.2.1.2", "KB 982604"],
        filters={point.name: display_filter(talk)},
        cause=(offer.server, *named),
        conversations=[
            *((point.name, each.message.conversation) for each in misled.offers[:LOOKED_AT]),
            *((each.point.name, each.number) for each in misled.astray[:LOOKED_AT]),
        ],
        aside=bool(misled.reached),
    )


def _where(misled: Misled) -> str:
    """A client that goes to the address that was named has got the answer: then no filter holds it up."""
    offer = misled.first
    reads = "" if misled.astray or misled.reached else ", and a filter that reads RPC"
    return f"between {offer.client} and {offer.server}: a load balancer or address translation{reads}"


def reached_client(case: Case, misled: Misled) -> str:
    """How another point that the answer passes shows the asked address; "" when none shows it otherwise."""
    own = (misled.point.index, misled.first.message.conversation)
    for index, number in members(case).get(own, []):
        talk = case.points[index].talk(number)
        address = talk.address(1 - talk.client_side)
        if address != misled.first.server:
            return f"{case.points[index].name} shows the same conversation with {address} as the server, so the address is translated in between. "
    return ""


def _summary(misled: Misled, service: str, passed_on: str) -> str:
    offer, message = misled.first, misled.first.message
    number = misled.point.packets.number(message.last_row)
    operation = f" ({message.operation})" if message.operation else ""
    if misled.is_client_missing:
        text = f"No packet from {offer.client} is captured in this conversation. An answer for {service}, frame {number}, comes from "
    else:
        text = f"{offer.client} asked {offer.server} for {service}{operation}. The answer, frame {number}, comes from "
    text += f"{offer.server} and names {_places(offer)}: an address that was not asked. {passed_on}"
    if len(misled.offers) > 1:
        text += f"{count(len(misled.offers), 'answer')} are like this. "
    if misled.reached:
        text += f"The client got through to {misled.point.talk(misled.reached - 1).server_endpoint} all the same."
    elif misled.attempts:
        attempt = (misled.astray or misled.attempts)[0]
        text += f"The connection to {attempt.server}:{attempt.port} that followed failed: it {HOW[attempt.kind]}{_reported(attempt)}."
        if not misled.astray:
            text += " So the client kept to the address that it had asked, and that does not pass this port on."
    else:
        text += _nothing_followed(misled)
        if misled.closing_row >= 0:
            times = misled.point.packets.time_ns
            after_s = float(times[misled.closing_row] - times[message.last_row]) / 1e9
            text += f" {offer.client} closed the session {seconds(after_s)} after the answer."
    return text


def _nothing_followed(misled: Misled) -> str:
    """That the client did not follow, and what its own stack says of the answer."""
    waited = f" in the {seconds(misled.waited_s)} that the capture goes on" if misled.waited_s else ""
    text = f"No connection to a port that was named followed{waited}: "
    dropped = "a filter that reads RPC dropped the answer before the client got it"
    if misled.heard:
        return f"{text}{dropped}. {misled.heard.text}"
    return f"{text}either {dropped}, or the client did not want it any more."


def _reported(attempt: Attempt) -> str:
    """Who sent the ICMP error, and what it says."""
    _, reporter, said = attempt.complaint if attempt.kind == "unreachable" else (-1, "", "")
    return f" from {reporter}{' itself' if reporter == attempt.server else ''}, {said}" if reporter else ""


def _evidence(misled: Misled) -> list[Evidence]:
    rows: list[Evidence] = []
    for offer in misled.offers[:SHOWN]:
        message = offer.message
        rows.append(
            frame(
                misled.point,
                message.last_row,
                f"names {joined(sorted(offer.addresses))}, port {joined(sorted(offer.ports))}",
            )
        )
        if message.line:
            tree = misled.point.capture.trees[message.last_row]
            rows.append(Evidence(tree.file, note=f"names {_places(offer)}", line=message.line))
        if message.request_row >= 0:
            rows.append(frame(misled.point, message.request_row, f"{message.operation} to {offer.server}"))
    if not misled.reached and not misled.attempts and misled.closing_row >= 0:
        rows.append(frame(misled.point, misled.closing_row, f"{misled.first.client} closes the session"))
    if misled.heard:
        rows += misled.heard.evidence()
    for attempt in misled.attempts[:SHOWN]:
        row = int(attempt.point.talk(attempt.number).client["syn_row"]) - 1
        rows.append(frame(attempt.point, row, f"SYN to {attempt.server}:{attempt.port}, which fails"))
        error_row, reporter, said = attempt.complaint
        if reporter and attempt.kind == "unreachable":
            rows.append(frame(attempt.point, error_row, f"ICMP error from {reporter}: {said}"))
    if misled.reached:
        row = int(misled.point.talk(misled.reached - 1).rows[0])
        rows.append(frame(misled.point, row, "the connection that gets through"))
    return rows


def _fixes(misled: Misled, named: list[str], ports: list[int]) -> list[str]:
    asked = misled.first.server
    last = "Capture at the client as well: it shows whether this answer arrives, and what arrives instead."
    if misled.astray:
        attempt = misled.astray[0]
        reporter = attempt.complaint[1] if attempt.kind == "unreachable" else ""
        place = f" at {reporter}, which sent the ICMP error, and wherever else" if reporter else " wherever"
        last = f"Or let {attempt.client} reach {attempt.server} on TCP {attempt.port}: open it{place} a filter stands between."
    return [
        (
            f"Find out what {asked} is: a virtual address of a load balancer, or translated to {joined(named)}. When a firewall that reads RPC (ISA, TMG, UAG) "
            "stands between, make it accept such answers (TMG and UAG: the script of KB 982604), or turn its RPC filter off for this traffic."
        ),
        (
            f"Else pin the service to fixed ports on every server behind {asked} and let the balancer forward these and 135 with persistence to one server; "
            f"today's port is {joined(ports)}."
        ),
        last,
    ]
