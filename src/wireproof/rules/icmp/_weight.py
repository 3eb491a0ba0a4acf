"""How much an ICMP error matters: what became of the packets it is about.

Takes a complaint; gives a severity and a sentence on the effect. Wording of the finding is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, seconds

if TYPE_CHECKING:
    from wireproof.rules.icmp._complaints import Complaint

TRACE_TTL = limit(
    "icmp-unreachable.trace_ttl",
    32,
    "systems send with a TTL of 64, 128 or 255, and paths have fewer than 32 hops: lower ones are set on purpose",
)
HEEDS_WITHIN = limit(
    "icmp-unreachable.heeds_s",
    0.2,
    "segments already on their way may be too large; after a retransmission timeout they may not",
)

SMALLEST_MTU = 68
"""Every IPv4 link carries as much (RFC 791 section 3.2), so no smaller packet ever needs to be cut."""
TRACEROUTE_PORTS = range(33434, 33535)
QUIET_PORTS = {
    137: "NetBIOS name service",
    138: "NetBIOS datagram service",
    161: "SNMP",
    5353: "multicast DNS",
    5355: "LLMNR",
    1900: "SSDP",
}
"""UDP services that are tried on chance: a host that does not offer them says so, and nothing is broken."""
SERVICE_PORTS = frozenset(
    {1194, 1434, 1645, 1646, 1701, 1812, 1813, 2049, 3389, 3478, 3544, 4500, 4789, 5060, 5061, 5349, 6081, 51820}
)
"""UDP ports above 1023 at which a service is expected; others are peers of games and calls, which come and go."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a complaint comes to. `kind` is `closed`, `blocked`, `lost_way`, `loop`, `trace`, `late`, `too_big` or `fragments`.

    `everyday` says that healthy hosts cause such errors all the time.
    """

    severity: Severity
    kind: str
    effect: str
    everyday: bool = False


def weigh(complaint: Complaint) -> Weight:
    """Judge one complaint."""
    error = complaint.error
    v4 = error.version == 4
    if (error.kind, error.code) == (3, 4) if v4 else error.kind == 2:
        return weigh_too_big(complaint)
    if error.kind == (11 if v4 else 3):
        return weigh_exceeded(complaint)
    if (error.kind, error.code) == ((3, 3) if v4 else (1, 4)):
        return weigh_closed(complaint)
    if error.kind == (3 if v4 else 1):
        return weigh_unreachable(complaint)
    return Weight(Severity.INFO, "other", "")


def weigh_unreachable(complaint: Complaint) -> Weight:
    """Network, host and protocol unreachable, and prohibited ones."""
    kind = "blocked" if "prohibited" in complaint.error.name else "lost_way"
    if not complaint.is_original_here:
        return Weight(
            Severity.INFO, kind, "The capture holds no packet of the quoted sender, so what followed can't be seen."
        )
    receiver = complaint.receiver_facts
    if receiver is None:
        return Weight(Severity.WARNING, kind, "")
    if answered_after(complaint):
        return Weight(Severity.INFO, kind, "The conversation went on afterwards, so this passed.")
    if int(receiver["packets"]):
        return Weight(
            Severity.WARNING, kind, "The conversation had worked before and got no packet from there afterwards."
        )
    if complaint.protocol == "tcp":
        insists = kind == "blocked" or complaint.count > 1
        return Weight(Severity.ERROR if insists else Severity.WARNING, kind, "The connection never got an answer.")
    # A lone datagram to a host that is gone is everyday for peers of calls and games.
    alone = kind == "lost_way" and complaint.count == 1
    return Weight(Severity.INFO if alone else Severity.WARNING, kind, "The conversation never got an answer.")


def answered_after(complaint: Complaint) -> bool:
    """Whether the quoted packet's destination sent anything after the last error."""
    receiver = complaint.receiver_facts
    last_ns = complaint.point.packets.time_ns[complaint.rows[-1]]
    return bool(receiver["last_ns"] > last_ns and receiver["packets"] > receiver["rsts"])


