"""Transport checksums are wrong: left to the sender's adapter, or damaged on the way.

## What is seen
TCP and UDP checksums of a sample of whole frames are computed. Where the wrong ones are the sum of the pseudo header alone, or are all
on frames that the capturing host sent, the adapter was still to fill them in. Where received frames are wrong and their segments
are repeated, something damages packets.

## Why it matters
Offloaded checksums are harmless, but a tool that verifies them paints every sent frame as broken. Really damaged packets are dropped
by the receiver without a word, and look like loss.

## Fix
Offload: nothing to mend. Damage: look for the device that rewrites packets and forgets the checksum (NAT, load balancers, cheap
routers), or for bad memory or a bad cable where only few are wrong.

## Looks alike but is not
UDP checksums of 0 over IPv4 mean that there is none. Frames cut by a snap length can't be verified, and are not.

A healthy capture taken on a host: nearly all of those have offloaded checksums. The remarks on offload and on edited captures stand
only beside an error or a warning on the same capture, or when only the family `capture` is asked for.

## References
RFC 1071; RFC 9293 section 3.1; RFC 768.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.capture._checksums import Sender, look
from wireproof.rules.capture.offload_length import offloaded, senders
from wireproof.rules.evidence import count, frame, joined, label
from wireproof.table.schema import MARKS
from wireproof.wire.checksum import ChecksumState

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "capture-offload-checksum"
SEVERITY = Severity.WARNING
SHARE = limit(
    "capture-offload-checksum.share",
    0.5,
    "an adapter that computes checksums does so for nearly every frame of its host",
)
SHOWN = 8
WRONG_FILTER = 'tcp.checksum.status=="Bad" || udp.checksum.status=="Bad"'
BAD = (ChecksumState.PARTIAL, ChecksumState.WRONG)


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding on offload for each capture, and one for each sender of damaged packets."""
    for point in case.points:
        found = [sender for sender in look(point).values() if sender.count(*BAD)]
        left_open = [sender for sender in found if is_offloaded(sender)]
        told = set(senders(point, offloaded(point))) if left_open else set()
        if left_open and not {sender.address for sender in left_open} <= told:
            yield offload_finding(point, left_open)
        wrong = [sender for sender in found if sender not in left_open and sender.count(ChecksumState.WRONG)]
        repeated = {sender.address: repeats_of(point, sorted(sender.rows[ChecksumState.WRONG])) for sender in wrong}
        for sender in wrong:
            if repeated[sender.address]:
                yield damage_finding(point, sender, repeated[sender.address])
        altered = [sender for sender in wrong if not repeated[sender.address]]
        if altered:
            yield altered_finding(point, altered)


def is_offloaded(sender: Sender) -> bool:
    """Whether the sender's adapter was still to compute its checksums."""
    if sender.count(ChecksumState.PARTIAL) >= sender.count(ChecksumState.WRONG):
        return True
    return sender.here > 0 and not sender.elsewhere and sender.count(*BAD) >= SHARE.value * sender.total


def offload_finding(point: Point, found: list[Sender]) -> Finding:
    """The finding on a capture at the sender."""
    hosts, bad = [sender.address for sender in found], sum(sender.count(*BAD) for sender in found)
    rows = sorted(row for sender in found for state in BAD for row in sender.rows[state])
    proven = any(sender.here for sender in found)
    return Finding(
        RULE,
        Severity.INFO,
        Confidence.HIGH
        if proven or all(not sender.count(ChecksumState.WRONG) for sender in found)
        else Confidence.MEDIUM,
        f"Checksums of {joined(hosts, 2)} are left to {'its adapter' if len(hosts) == 1 else 'their adapters'}",
        f"{portion(bad, sum(sender.total for sender in found), hosts)} a TCP or UDP checksum that is not filled in yet: "
        f"it holds the sum of the pseudo header, or nothing of use. The capture was taken on {'that host' if len(hosts) == 1 else 'those hosts'} "
        "(or on a virtual switch), before the adapter computed the checksum. On the wire it is right.",
        [frame(point, row, "checksum not computed yet") for row in rows[:SHOWN]],
        where=f"at {joined(hosts, 3)}",
        talk=label(point.talk(int(point.packets.conversation[rows[0]]))),
        facts={
            "count": 1,
            "frames": bad,
            "frames_looked_at": sum(sender.total for sender in found),
            "hosts": hosts[:20],
        },
        fix=[
            (
                "Nothing has to be mended. Wireshark verifies these checksums only when told to (Preferences > Protocols > TCP); leave that off "
                "for captures taken on the sender."
            )
        ],
        references=["RFC 1071"],
        filters={point.name: f"ip.src=={hosts[0]}" if ":" not in hosts[0] else f"ipv6.src=={hosts[0]}"},
        cause=(point.name, "offload"),
        aside=True,
    )


