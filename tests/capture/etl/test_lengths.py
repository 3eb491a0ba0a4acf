"""Lengths on the wire come from IP headers where a frame was cut, and from the capture everywhere else."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.capture.etl.lengths import infer_lengths
from wireproof.capture.etl.packets import ETHERNET, IEEE_802_11, RAW_IP


def infer(frame: bytes, link: int = ETHERNET) -> int:
    data = np.frombuffer(b"before" + frame + bytes(0), np.uint8)
    columns = np.array([6], np.uint32), np.array([len(frame)], np.uint32), np.array([link], np.uint8)
    return int(infer_lengths(data, *columns)[0])


def ipv4(total: int) -> bytes:
    return struct.pack(">BBH16s", 0x45, 0, total, b"")


def ipv6(payload: int) -> bytes:
    return struct.pack(">IH34s", 6 << 28, payload, b"")


FOUR, SIX, ARP = b"\0" * 12 + b"\x08\0", b"\0" * 12 + b"\x86\xdd", b"\0" * 12 + b"\x08\6"


@pytest.mark.parametrize(
    ("frame", "link", "length"),
    [
        (FOUR + ipv4(1500), ETHERNET, 1514),
        (SIX + ipv6(1460), ETHERNET, 1514),
        (ipv4(1500), RAW_IP, 1500),
        (ipv6(1460), RAW_IP, 1500),
        (FOUR + ipv4(20) + bytes(26), ETHERNET, 60),
        (FOUR + ipv4(0) + bytes(3000), ETHERNET, 3034),
        (ARP + ipv4(1500), ETHERNET, 34),
        (FOUR + ipv6(1460), ETHERNET, 54),
        (FOUR + ipv4(1500), IEEE_802_11, 34),
        (FOUR + b"\x45\0\x05", ETHERNET, 17),
        (b"", ETHERNET, 0),
    ],
)
def test_only_a_cut_ip_packet_is_longer_than_captured(frame: bytes, link: int, length: int) -> None:
    assert infer(frame, link) == length


@given(frame=st.binary(max_size=80), link=st.sampled_from([ETHERNET, RAW_IP, IEEE_802_11, 0]))
def test_any_frame_has_a_length_of_at_least_what_was_captured(frame: bytes, link: int) -> None:
    assert len(frame) <= infer(frame, link) <= max(len(frame), 65535 + 54)
