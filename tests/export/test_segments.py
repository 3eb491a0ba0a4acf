"""Segments and datagrams as frames: their checksums are right whatever they carry, and their headers say what was asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.clearing import HOSTS, HOSTS6
from tests.support.packets import pack_address
from wireproof.export.ends import Ends
from wireproof.export.events import EVENT, Events
from wireproof.export.segments import TCP, UDP, Payloads, Segments
from wireproof.wire.checksum import ChecksumState, checksum_state, ones_complement_sum


def ends(v6: bool) -> Ends:
    """Both directions of one conversation, with tagged Ethernet before the second one."""
    raw = [pack_address(host).rjust(16, b"\0") for host in (HOSTS6 if v6 else HOSTS)]
    mapped = [b"\0" * 10 + b"\xff\xff" + one[12:] if not v6 else one for one in raw]
    addresses = np.frombuffer(mapped[0] + mapped[1] + mapped[1] + mapped[0], np.uint8).reshape(2, 32)
    version = np.full(2, 6 if v6 else 4, np.uint8)
    ports = np.array([[40000, 443], [443, 40000]], np.uint16)
    link = [b"L" * 14, b"T" * 18]
    options = [b"\x02\x04\x05\xb4", b""]
    return Ends(
        version, addresses, ports, np.array([65535, 7], np.uint16), np.array([0, 0xFFFFF], np.uint32), link, options
    )


def pack(
    events: Events, common: Ends, data: list[bytes], hops: tuple[list[int], list[int]], protocol: int = TCP
) -> list[bytes]:
    """Whole frames."""
    sizes = np.array([len(one) for one in data], np.int64)
    payloads = Payloads(b"".join(data), np.cumsum(sizes) - sizes, sizes)
    ttl, tos = (np.array(column, np.uint8) for column in hops)
    heads, ends = Segments(common, protocol).pack_heads(events, payloads, ttl, tos)
    begins = (ends - np.diff(ends, prepend=0)).tolist()
    return [bytes(heads[at:end]) + one for at, end, one in zip(begins, ends.tolist(), data, strict=True)]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 31), st.binary(max_size=1460)), max_size=12), st.booleans())
def test_checksums_are_right_whatever_is_carried(parts: list[tuple[int, int, bytes]], v6: bool) -> None:
    events = np.zeros(len(parts), EVENT)
    events["stream"], events["flags"] = [part[0] for part in parts], [part[1] for part in parts]
    events["seq"], events["ack"] = 2**32 - 1, 2**31 + 77
    events["ident"] = np.arange(len(parts))
    common = ends(v6)
    frames = pack(events, common, [part[2] for part in parts], ([64] * len(parts), [0xFF] * len(parts)))
    for (stream, flags, data), frame in zip(parts, frames, strict=True):
        at = len(common.link[stream])
        transport = at + (40 if v6 else 20)
        assert checksum_state(frame, at, transport, 6) is ChecksumState.RIGHT
        assert v6 or ones_complement_sum(frame[at:transport]) == 0xFFFF
        options = common.options[stream] if flags & 2 else b""
        assert frame[transport + 20 :] == options + data
        assert frame[transport + 12] >> 4 == 5 + len(options) // 4
        assert frame[transport + 13] == flags
        assert int.from_bytes(frame[at + 2 : at + 4] if not v6 else frame[at + 4 : at + 6], "big") == len(frame) - (
            transport if v6 else at
        )


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=300)), max_size=12), st.booleans())
def test_datagrams_have_their_length_and_a_right_checksum(parts: list[tuple[int, bytes]], v6: bool) -> None:
    events = np.zeros(len(parts), EVENT)
    events["stream"], events["flags"] = [part[0] for part in parts], 2
    common = ends(v6)
    frames = pack(events, common, [part[1] for part in parts], ([64] * len(parts), [0] * len(parts)), UDP)
    for (stream, data), frame in zip(parts, frames, strict=True):
        at = len(common.link[stream])
        transport = at + (40 if v6 else 20)
        assert checksum_state(frame, at, transport, 17) is ChecksumState.RIGHT
        assert frame[transport + 4 : transport + 6] == (8 + len(data)).to_bytes(2, "big")
        assert frame[transport + 8 :] == data


def test_a_datagram_whose_checksum_would_be_zero_has_ones() -> None:
    events = np.zeros(1, EVENT)
    common = ends(False)
    frame = pack(events, common, [b"\0\0"], ([64], [0]), UDP)[0]
    stated = int.from_bytes(frame[14 + 20 + 6 : 14 + 20 + 8], "big")
    # The sum of everything else and these two bytes is what turns the checksum into zero.
    frame = pack(events, common, [stated.to_bytes(2, "big")], ([64], [0]), UDP)[0]
    assert frame[14 + 20 + 6 : 14 + 20 + 8] == b"\xff\xff"
    assert checksum_state(frame, 14, 34, 17) is ChecksumState.RIGHT


@pytest.mark.parametrize("v6", [False, True])
def test_header_fields_are_those_that_were_asked_for(v6: bool) -> None:
    events = np.zeros(2, EVENT)
    events["stream"], events["ident"] = [0, 1], [1, 2]
    events["seq"], events["ack"] = [1, 2], [3, 4]
    frames = pack(events, ends(v6), [b"", b"x"], ([64, 3], [0, 0xB9]))
    first, second = frames[0][14:], frames[1][18:]
    if v6:
        assert (first[:4], second[:4]) == (b"\x60\0\0\0", b"\x6b\x8f\xff\xff")
        assert (first[7], second[7]) == (64, 3)
        assert first[8:40] == pack_address(HOSTS6[0]) + pack_address(HOSTS6[1])
    else:
        assert (first[4:6], second[4:6]) == (b"\0\0", b"\0\x09")
        assert (first[1], second[1], first[6], first[8], second[8]) == (0, 0xB8, 0x40, 64, 3)
        assert first[12:20] == pack_address(HOSTS[0]) + pack_address(HOSTS[1])
    tcp = first[40 if v6 else 20 :]
    assert tcp[:12] == b"\x9c\x40\x01\xbb\0\0\0\x01\0\0\0\x03"
    assert tcp[14:16] == b"\xff\xff"


def test_no_segments_are_no_frames() -> None:
    assert pack(np.zeros(0, EVENT), ends(False), [], ([], [])) == []
