"""Frames have an IP length of 0: the capture was taken on the sender, before its adapter cut them into segments.

## What is seen
IPv4 packets with a total length of 0 (or IPv6 packets with a payload length of 0) that carry data all the same. Their real length
is that of the frame.

## Why it matters
With TCP segmentation offload (TSO, LSO) the host hands large pieces to its adapter, which cuts them and fills the length in. A tool
that believes the field takes the data for lost: "previous segment not captured", "ACKed unseen segment". Nothing is lost.

## Fix
Nothing is wrong on the wire. To see what is really sent, capture at a switch port or at the receiver, or turn the offload off while
capturing.

## Looks alike but is not
A damaged packet: its other fields make no sense either. Segments that are larger than the MTU with a right length are the same
offload in a newer stack.

## References
RFC 791 section 3.1 (total length); Wireshark preference "Support packet-capture from IP TSO-enabled hardware".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.rules.evidence import count, display_filter, frame, joined, label
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "capture-offload-length"
SEVERITY = Severity.INFO
SHOWN = 8


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each capture."""
    for point in case.points:
        rows = offloaded(point)
        if len(rows):
            yield finding(point, rows)


def offloaded(point: Point) -> NDArray[np.int64]:
    """Rows of packets that carry data under a length of 0."""
    packets = point.packets
    rows = packets.rows_with("layers", LAYERS["offload_length"])
    return rows[(packets.length[rows] > 0) & (packets.conversation[rows] >= 0)]


def senders(point: Point, rows: NDArray[np.int64]) -> list[str]:
    """Addresses that sent these packets, most packets first."""
    packets = point.packets
    ends = np.stack([packets.conversation[rows].astype(np.int64), packets.direction[rows].astype(np.int64)], axis=1)
    pairs, counts = np.unique(ends, axis=0, return_counts=True)
    found: dict[str, int] = {}
    for (number, side), times in zip(pairs[:5000].tolist(), counts.tolist(), strict=False):
        address = point.talk(number).address(side)
        found[address] = found.get(address, 0) + times
    return sorted(found, key=lambda address: -found[address])


def finding(point: Point, rows: NDArray[np.int64]) -> Finding:
    """The finding on one capture."""
    packets = point.packets
    hosts, lengths = senders(point, rows), packets.length[rows]
    largest = int(rows[np.argmax(lengths)])
    talk = point.talk(int(packets.conversation[rows[0]]))
    shown = list(dict.fromkeys([int(rows[0]), largest, *rows[1:SHOWN].tolist()]))[:SHOWN]
    numbers = np.unique(packets.conversation[rows])
    where = hosts[0] if len(hosts) == 1 else f"the host of {joined(hosts, 3)}"
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"The capture was taken on {where}, whose adapter cuts segments ({count(len(rows), 'frame')} with IP length 0)",
        f"{count(len(rows), 'frame')} sent by {joined(hosts, 4)} {'states' if len(rows) == 1 else 'state'} an IP length of 0 but "
        f"{'carries' if len(rows) == 1 else 'carry'} "
        f"{amount(lengths)}. Each is a large segment that the adapter still had to cut (TCP segmentation offload), so the capture was "
        "taken on the sending host. Such frames are read with their real length here; no data is missing because of them.",
        [frame(point, row, f"IP length 0, {int(packets.length[row]):,} bytes of payload") for row in shown],
        where=f"at {where}",
        talk=label(talk),
        facts={
            "count": len(rows),
            "frames": len(rows),
            "hosts": hosts[:20],
            "payload_bytes": int(packets.length[rows[0]]),
            "largest_bytes": int(lengths.max()),
            "total_bytes": int(lengths.sum()),
            "conversations": len(numbers),
        },
        fix=[
            (
                'Nothing has to be mended. In Wireshark, turn on Preferences > Protocols > IPv4 > "Support packet-capture from IP TSO-enabled '
                'hardware" to see these frames as TCP.'
            ),
            (
                "To capture what is on the wire, turn the offload off meanwhile: Windows `Disable-NetAdapterLso -Name <ADAPTER>`, Linux "
                "`ethtool -K <INTERFACE> tso off gso off`; or capture at the switch."
            ),
        ],
        references=["RFC 791 3.1"],
        filters={
            point.name: f"ip.len==0 && {display_filter(talk)}"
            if talk.facts["version"] == 4
            else f"ipv6.plen==0 && {display_filter(talk)}"
        },
        cause=(point.name,),
        conversations=[(point.name, number) for number in numbers[:1000].tolist()],
    )


def amount(lengths: NDArray[np.uint32]) -> str:
    """How many bytes of data the frames carry."""
    if len(lengths) == 1:
        return f"{int(lengths[0]):,} bytes of data"
    return f"up to {int(lengths.max()):,} bytes of data, {int(lengths.sum()):,} in all"
