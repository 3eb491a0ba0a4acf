"""ICMP echo requests with a given number of data bytes, for machines without the program ping.

Takes a target and a size; sends, and waits for no answer. Needs the right to open a raw socket, as capturing does.
"""

from __future__ import annotations

import os
import socket
import struct

ECHO_REQUEST, ECHO_REQUEST_6 = 8, 128
ICMPV6 = 58


def send_echo(target: str, size: int, repeats: int = 2) -> None:
    """Send echo requests of `size` bytes of data. Raises OSError where the name, the way or the permission is missing."""
    family, _, _, _, address = socket.getaddrinfo(target, None, type=socket.SOCK_RAW)[0]
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else ICMPV6
    with socket.socket(family, socket.SOCK_RAW, protocol) as raw:
        for sequence in range(1, repeats + 1):
            raw.sendto(pack_echo(family, os.getpid() & 0xFFFF, sequence, size), address)


def pack_echo(family: int, identifier: int, sequence: int, size: int) -> bytes:
    """An echo request whose data counts up from 0. The kernel fills in ICMPv6's checksum, which covers addresses."""
    data = bytes(place & 0xFF for place in range(size))
    if family != socket.AF_INET:
        return struct.pack("!BBHHH", ECHO_REQUEST_6, 0, 0, identifier, sequence) + data
    head = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identifier, sequence)
    return struct.pack("!BBHHH", ECHO_REQUEST, 0, _checksum(head + data), identifier, sequence) + data


def _checksum(packet: bytes) -> int:
    """RFC 1071: the complement of the sum of all 16 bit words, carries added in."""
    padded = packet + b"\0" * (len(packet) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
