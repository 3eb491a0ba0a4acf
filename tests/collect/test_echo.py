"""Own echo requests."""

from __future__ import annotations

import socket

from wireproof.collect.echo import pack_echo


def test_a_request_is_what_ping_sends() -> None:
    packet = pack_echo(socket.AF_INET, 0x1234, 1, 22)
    assert packet[:2] == b"\x08\x00"
    assert packet[4:8] == bytes.fromhex("12340001")
    assert packet[8:] == bytes(range(22))


def test_its_checksum_is_right_for_odd_and_even_sizes() -> None:
    for size in (22, 33, 44, 55):
        packet = pack_echo(socket.AF_INET, 1, 2, size) + b"\0" * (size % 2)
        total = sum(int.from_bytes(packet[at : at + 2], "big") for at in range(0, len(packet), 2))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        assert total == 0xFFFF


def test_a_request_over_ipv6_leaves_the_checksum_to_the_kernel() -> None:
    packet = pack_echo(socket.AF_INET6, 7, 1, 33)
    assert packet[:4] == b"\x80\x00\x00\x00"
    assert len(packet) == 8 + 33
