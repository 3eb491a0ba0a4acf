"""A host sends segments larger than the MSS that its peer announced, and they do not get through.

## What is seen
The peer's SYN announces a maximum segment size, the sender sends one segment of more bytes than that, repeats it at the same size, and
it is never acknowledged. Smaller segments of the same connection pass.

## Why it matters
The peer, or a device before it, drops what is larger than announced. The connection works until the first full-size segment, then it
stands still and is reset: mails with short bodies arrive, longer ones never do.

## Fix
Let the peer (or the device that rewrites its SYN) announce an MSS that the sender can keep, or mend the sender. 536 bytes is 576 − 40: the
smallest MTU that Windows Vista / Server 2008 and later accept is 576, so these systems never send less than 536 bytes in a full
segment, whatever the peer announces. Windows Server 2003 does.

## Looks alike but is not
Captures taken at the sender show segments before the adapter cuts them (TSO), and at a receiver after it joined them (GRO, RSC): many
times the MSS, and acknowledged. Losses of segments that keep the MSS (`tcp-retransmission`, `path-mtu-blackhole`).

## References
RFC 9293 section 3.7.1 (maximum segment size); RFC 6691 (TCP options and MSS); RFC 791 (576 bytes); Windows registry value MTU, whose
valid range begins at 576 (TCP/IP Registry Values for Microsoft Windows Vista and Windows Server 2008).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, seconds, stored
from wireproof.rules.repeats import Repeats, Stuck
from wireproof.rules.subjects import Mask, Subject, sides, subjects
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "tcp-mss-exceeded"
SEVERITY = Severity.ERROR
COPIES = limit(
    "tcp-mss-exceeded.copies",
    3,
    "an oversized segment that was sent once or twice may have been cut by an offloading adapter after the capture",
)
JOINED = limit(
    "tcp-mss-exceeded.joined_share",
    2.0,
    "segments joined by an adapter reach twice the MSS soon; a wrong segment size does not",
)
WINDOWS_LEAST = 536


def judge(case: Case) -> Iterator[Finding]:
    """One finding a sender and connection; those of one pair of hosts fold."""
    for subject in subjects(case, select, "retransmissions"):
        repeats = Repeats(subject)
        stuck = oversized(repeats)
        if stuck:
            yield finding(case, repeats, stuck)


def select(point: Point) -> Mask:
    """Sides that sent more in one segment than the other side announced, not far more, and repeated something."""
    chosen = sides(point, "retransmissions") > 0
    numbers, senders = np.nonzero(chosen)
    facts = point.conversations.facts["sides"]
    mine, announced = facts[numbers, senders], facts["mss"][numbers, 1 - senders]
    over = (announced > 0) & (mine["max_payload"] > announced) & (mine["max_payload"] < announced * JOINED.value)
    chosen[numbers, senders] = over & (mine["offloaded"] == 0)
    return np.asarray(chosen)


def oversized(repeats: Repeats) -> Stuck | None:
    """The oversized segment that was repeated at its size and never acknowledged; None when there is none."""
    announced, s = int(repeats.subject.other["mss"]), repeats.segments
    for stuck in repeats.stuck:
        sizes = s.length[stuck.copies]
        layers = repeats.subject.point.packets.layers[s.row[stuck.copies]]
        plain = not (layers & LAYERS["offload_length"]).any()
        if (
            plain
            and not stuck.acknowledged
            and len(sizes) >= COPIES.value
            and (sizes == stuck.length).all()
            and stuck.length > announced
        ):
            return stuck
    return None


def finding(case: Case, repeats: Repeats, stuck: Stuck) -> Finding:
    """The finding on one sender."""
    subject = repeats.subject
    announced, size, headers = int(subject.other["mss"]), stuck.length, header_bytes(subject)
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"{subject.address} sends {size}-byte segments although {subject.peer_address} announced MSS {announced}",
        describe(repeats, stuck),
        rows(repeats, stuck),
        where=f"between {subject.endpoint} and {subject.peer_endpoint}",
        toward=subject.peer_role,
        talk=subject.label(case),
        facts={
            "announced_mss_bytes": announced,
            "sent_bytes": size,
            "copies": len(stuck.copies),
            "implied_mtu_bytes": size + headers,
            "largest_passed_bytes": largest_passed(repeats, stuck),
        },
        fix=[
            (
                f"On {subject.peer_address}, or the device before it that rewrites its SYN: announce an MSS of at least {size} "
                f"(interface MTU of at least {size + headers})."
            ),
            (
                f"On {subject.address}: check the MTU of the interface (Windows: `netsh interface ipv4 show subinterfaces`, registry value MTU "
                r"under HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{GUID}, 576 at least; Linux: `ip link`, route "
                "option advmss)."
            ),
            "Until then: send through a relay that keeps small segments, such as a host that accepts an MTU below 576.",
        ],
        references=["RFC 9293 3.7.1", "RFC 6691", "RFC 791"],
        filters={subject.point.name: f"{display_filter(subject.talk)} && (tcp.flags.syn==1 || tcp.len>{announced})"},
        cause=(subject.address, subject.peer_address, str(size)),
        conversations=[(subject.point.name, subject.number)],
    )


def header_bytes(subject: Subject) -> int:
    """IP and TCP header without options (RFC 9293 section 3.7.1)."""
    return 40 if subject.facts["version"] == 4 else 60


def largest_passed(repeats: Repeats, stuck: Stuck) -> int:
    """Largest segment of this side that is not the stuck one; 0 for none."""
    passed = repeats.segments.length[repeats.sent[~np.isin(repeats.sent, stuck.copies)]]
    return int(passed.max()) if len(passed) else 0


def rows(repeats: Repeats, stuck: Stuck) -> list[Evidence]:
    """The SYN that announced, the copies, and the end."""
    subject, point = repeats.subject, repeats.subject.point
    announced, size = int(subject.other["mss"]), stuck.length
    found = stored(point, int(subject.other["syn_row"]), f"announces MSS {announced}")
    for turn, place in enumerate(stuck.copies[:8].tolist()):
        note = "the same again, never acknowledged" if turn else f"{size} bytes, {size - announced} more than announced"
        found.append(frame(point, int(repeats.segments.row[place]), note))
    return found + stored(point, int(subject.facts["reset_row"]), "the connection is given up")


def describe(repeats: Repeats, stuck: Stuck) -> str:
    """What happened, in words."""
    subject, times = repeats.subject, repeats.segments.time_s[stuck.copies]
    text = (
        f"{subject.peer_endpoint} announced an MSS of {int(subject.other['mss'])} bytes, but {subject.endpoint} sent a segment of {stuck.length} "
        f"bytes {len(stuck.copies)} times within {seconds(float(times[-1] - times[0]))}, and it was never acknowledged. "
    )
    if passed := largest_passed(repeats, stuck):
        text += f"Its smaller segments (up to {passed} bytes) passed. "
    return text + explain_size(stuck.length, header_bytes(subject), int(subject.mine["mss"]))


def explain_size(size: int, headers: int, own_mss: int) -> str:
    """Where the sender's segment size comes from."""
    if size == WINDOWS_LEAST and headers == 40:
        return (
            f"{size} = 576 − 40: the sender takes 576 for the smallest MTU there is, as Windows Vista / Server 2008 and later do, and subtracts "
            "20 bytes each for IP and TCP header."
        )
    if size == own_mss:
        return f"{size} bytes is the MSS that the sender announced itself: it ignores the peer's."
    return f"With {headers} bytes of headers the sender works with an MTU of {size + headers}. " + (
        f"{count(own_mss, 'byte')} is what it announced itself." if own_mss else ""
    )
