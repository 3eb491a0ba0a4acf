"""The Info column of ARP frames (RFC 826, RFC 5227), in Wireshark's words.

Takes a frame's bytes and where ARP starts in it; gives text. Knows no table.
"""

from __future__ import annotations

import ipaddress


def tell_arp(data: bytes, at: int) -> str:
    """`Who has 10.0.0.2? Tell 10.0.0.1` and the like; for hardware other than 6-byte MACs only the operation."""
    if len(data) < at + 8:
        return "ARP, cut short"
    hardware, protocol = data[at + 4], data[at + 5]
    operation = int.from_bytes(data[at + 6 : at + 8], "big")
    body = data[at + 8 :]
    if protocol != 4 or hardware > 8 or len(body) < 2 * hardware + 8:
        return f"ARP operation {operation}"
    sender_mac = body[:hardware]
    sender = ipaddress.IPv4Address(body[hardware : hardware + 4])
    target = ipaddress.IPv4Address(body[2 * hardware + 4 : 2 * hardware + 8])
    return _phrase(operation, sender, target, sender_mac.hex(":"))


def read_arp_macs(data: bytes, at: int) -> tuple[str, str]:
    """Sender and target as an ARP frame itself names them, for links whose header tells none; a request goes to all."""
    body = data[at + 8 :]
    if len(data) < at + 8 or data[at + 4] != 6 or len(body) < 16:
        return "", ""
    asks = data[at + 7] == 1
    return name_mac(body[0:6]), "Broadcast" if asks else name_mac(body[10:16])


def name_mac(mac: bytes) -> str:
    """`00:1f:29:10:11:91`, or Broadcast."""
    return "Broadcast" if mac == b"\xff" * 6 else mac.hex(":")


def _phrase(operation: int, sender: ipaddress.IPv4Address, target: ipaddress.IPv4Address, mac: str) -> str:
    if operation == 1:
        if sender == target:
            return f"ARP Announcement for {sender}"
        if int(sender) == 0:
            return f"Who has {target}? (ARP Probe)"
        return f"Who has {target}? Tell {sender}"
    if operation == 2:
        return f"{sender} is at {mac}" if sender != target else f"Gratuitous ARP for {sender} (Reply): is at {mac}"
    return f"ARP operation {operation}: {sender} ({mac}) to {target}"
