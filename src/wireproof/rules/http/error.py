"""A web server, proxy or gateway answers requests with an error.

## What is seen
Responses of 500 and above, and those of 400 and above that stop a user: refused credentials, forbidden, requests that are too long or not
understood, revocation lists that are not there. By host and status.

## Why it matters
The transport works, and what the user wanted still failed. The status says who gave up: 502 and 504 come from a gateway that got no
(good) answer from the server behind it, 503 from a server that sheds work or has no worker, 401 and 407 from whoever checks credentials.

## Fix
502 and 504: look at the gateway's own connection to the server behind it; a capture at the gateway shows it. 503 with the server
`Microsoft-HTTPAPI`: the application pool is stopped. 500: the server's own log has the reason. 401 and 407: the account, and for Kerberos
the service principal name and the clock. 403: permissions, or a client certificate that the server wants (IIS 403.7).

## Looks alike but is not
A 401 or 407 that the client answers with credentials that work is how authentication begins. 304 is a success. A missing favicon, 404 and
conditional requests (409, 412) are everyday life, and so are probes for WebDAV. A 408 without request only ends an idle connection. An error
that the same client's next try made good is information.

## References
RFC 9110 section 15 (status codes) and 11 (authentication); RFC 9112; KB 943891 (IIS sub-status codes); KB 2020943.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, label, seconds
from wireproof.rules.http._failures import CHALLENGES, Failure, find_failures
from wireproof.rules.http._upstream import GATEWAY, upstream
from wireproof.rules.http._words import fixes, reason
from wireproof.rules.subjects import first_sight, members

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.messages.http_message import HttpMessage

RULE = "http-error"
SEVERITY = Severity.ERROR
SHARE = limit(
    "http-error.share",
    0.5,
    "a host that fails at every second request does not work for the user; a single picture that fails does",
)
SHOWN = 6
NAMED = 200

MATTER = frozenset((400, 401, 403, 407, 408, 411, 413, 414, 417, 421, 426, 429, 431, 494, 495, 496))
"""Below 500, what stops a user; other codes are remarks."""


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each host and status at the point nearest to the client."""
    for point in case.points:
        if not point.said.protocols.has_streams("http"):
            continue
        failures = find_failures(point)
        numbers = np.array(sorted({failure.conversation for failure in failures}), np.int64)
        own = set(first_sight(case, point, numbers, near_client=True).tolist())
        groups: dict[tuple[str, int], list[Failure]] = defaultdict(list)
        for failure in failures:
            if failure.conversation in own:
                groups[failure.host, failure.response.status].append(failure)
        answers = count_answers(point) if groups else {}
        for (host, _), group in groups.items():
            yield finding(case, group, answers.get(host, len(group)))


def count_answers(point: Point) -> dict[str, int]:
    """How many final responses came for each host, challenges left out: they are half an answer."""
    found: dict[str, int] = defaultdict(int)
    for message in point.said.http:
        if message.status >= 200 and message.status not in CHALLENGES:
            found[(message.target if message.method == "CONNECT" else message.host).lower()] += 1
    return found


def finding(case: Case, group: list[Failure], answers: int) -> Finding:
    """The finding on one host's failures of one status."""
    first = group[0]
    response, point = first.response, first.point
    status, name = response.status, response.status_text
    open_ones = [failure for failure in group if not failure.mended]
    talk = point.talk(first.conversation)
    same = members(case).get((point.index, first.conversation), [])
    behind = upstream(case, group[:NAMED]) if status in GATEWAY else []
    return Finding(
        RULE,
        severity(first, len(open_ones), answers),
        Confidence.HIGH,
        f"{first.host} answers {name} to {requests_text(group)}",
        summary(group, name, len(open_ones)),
        evidence(group),
        where=f"at {first.server}",
        talk=label(talk, ((case.points[p].name, case.points[p].talk(n)) for p, n in same if p != point.index)),
        facts=facts(group, len(open_ones)),
        fix=fixes(first),
        references=[f"RFC 9110 15.{5 if status < 500 else 6}", *(["RFC 9110 11"] if status in CHALLENGES else [])],
        filters={point.name: status_filter(response, talk)},
        cause=(first.host, str(status)),
        conversations=[
            (point.name, number) for number in dict.fromkeys(failure.conversation for failure in group[:NAMED])
        ],
        depends_on=behind,
    )


def status_filter(response: HttpMessage, talk: Talk) -> str:
    """A Wireshark display filter for this status of this server."""
    field = "http2.headers.status" if response.version == "2" else "http.response.code"
    address = talk.address(response.side)
    return f"{field}=={response.status} && {'ipv6' if ':' in address else 'ip'}.src=={address}"


def severity(first: Failure, unmended: int, answers: int) -> Severity:
    """Error where the host does not work for the user, information where a retry did or nobody minds."""
    status = first.response.status
    if not unmended or (status < 500 and status not in MATTER):
        return Severity.INFO
    if status in CHALLENGES:
        return Severity.ERROR if first.tried else Severity.WARNING
    if status in {502, 504} or unmended >= SHARE.value * answers:
        return Severity.ERROR
    return Severity.WARNING


def requests_text(group: list[Failure]) -> str:
    """`GET /index.html` or `12 requests`."""
    response = group[0].response
    if len(group) > 1:
        return count(len(group), "request")
    target = response.target if len(response.target) <= 60 else f"{response.target[:57]}…"
    return f"{response.method} {target}".strip() or "a request"


def summary(group: list[Failure], name: str, unmended: int) -> str:
    """What happened, why as far as the response tells, and what became of it."""
    first = group[0]
    waits = [failure.response.wait_ns for failure in group if failure.response.wait_ns >= 0]
    text = f"{first.server} answered {name} to {count(len(group), 'request')} for {first.host}"
    if waits and max(waits) > 1e9:
        text += f", after up to {seconds(max(waits) / 1e9)}"
    text += f": {reason(first)}."
    if first.response.server:
        text += f" It calls itself {first.response.server}."
    if unmended < len(group):
        text += f" The client asked again and got it for {len(group) - unmended} of them."
    if first.response.text and "<" not in first.response.text:
        text += f' The text says: "{first.response.text}".'
    return text


def facts(group: list[Failure], unmended: int) -> dict[str, object]:
    """The figures."""
    first = group[0].response
    waits = [failure.response.wait_ns for failure in group if failure.response.wait_ns >= 0]
    made: dict[str, object] = {
        "count": len(group),
        "status": first.status,
        **({"sub_status": first.sub_status} if first.sub_status else {}),
        "host": group[0].host,
        "server": first.server,
        "method": first.method,
        "targets": list(dict.fromkeys(failure.response.target for failure in group))[:20],
        "answered_on_retry": len(group) - unmended,
    }
    if waits:
        made["wait_s"] = max(waits) / 1e9
    if first.authenticate:
        made["schemes"] = list(first.authenticate)
    return made


def evidence(group: list[Failure]) -> list[Evidence]:
    """Each different target once, with its request and the response."""
    rows: list[Evidence] = []
    seen: set[str] = set()
    for failure in group:
        response = failure.response
        if response.target in seen or len(rows) >= 2 * SHOWN:
            continue
        seen.add(response.target)
        if response.request_row >= 0:
            rows.append(frame(failure.point, response.request_row, f"{response.method} {response.target[:80]}"))
        rows.append(frame(failure.point, response.row, response.status_text))
    return rows
