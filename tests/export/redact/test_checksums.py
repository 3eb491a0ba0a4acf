"""A changed packet's checksum is right where it was, wrong where it was, and left alone where nobody computed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.packets import ICMP, OFFLOADED, RIGHT, TCP, UDP, IPv4, internet_checksum
from tests.support.packets import IPv6
from wireproof.export.redact.checksums import hide_in_packet
from wireproof.wire.checksum import ChecksumState, checksum_state

ENDS4, ENDS6 = ("10.1.1.1", "10.1.1.2"), ("2001:db8::1", "2001:db8::2")


@given(st.binary(min_size=4, max_size=60), st.integers(0, 40), st.integers(1, 20), st.booleans(), st.booleans())
def test_a_right_checksum_stays_right(data: bytes, start: int, size: int, v6: bool, udp: bool) -> None:
    upper = UDP(1, 2, data) if udp else TCP(1, 2, payload=data)
    frame = bytes(IPv6(*ENDS6, upper) if v6 else IPv4(*ENDS4, upper))
    at = 40 if v6 else 20
    content = at + (8 if udp else 20)
    spans = [(content + start, content + start + size)] if start < len(data) else []
    changed = hide_in_packet(frame, spans, (0, at, 17 if udp else 6))
    assert checksum_state(changed, 0, at, 17 if udp else 6) is ChecksumState.RIGHT
    assert len(changed) == len(frame)


@pytest.mark.parametrize(
    ("stated", "state"),
    [(OFFLOADED, ChecksumState.PARTIAL), (RIGHT, ChecksumState.RIGHT), (0x1234, ChecksumState.WRONG)],
)
def test_the_state_stays_what_it_was(stated: int, state: ChecksumState) -> None:
    frame = bytes(IPv4(*ENDS4, TCP(1, 2, payload=b"some secret text", checksum=stated)))
    assert checksum_state(hide_in_packet(frame, [(45, 51)], (0, 20, 6)), 0, 20, 6) is state


def test_an_absent_checksum_stays_absent_and_icmp_is_kept_right() -> None:
    datagram = bytes(IPv4(*ENDS4, UDP(1, 2, b"secret", checksum=0)))
    assert hide_in_packet(datagram, [(28, 34)], (0, 20, 17)) == datagram[:28] + b"******"
    echo = bytes(IPv4(*ENDS4, ICMP(8, 0, b"\0\1\0\1", b"secret bytes")))
    assert internet_checksum(hide_in_packet(echo, [(30, 36)], (0, 20, 1))[20:]) == 0
    assert hide_in_packet(b"no packet at all", [(0, 2)], (0, 0, 0)) == b"** packet at all"
