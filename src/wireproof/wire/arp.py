"""ARP for IPv4 (RFC 826): its numbers, and what a MAC address says about itself.

Takes the bytes of a MAC; gives names and text. Judges nothing.
"""

from __future__ import annotations

ARP_BYTES = 28
"""Length of an ARP message for IPv4 over six-byte MACs."""

REQUEST, REPLY = 1, 2


_VIRTUAL_ROUTERS = {
    bytes.fromhex("00005e0001"): "VRRP or CARP",
    bytes.fromhex("00005e0002"): "VRRP for IPv6",
    bytes.fromhex("00000c07ac"): "HSRP",
    bytes.fromhex("0007b400"): "GLBP",
    bytes.fromhex("0007b401"): "GLBP",
    bytes.fromhex("000573a0"): "HSRP for IPv6",
}
"""Beginnings of the MACs that routers share (RFC 9568 section 7.3; Cisco's HSRP and GLBP)."""


def is_group(mac: bytes) -> bool:
    """Whether a MAC has the group bit (IEEE 802): it stands for several stations. Broadcast counts too."""
    return bool(mac) and bool(mac[0] & 1)


def shared_by(mac: bytes) -> str:
    """The protocol by which several machines share this MAC, such as HSRP or NLB; "" for an ordinary one."""
    if mac[:4] == b"\x00\x00\x0c\x9f" and mac[4] & 0xF0 == 0xF0:
        return "HSRP version 2"
    for beginning, name in _VIRTUAL_ROUTERS.items():
        if mac.startswith(beginning):
            return name
    if (mac[0] in {2, 3} and mac[1] == 0xBF) or mac[:4] == b"\x01\x00\x5e\x7f":
        return "NLB"
    # NLB in unicast mode masks its source MAC with the host's number, 1 to 32 (KB 4494444).
    if mac[0] == 2 and 1 <= mac[1] <= 32:
        return "NLB"
    return ""


def cluster_address(mac: bytes) -> bytes | None:
    """The cluster's IPv4 address that a multicast NLB MAC 03-bf-a-b-c-d tells; None for any other MAC (KB 4494444)."""
    return bytes(mac[2:6]) if mac[:2] == b"\x03\xbf" else None


def is_nlb_group(mac: bytes) -> bool:
    """Whether a MAC is one of NLB's two multicast forms: 03-bf-… and, with IGMP, 01-00-5e-7f-…"""
    return mac[:2] == b"\x03\xbf" or mac[:4] == b"\x01\x00\x5e\x7f"


def mac_text(mac: bytes, separator: str = ":") -> str:
    """`00:1f:29:10:11:91`, or with another separator."""
    return mac.hex(separator)


def mac_dotted(mac: bytes) -> str:
    """`001f.2910.1191`, as Cisco devices write it."""
    return ".".join(mac.hex()[start : start + 4] for start in (0, 4, 8))
