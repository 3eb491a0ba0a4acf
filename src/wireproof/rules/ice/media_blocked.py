"""No pair of the transport addresses that two parties agreed on for media works: calls, meetings or desktop sharing fail.

## What is seen
SIP messages in clear, or in the log of a client or server, carry the session descriptions of both parties. The conversations between the
transport addresses named there (ICE candidates, or the addresses of the c= and m= lines) are found in all captures, through NAT too: a
host behind NAT keeps the port, so 10.3.0.40:58138 is 2.2.2.2:58138. Every one that the captures show is refused, gets no answer, or is
rejected by ICMP.

## Why it matters
Signalling takes another way than media: the call rings, is taken, and then fails or stays silent. The ports are chosen for each
session anew, so that firewalls must let a whole range pass: at Lync and Skype for Business Edge servers TCP and UDP 50000-59999.

## Fix
Open the range of media ports between the two addresses, both for TCP and UDP, in the direction in which the packets fail. At an Edge
server that is outbound to any address, and inbound as well where peers need it; UDP 3478 and TCP 443 for clients outside.

## Looks alike but is not
ICE tries all pairs and needs one: failing pairs beside one that works are everyday life and stay silent. So are sessions that were
turned down or cancelled, and media that TURN carries. Direct pairs that fail in a session that lasted are told as information. A media
port that is refused without a description that names it is `tcp-connection-refused` only. A STUN or TURN server that does not answer
is `stun-unanswered`.

## References
RFC 8445 (ICE); RFC 8839 (its SDP); RFC 6544 (TCP candidates); RFC 3264 (offer and answer); MS-ICE2 and MS-TURN (Lync); TechNet gg425891
(ports of an Edge server).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.conversations.talks import endpoint
from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.finding import Talk as TalkLabel
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, joined
from wireproof.rules.ice._described import clock_words, end_ns, row_of, where
from wireproof.rules.ice._groups import Tried, find_groups
from wireproof.rules.ice._outcome import DENIED, REFUSED, WORDS
from wireproof.rules.subjects import first_sight
from wireproof.wire.sip import reason_of

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.sip_sessions import MediaSession
    from wireproof.rules.ice._pairs import Pair

RULE = "ice-media-blocked"
SEVERITY = Severity.ERROR
LASTING = limit(
    "ice-media-blocked.lasting_s",
    60.0,
    "nobody stays in a call without media for a minute, and programs give up earlier",
)
REFERENCES = ["RFC 8445 7", "RFC 8839 4", "RFC 6544 4", "TechNet gg425891"]
EDGE_PORTS = range(50_000, 60_000)


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each session and kind of media that has no working pair; those that have an address in common are one."""
    blocked = [_once(case, group.failed) for group in find_groups(case) if group.is_blocked]
    concerned = Counter(address for failed in blocked for address in set(failed[0].pair.addresses))
    asked = set()
    for failed in blocked:
        first = failed[0]
        finding = _finding(case, failed)
        shared = max(first.pair.addresses, key=lambda address: concerned[address])
        finding.cause = (shared, first.pair.media, first.pair.talk.protocol, first.outcome.kind)
        yield finding
        if finding.cause not in asked and finding.severity is not Severity.INFO:
            asked.add(finding.cause)
            yield from _questions(first)


def _once(case: Case, failed: list[Tried]) -> list[Tried]:
    """Each conversation at the point nearest to its client, the last resorts first."""
    kept = [
        found
        for found in failed
        if len(first_sight(case, found.pair.point, np.array([found.pair.number]), near_client=True))
    ]
    return sorted(kept or failed, key=lambda found: not found.is_last_resort)


def _questions(first: Tried) -> Iterator[Undecided]:
    source, target = first.pair.source, first.pair.target
    if not first.is_last_resort:
        yield Undecided(
            RULE,
            f"whether the media of this session went by a relay: these captures show its direct pairs only ({target})",
            "capture at the TURN relay (for Lync the Edge server, both interfaces) during the same call",
        )
    elif first.outcome.kind in (REFUSED, "silent"):
        yield Undecided(
            RULE,
            f"who keeps {source} from reaching {target}: a filter on either side, or the far host itself",
            f"capture at {first.pair.addresses[1]}, or on the outside of each firewall on the way, during the same call",
        )


def _finding(case: Case, failed: list[Tried]) -> Finding:
    first = failed[0]
    pair, outcome, protocol = first.pair, first.outcome, first.pair.talk.protocol
    sure, addresses = first.is_last_resort, pair.addresses
    return Finding(
        RULE,
        SEVERITY if sure else _severity_of_direct(case, pair.session),
        Confidence.HIGH if sure and all(pair.ends) and not all(pair.translated) else Confidence.MEDIUM,
        f"Media ({pair.media}) is blocked: {protocol.upper()} from {pair.source} to the agreed {pair.target} {WORDS[outcome.kind]}",
        _summary(case, failed),
        _evidence(case, failed),
        where=f"between {addresses[0]} and {addresses[1]}",
        toward="server",
        talk=TalkLabel(protocol, pair.source, pair.target),
        facts=_facts(failed),
        fix=_fixes(first),
        references=REFERENCES,
        filters={found.pair.point.name: display_filter(found.pair.talk) for found in reversed(failed)},
        conversations=[(found.pair.point.name, found.pair.number) for found in failed],
    )


