"""An IKE or AuthIP negotiation failed: one end refused with an error, or does not answer.

## What is seen
A message in clear tells an error: an AuthIP NOTIFY_STATUS with a Windows error, or a notify of IKEv1 or IKEv2 such as NO_PROPOSAL_CHOSEN. Or the same
request is sent again and again and the other side says nothing to it; or it does answer, and the request comes again all the same. Or the answer to
IKE_AUTH is encrypted and so short that it can only hold an error, and the negotiation ends there; or IKEv1's first encrypted message is answered by
encrypted informational messages and nothing else.

## Why it matters
Without a main mode there are no quick modes, and without these no ESP: everything behind this peer stays unreachable. DirectAccess and Always On VPN
then show as connected on the outside with nothing working through them.

## Fix
For an error, the end that refused knows why: its security log (Windows events 4652, 4653, 4654, 4976) or its IKE log. For silence, capture at the other
end at the same time. Requests that do not arrive were dropped on the way: UDP 500 and, once a NAT was found, UDP 4500 have to pass both ways. When
the first exchange is answered and a later, larger one is not, fragments are dropped: certificates make messages larger than one packet.

## Looks alike but is not
Windows begins IKEv1 and AuthIP side by side where it does not know its peer: the one that stays unanswered means nothing when the other got an answer.
States that are taken down in good order (a policy that changed, a lifetime that ended, an SA that was deleted). INVALID_KE_PAYLOAD and COOKIE, after which the
initiator comes again. Other errors inside encrypted messages can't be seen without keys.

## References
MS-AIPS 2.2.3.5 and appendix A (timers); MS-IKEE; RFC 2408 section 3.14.1; RFC 7296 sections 2.1, 2.21 and 3.10.1; RFC 3947; RFC 7383 (fragmentation).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.rules.endpoints import NAMED_MOST, is_one_point
from wireproof.rules.evidence import display_filter, frame, label
from wireproof.rules.ike._advice import advise
from wireproof.rules.ike._negotiations import Negotiation, Pairs, Trouble, find_negotiations, find_trouble
from wireproof.rules.ike._words import TOLD, Sights, describe, describe_elsewhere, is_floated, name_trouble
from wireproof.rules.subjects import LOOKED_AT

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "ike-failed"
SEVERITY = Severity.ERROR
LARGE_EXCHANGES = {"main mode", "IKE_AUTH"}
AGREED_LATER = " The same two hosts agreed later in this capture."


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a negotiation that failed; those of one peer and kind fold."""
    negotiations = find_negotiations(case)
    if not negotiations:
        return
    sights, pairs = Sights(case, negotiations), Pairs(negotiations)
    found: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    silent = False
    for trouble in _nearest(negotiations):
        if trouble.kind == "silent" and not trouble.negotiation.answered and pairs.has_twin(trouble.negotiation):
            continue
        silent = silent or trouble.kind == "silent"
        alike = found[_cause(trouble)]
        if len(alike) < LOOKED_AT.value:
            alike.append(_finding(sights, trouble, recovered=pairs.agreed_after(trouble)))
        else:
            _count_in(alike[0], trouble)
    yield from (finding for alike in found.values() for finding in alike)
    if silent and is_one_point(case):
        yield Undecided(
            RULE,
            "one capture can't show whether unanswered IKE requests were lost on the way, or arrived and were ignored",
            "capture at the peer at the same time (UDP 500, UDP 4500, ESP) and give both captures",
        )


def _nearest(negotiations: list[Negotiation]) -> Iterator[Trouble]:
    """The trouble of each negotiation once, at the point that shows most of it."""
    best: dict[str, tuple[int, Negotiation]] = {}
    for negotiation in negotiations:
        cookie = negotiation.first.initiator_cookie
        # A cookie that two captures show is one negotiation: an answer that one of them shows was given.
        weight = len(negotiation.messages) + (1 << 20) * negotiation.answered
        if cookie not in best or weight > best[cookie][0]:
            best[cookie] = weight, negotiation
    found = (find_trouble(negotiation) for _, negotiation in best.values())
    yield from (trouble for trouble in found if trouble)


def _cause(trouble: Trouble) -> tuple[str, ...]:
    first = trouble.messages[0]
    return trouble.kind, trouble.name, trouble.negotiation.endpoint(first, of_sender=trouble.kind in TOLD)


def _count_in(finding: Finding, trouble: Trouble) -> None:
    """Of hundreds of one cause the rest is counted only, in the first."""
    finding.facts["count"] = finding.facts.get("count", 1) + 1
    if len(finding.conversations) < NAMED_MOST.value:
        finding.conversations += [
            (trouble.negotiation.point.name, number) for number in trouble.negotiation.conversations
        ]