def portion(bad: int, total: int, hosts: list[str]) -> str:
    """`3 of 80 frames looked at from 10.1.1.1 have`."""
    return f"{bad} of {count(total, 'frame')} looked at from {joined(hosts, 4)} {'has' if bad == 1 else 'have'}"


def damage_finding(point: Point, sender: Sender, repeated: list[int]) -> Finding:
    """The finding on packets that arrive with wrong checksums and are sent again."""
    rows, packets = sorted(sender.rows[ChecksumState.WRONG]), point.packets
    talk = point.talk(int(packets.conversation[rows[0]]))
    notes: list[Evidence] = [frame(point, row, f"wrong {talk.protocol.upper()} checksum") for row in rows[:SHOWN]]
    notes += [frame(point, row, "the same segment again") for row in repeated[:4]]
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"Packets of {sender.address} arrive with wrong checksums and are sent again",
        f"{portion(len(rows), sender.total, [sender.address])} a wrong TCP or UDP checksum, which is not that of an offload. "
        f"{count(len(repeated), 'of these segments was', 'of these segments were')} sent again, as the receiver drops a damaged segment without a word.",
        notes,
        where=f"between {sender.address} and the place of capture",
        toward="server" if talk.client_side == int(packets.direction[rows[0]]) else "client",
        talk=label(talk),
        facts={
            "count": len(rows),
            "frames": len(rows),
            "frames_looked_at": sender.total,
            "sent_again": len(repeated),
            "host": sender.address,
        },
        fix=[
            "Find the device between that rewrites these packets (NAT, load balancer, inspection) and update it or turn that function off.",
            "Where only few packets are damaged, look at error counters of the interfaces on the way (`show interface`, `ethtool -S`).",
        ],
        references=["RFC 9293 3.1", "RFC 768"],
        filters={point.name: WRONG_FILTER},
        cause=(point.name, sender.address, "damage"),
        conversations=[
            (point.name, number) for number in dict.fromkeys(int(packets.conversation[row]) for row in rows)
        ],
    )


def altered_finding(point: Point, found: list[Sender]) -> Finding:
    """The finding on wrong checksums that nobody minded: more likely the capture was edited than the packets damaged."""
    hosts, rows = (
        [sender.address for sender in found],
        sorted(row for sender in found for row in sender.rows[ChecksumState.WRONG]),
    )
    total = sum(sender.total for sender in found)
    return Finding(
        RULE,
        Severity.INFO,
        Confidence.LOW,
        f"Checksums of {joined(hosts, 2)} do not fit the packets",
        f"{portion(len(rows), total, hosts)} a wrong TCP or UDP checksum, and none of these segments is seen again. "
        "Receivers drop such packets, so most likely the capture was edited (addresses made anonymous), or it was taken before an adapter or a "
        "tunnel filled the checksum in.",
        [frame(point, row, "wrong checksum") for row in rows[:SHOWN]],
        where=f"at the capture {point.name}",
        talk=label(point.talk(int(point.packets.conversation[rows[0]]))),
        facts={"count": 1, "frames": len(rows), "frames_looked_at": total, "hosts": hosts[:20]},
        fix=["Use the capture as it was taken, where there is one; else read this as a property of the file."],
        references=["RFC 1071"],
        filters={point.name: WRONG_FILTER},
        cause=(point.name, "altered"),
        aside=True,
    )


def repeats_of(point: Point, rows: list[int]) -> list[int]:
    """Later copies of TCP segments."""
    packets, found = point.packets, []
    for row in rows[:50]:
        if packets.protocol[row] != 6 or not packets.length[row]:
            continue
        mine = point.conversations.rows(int(packets.conversation[row]))
        same = mine[
            (mine > row) & (packets.seq[mine] == packets.seq[row]) & (packets.direction[mine] == packets.direction[row])
        ]
        found += same[packets.marks[same] & MARKS["retransmission"] != 0][:1].tolist()
    return found