def weigh_closed(complaint: Complaint) -> Weight:
    """Port unreachable: nobody listens there, or no longer."""
    quoted = complaint.quoted
    if quoted is None or not complaint.is_original_here:
        unseen = "The capture holds no packet of the quoted sender, so what followed can't be seen."
        return Weight(Severity.INFO, "closed", unseen, everyday=quoted is None)
    if complaint.is_to_client:
        return Weight(
            Severity.INFO,
            "late",
            "The quoted packet was an answer: who had asked had closed its socket by then.",
            everyday=True,
        )
    if quoted.protocol == 17 and (
        quoted.destination_port in TRACEROUTE_PORTS or 0 < complaint.ttl_max < TRACE_TTL.value
    ):
        return Weight(Severity.INFO, "trace", "It answers a traceroute.", everyday=True)
    if quoted.protocol == 17 and quoted.destination_port in QUIET_PORTS:
        return Weight(
            Severity.INFO,
            "closed",
            f"The host does not offer {QUIET_PORTS[quoted.destination_port]}, which is tried on chance.",
            everyday=True,
        )
    receiver = complaint.receiver_facts
    if receiver is not None and int(receiver["packets"]):
        return Weight(Severity.INFO, "closed", "The conversation had answers as well.")
    if quoted.protocol == 17 and quoted.destination_port >= 1024 and quoted.destination_port not in SERVICE_PORTS:
        return Weight(
            Severity.INFO,
            "closed",
            "No known service uses that port; a peer that is gone answers like this.",
            everyday=True,
        )
    if quoted.protocol == 6:
        return Weight(
            Severity.ERROR, "blocked", "A closed TCP port answers with a reset; this answer is that of a filter."
        )
    return Weight(Severity.WARNING, "closed", "Nothing listens on that UDP port.")


def weigh_exceeded(complaint: Complaint) -> Weight:
    """Time exceeded: a loop, a traceroute, or fragments that never were complete."""
    if complaint.error.code == 1:
        return Weight(
            Severity.WARNING, "fragments", "Some fragments of the packet never arrived, so all of it is lost."
        )
    ttl = complaint.ttl_max
    if ttl == 0:
        return Weight(
            Severity.INFO,
            "trace",
            "The TTL of the quoted sender's packets is not known here, so a traceroute can't be told from a loop.",
            everyday=complaint.quoted is None or not complaint.point.capture.carries("ttl"),
        )
    if ttl < TRACE_TTL.value:
        told = f"The packets were sent with a TTL of at most {ttl}, as traceroute does."
        return Weight(Severity.INFO, "trace", told, everyday=True)
    # One packet alone may have been caught by a route that was changing.
    severity = Severity.WARNING if complaint.count > 1 else Severity.INFO
    return Weight(
        severity,
        "loop",
        f"The packets pass here with a TTL of {ttl}; no path is that long, so they go round in a routing loop.",
    )


def weigh_too_big(complaint: Complaint) -> Weight:
    """Fragmentation needed or packet too big: heeded by its sender, or not."""
    if complaint.talk is None or not complaint.is_original_here:
        return Weight(Severity.INFO, "too_big", "What the sender did then is not in this capture.")
    again, after_s = still_too_big(complaint)
    if again:
        return Weight(
            Severity.WARNING,
            "too_big",
            f"The sender sent {count(again, 'more packet')} of that size, the first {seconds(after_s)} later: it ignores the message, or the message does "
            "not reach it.",
        )
    return Weight(Severity.INFO, "too_big", "The sender sent nothing larger afterwards: path MTU discovery works.")


def still_too_big(complaint: Complaint) -> tuple[int, float]:
    """How many later packets of the same sender were again too large, and after how many seconds the first.

    Packets larger than the rejected one are left out: those are segments that the sender's adapter cuts (TSO).
    """
    packets = complaint.point.packets
    rejected = rejected_size(complaint)
    told_ns = int(packets.time_ns[complaint.report.row])
    rows = complaint.point.conversations.rows(complaint.conversation)
    mine = rows[
        (packets.direction[rows] == complaint.side)
        & (packets.layers[rows] & (1 << 11) == 0)
        & (packets.length[rows] > 0)
    ]
    later = mine[packets.time_ns[mine] - told_ns >= HEEDS_WITHIN.value * 1e9]
    size = packets.length[later].astype(np.int64) + packets.payload_at[later] - packets.network_at[later]
    # Old routers give no MTU (RFC 1191 section 5): then a packet of the rejected size shows that nothing was learnt.
    too_large = (size > complaint.error.mtu if complaint.error.mtu else size >= rejected) & (size <= rejected)
    found = later[too_large]
    return len(found), float(packets.time_ns[found[0]] - told_ns) / 1e9 if len(found) else 0.0


def rejected_size(complaint: Complaint) -> int:
    """Size of the rejected packet in bytes: as quoted, or the original's where the quote's length can't be right."""
    stated = complaint.quoted.length if complaint.quoted else 0
    if stated > max(complaint.error.mtu, SMALLEST_MTU):
        return stated
    packets, rows = complaint.point.packets, complaint.point.conversations.rows(complaint.conversation)
    before = rows[
        (rows < complaint.report.row) & (packets.direction[rows] == complaint.side) & (packets.length[rows] > 0)
    ]
    sizes = packets.length[before].astype(np.int64) + packets.payload_at[before] - packets.network_at[before]
    return int(sizes.max()) if len(sizes) else stated