def _finding(sights: Sights, trouble: Trouble, *, recovered: bool) -> Finding:
    negotiation, first = trouble.negotiation, trouble.messages[0]
    point, talk = negotiation.point, negotiation.point.talk(first.conversation)
    peer = negotiation.endpoint(first, of_sender=trouble.kind in TOLD)
    dead_peer = trouble.kind == "silent" and first.exchange_name == "INFORMATIONAL"
    return Finding(
        rule=RULE,
        severity=Severity.WARNING if recovered or dead_peer else SEVERITY,
        confidence=Confidence.HIGH if trouble.kind == "refused" else Confidence.MEDIUM,
        title=name_trouble(trouble),
        summary=describe(trouble) + describe_elsewhere(sights, trouble) + (AGREED_LATER if recovered else ""),
        evidence=_evidence(trouble),
        where=f"at {peer}" if trouble.kind in TOLD else f"between {negotiation.endpoint(first)} and {peer}",
        toward="server" if first.from_initiator else "client",
        talk=label(talk),
        facts=_facts(trouble),
        fix=_fix(trouble),
        references=["MS-AIPS 2.2.3.5", "RFC 7296 2.1", "RFC 7296 3.10.1", "RFC 2408 3.14.1"],
        filters={point.name: display_filter(talk)},
        cause=_cause(trouble),
        conversations=[(point.name, number) for number in negotiation.conversations],
    )


def _evidence(trouble: Trouble) -> list[Evidence]:
    """The messages that prove it, after the first of the negotiation."""
    negotiation, point = trouble.negotiation, trouble.negotiation.point
    note = {"refused": f"refuses: {trouble.name}", "hidden": "encrypted, and no acceptance"}.get(
        trouble.kind, "no answer"
    )
    found = []
    if negotiation.first not in trouble.messages:
        found.append(frame(point, negotiation.first.row, f"the negotiation begins: {negotiation.first.exchange_name}"))
    if trouble.kind == "unheard":
        found.append(frame(point, trouble.others[0].row, "the answer"))
        note = "the same request, again"
    found += [frame(point, message.row, note) for message in trouble.messages[:6]]
    return sorted(found, key=lambda evidence: evidence.frame)


def _facts(trouble: Trouble) -> dict[str, object]:
    negotiation, first = trouble.negotiation, trouble.messages[0]
    known = {m.from_initiator: m.windows for m in negotiation.messages if m.windows}
    facts: dict[str, object] = {
        "kind": trouble.kind,
        "protocol": first.protocol,
        "exchange": trouble.name if trouble.kind == "hidden" else first.exchange_name,
        "initiator_cookie": first.initiator_cookie,
        "messages": len(negotiation.messages),
        "attempts": len(trouble.messages),
        "message_bytes": first.length,
        "initiator_windows": known.get(True, ""),
        "responder_windows": known.get(False, ""),
    }
    if trouble.kind == "refused":
        facts["error"] = trouble.name
        facts["error_code"] = first.error or next((kind for kind in first.notify_types if kind), 0)
    return facts


def _fix(trouble: Trouble) -> list[str]:
    negotiation, first = trouble.negotiation, trouble.messages[0]
    if trouble.kind == "refused":
        return advise(trouble.name)
    if trouble.kind == "hidden":
        return [
            "Read the error at either end: Windows events 4652 to 4654, RasClient event 20227 (13801 and the like), or its IKE log.",
            *advise("AUTHENTICATION-FAILED"),
        ]
    peer = negotiation.address(first, of_sender=False)
    steps = [f"Capture at {peer} at the same time: do these messages arrive there, and does it answer?"]
    if not negotiation.answered:
        return [
            *steps,
            f"If they arrive: is the IKE service running there (Windows: `sc query ikeext`), and does its policy know {negotiation.address(first)}?",
            f"If not: let UDP {negotiation.endpoint(first, of_sender=False).rpartition(':')[2]} through both ways, and UDP 4500 for clients behind NAT.",
        ]
    if is_floated(negotiation, first):
        return [
            *steps,
            "Let UDP 4500 through in both directions; it is needed beside UDP 500 wherever a NAT stands between.",
        ]
    if first.exchange_name in LARGE_EXCHANGES:
        steps.append(
            "Certificates make this message long: let IP fragments pass on the way, or turn on IKE fragmentation at both ends (RFC 7383; Windows: "
            "`EnableIKEv2Fragmentation` of the RemoteAccess\\Parameters\\Ikev2 key on Server 2012 R2 and later)."
        )
    return steps
