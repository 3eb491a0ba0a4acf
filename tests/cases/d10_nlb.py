"""NLB clusters in multicast mode: a unicast address answered with a multicast MAC, which the router does not take.

Three captures on a cluster node, one a form of the MAC: the article's 0300.5e11.1111 for 172.16.63.241, the 03-bf form
that is made of the cluster's address, and the IGMP form 01-00-5e-7f. A host of the same subnet reaches the cluster; the
router asks again and again and forwards nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.packets import TCP, Ethernet, IPv4, arp_reply, arp_request, mss, sack_permitted

CLUSTER, ROUTER, NEIGHBOUR = "172.16.63.241", "172.16.63.1", "172.16.63.40"
NODE_MAC, ROUTER_MAC, NEIGHBOUR_MAC = "00:1e:0b:3f:63:02", "00:0f:8f:63:63:01", "00:1e:0b:3f:63:28"
MACS = {
    "article": "03:00:5e:11:11:11",
    "multicast": "03:bf:ac:10:3f:f1",
    "igmp": "01:00:5e:7f:3f:f1",
}
START_NS = int(datetime(2010, 5, 4, 7, 0, tzinfo=UTC).timestamp()) * SECOND
ASKED_AT = (0, 2, 4, 6, 30, 32, 34, 36)
"""Seconds at which the router asks."""

EXPECT: dict[str, Any] = {
    "rules": ("arp-multicast-mac",),
    "address": CLUSTER,
    "macs": MACS,
    "static_arp": {"article": "arp 172.16.63.241 0300.5e11.1111", "multicast": "arp 172.16.63.241 03bf.ac10.3ff1"},
    "evidence": {"capture": (2,)},
}
"""Frame 2 is the first answer."""


HOST_TABLE = """\
C:\\> arp -a

Interface: 172.16.63.40 --- 0xb
  Internet Address      Physical Address      Type
  172.16.63.1           00-0f-8f-63-63-01     dynamic
  172.16.63.241         03-00-5e-11-11-11     dynamic
  172.16.63.255         ff-ff-ff-ff-ff-ff     static
  224.0.0.22            01-00-5e-00-00-16     static
"""
ROUTER_TABLE = """\
router#show arp
Protocol  Address          Age (min)  Hardware Addr   Type   Interface
Internet  172.16.63.1             -   000f.8f63.6301  ARPA   Vlan63
Internet  172.16.63.40            2   001e.0b3f.6328  ARPA   Vlan63
Internet  172.16.63.241           0   Incomplete      ARPA
"""
"""What a host of the subnet and the router have in their tables, by the article's words: the router's entry stays incomplete."""


def answered(asker_mac: str, asker: str, cluster_mac: str, time_ns: int) -> list[Frame]:
    """A request for the cluster's address and the node's answer: sent from its own MAC, telling the cluster's."""
    told = arp_reply(cluster_mac, CLUSTER, asker_mac, asker)
    answer = Ethernet(NODE_MAC, asker_mac, told.payload)
    return [
        Frame(time_ns, bytes(arp_request(asker_mac, asker, CLUSTER)).ljust(60, b"\0")),
        Frame(time_ns + 150_000, bytes(answer)),
    ]


def neighbour_session(cluster_mac: str, start_ns: int) -> list[Frame]:
    """A healthy session of a host in the same subnet, whose frames go to the multicast MAC."""
    port, offer, ask, give = (
        51200,
        mss(1460) + sack_permitted(),
        b"GET / HTTP/1.0\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
    )
    asked, given = 101 + len(ask), 501 + len(give)
    steps = (
        (True, TCP(port, 80, 100, 0, "S", 8192, offer)),
        (False, TCP(80, port, 500, 101, "SA", 8192, offer)),
        (True, TCP(port, 80, 101, 501, "A", 64240)),
        (True, TCP(port, 80, 101, 501, "PA", 64240, payload=ask)),
        (False, TCP(80, port, 501, asked, "FPA", 64240, payload=give)),
        (True, TCP(port, 80, asked, given + 1, "FA", 64240)),
        (False, TCP(80, port, given + 1, asked + 1, "A", 64240)),
    )
    frames = []
    for turn, (upward, segment) in enumerate(steps):
        ends = (NEIGHBOUR, CLUSTER) if upward else (CLUSTER, NEIGHBOUR)
        macs = (NEIGHBOUR_MAC, cluster_mac) if upward else (NODE_MAC, NEIGHBOUR_MAC)
        packet = IPv4(*ends, segment, ttl=128, ident=(700 if upward else 9000) + turn)
        frames.append(Frame(start_ns + turn * 300_000, bytes(Ethernet(*macs, packet, padded=upward))))
    return frames


def frames(cluster_mac: str) -> list[Frame]:
    """The node's capture for one form of the cluster's MAC."""
    found = []
    for second in ASKED_AT:
        found += answered(ROUTER_MAC, ROUTER, cluster_mac, START_NS + second * SECOND)
    found += answered(NEIGHBOUR_MAC, NEIGHBOUR, cluster_mac, START_NS + 9 * SECOND)
    return sorted(found + neighbour_session(cluster_mac, START_NS + 9 * SECOND + 400_000))


def build(folder: Path) -> dict[str, Path]:
    """Write `article.pcapng`, `multicast.pcapng` and `igmp.pcapng`; each stands for itself."""
    return {name: write_capture(folder / f"{name}.pcapng", frames(mac)) for name, mac in MACS.items()}