def _severity_of_direct(case: Case, session: MediaSession) -> Severity:
    """What failing direct pairs weigh where a relay, which no capture shows, may carry the media: nothing, if the session lasted."""
    last = session.descriptions[-1]
    end = end_ns(case, last.capture)
    if session.ended and session.ended[0] == last.capture:
        end = session.ended[1].time_ns
    return Severity.INFO if end - last.message.time_ns >= LASTING.value * 1e9 else Severity.WARNING


def _summary(case: Case, failed: list[Tried]) -> str:
    first = failed[0]
    pair, outcome, protocol = first.pair, first.outcome, first.pair.talk.protocol
    session = pair.session
    text = f"{_agreement(case, session)} on {_agreed(pair)} for {pair.media} over {protocol.upper()}. "
    for side in (pair.asker, 1 - pair.asker):
        end = pair.ends[side]
        if end and pair.translated[side]:
            text += f"{pair.talk.address(side)} is {end.address} behind NAT: the port {end.port} is the same. "
    tries = count(outcome.tries, "SYN" if protocol == "tcp" else "packet")
    text += (
        f"In {pair.point.name}, {pair.source} sent {tries} to {pair.target}, which {WORDS[outcome.kind]}"
        f"{f' ({outcome.detail})' if outcome.detail else ''}. "
    )
    if len(failed) > 1:
        others = joined(dict.fromkeys(_pair_text(found) for found in failed[1:]), 4)
        text += f"{count(len(failed) - 1, 'further pair')} of this session fail as well: {others}. "
    text += "None of the agreed pairs that these captures show works."
    text += clock_words(case, session.sides, pair.point)
    said = [reason_of(value) for value in session.diagnostics]
    return text + (f" The parties' own diagnosis: {joined(said, 3)}." if said else "")


def _agreement(case: Case, session: MediaSession) -> str:
    """Where offer and answer are."""
    sides = session.sides
    who = "The parties agreed" if len(sides) > 1 else "One party asked for media"
    return f"{who} ({joined(where(case, described.capture, described.message) for described in sides)})"


def _agreed(pair: Pair) -> str:
    """Both ends as they were named."""
    ends = [pair.end_of(True), pair.end_of(False)]
    return " and ".join(f"{endpoint(end.address, end.port)} ({end.kind})" for end in ends if end)


def _pair_text(found: Tried) -> str:
    pair = found.pair
    return f"{pair.talk.protocol.upper()} {pair.source} to {pair.target} {WORDS[found.outcome.kind]}"


def _evidence(case: Case, failed: list[Tried]) -> list[Evidence]:
    """What fails, then the descriptions that name it."""
    rows = list(failed[0].outcome.evidence)
    for found in failed[1:4]:
        rows += found.outcome.evidence[:2]
    session = failed[0].pair.session
    for described in session.sides:
        whose = "caller" if described.tag == session.caller else "called party"
        rows.append(row_of(case, described.capture, described.message, f"names the addresses of the {whose}"))
    if session.ended:
        capture, message = session.ended
        rows.append(row_of(case, capture, message, f"{message.method} ends the session"))
    return rows


def _facts(failed: list[Tried]) -> dict[str, Any]:
    first = failed[0]
    pair, session = first.pair, first.pair.session
    agreed = [first.pair.end_of(True), first.pair.end_of(False)]
    return {
        "count": 1,
        "media": first.pair.media,
        "transport": pair.talk.protocol,
        "outcome": first.outcome.kind,
        "tries": first.outcome.tries,
        "failed_pairs": len(failed),
        "agreed": [endpoint(end.address, end.port) if end else "" for end in agreed],
        "seen_as": [pair.source, pair.target],
        "translated": any(first.pair.translated),
        "call_id": session.call_id,
        "diagnostics": session.diagnostics[:5],
    }


def _fixes(first: Tried) -> list[str]:
    pair, protocol = first.pair, first.pair.talk.protocol.upper()
    ports = [int(pair.talk.facts["sides"][side]["port"]) for side in (pair.asker, 1 - pair.asker)]
    source, target = _outside(pair, pair.asker), _outside(pair, 1 - pair.asker)
    own, other = pair.addresses
    let = f"Let {protocol} from {source} to {target} pass the firewalls for the whole range"
    fixes = [
        f"{let} of media ports: the next session takes others than {ports[0]} and {ports[1]}.",
        f"Test one port from {own} while a session is being set up: `Test-NetConnection {other} -Port {ports[1]}`."
        if protocol == "TCP"
        else f"Follow one check on the way: capture UDP port {ports[1]} on both sides of each firewall between {own} and {other}.",
    ]
    if any(port in EDGE_PORTS for port in ports):
        fixes[0] = (
            f"{let} 50000-59999: the next session takes other ports. Edge servers of Lync and Skype for Business need TCP and UDP "
            "50000-59999 outbound to any address, and UDP 3478 and TCP 443 inbound."
        )
    if first.outcome.kind == DENIED:
        fixes.insert(
            0, "A STUN agent answers: check that both parties use the credentials of this session (ice-ufrag, ice-pwd)."
        )
    return fixes


def _outside(pair: Pair, side: int) -> str:
    """An end's address, with the one that the parties agreed on where NAT stands between."""
    end, address = pair.ends[side], pair.talk.address(side)
    return f"{address} ({end.address} outside)" if end and pair.translated[side] else address
