"""QUIC long headers, the keys of Initial packets, and hostile datagrams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire import quic

DCID = bytes.fromhex("8394c8f03e515708")
"""The destination id of RFC 9001 appendix A and RFC 9369 appendix A."""


@pytest.mark.parametrize(
    ("version", "from_client", "key", "iv", "header"),
    [
        (
            quic.VERSION_1,
            True,
            "1f369613dd76d5467730efcbe3b1a22d",
            "fa044b2f42a3fd3b46fb255c",
            "9f50449e04a0e810283a1e9933adedd2",
        ),
        (
            quic.VERSION_1,
            False,
            "cf3a5331653c364c88f0f379b6067e37",
            "0ac1493ca1905853b0bba03e",
            "c206b8d9b9f0f37644430b490eeaa314",
        ),
        (
            quic.VERSION_2,
            True,
            "8b1a0bc121284290a29e0971b5cd045d",
            "91f73e2351d8fa91660e909f",
            "45b95e15235d6f45a6b19cbcb0294ba9",
        ),
    ],
)
def test_initial_keys_are_those_of_the_standards(
    version: int, from_client: bool, key: str, iv: str, header: str
) -> None:
    keys = quic.initial_keys(version, DCID, from_client)
    assert keys == (bytes.fromhex(key), bytes.fromhex(iv), bytes.fromhex(header))


def test_an_unknown_version_has_no_keys() -> None:
    assert quic.initial_keys(0x51303433, DCID, True) is None


def test_frames_give_crypto_data_and_a_close() -> None:
    plain = bytes.fromhex("0100 06 05 03 616263 02 05 0a 00 01 06 00 05 68656c6c6f 1c 4128 06 04 6f6f7073")
    found = quic.unpack_frames(plain)
    assert found.crypto == [(5, b"abc"), (0, b"hello")]
    assert (found.close_code, found.close_reason) == (0x128, "oops")
    assert quic.join_crypto(found.crypto) == b"helloabc"


def test_crypto_data_end_at_a_gap() -> None:
    assert quic.join_crypto([(6, b"x"), (0, b"abc"), (2, b"cd")]) == b"abcd"


def test_version_negotiation_and_retry_have_no_length() -> None:
    negotiation = bytes.fromhex("c0 00000000 02 aabb 01 cc 00000001")
    (packet,) = quic.unpack_packets(negotiation)
    assert (packet.kind, packet.dcid, packet.scid) == ("version_negotiation", b"\xaa\xbb", b"\xcc")
    (retry,) = quic.unpack_packets(bytes.fromhex("f0 00000001 00 01 cc") + b"token" + bytes(16))
    assert (retry.kind, retry.token_bytes) == ("retry", 5)


def test_version_2_counts_packet_types_from_retry() -> None:
    kinds = []
    for first in (0xC0, 0xD0, 0xE0, 0xF0):
        rest = bytes.fromhex("6b3343cf 00 00") + (b"\0" if first == 0xD0 else b"") + b"\x14" + bytes(20)
        kinds += [packet.kind for packet in quic.unpack_packets(bytes([first]) + rest)]
    assert kinds == ["retry", "initial", "0rtt", "handshake"]


def test_versions_have_names() -> None:
    assert [quic.version_name(v) for v in (1, 0x6B3343CF, 0xFF00001D, 5)] == [
        "QUIC v1",
        "QUIC v2",
        "QUIC draft 29",
        "QUIC version 0x00000005",
    ]


@given(st.binary(max_size=400))
def test_no_datagram_raises(data: bytes) -> None:
    keys = quic.initial_keys(quic.VERSION_1, DCID, True)
    assert keys
    for datagram in (data, b"\xc0\0\0\0\x01\x08" + DCID + data):
        for packet in quic.unpack_packets(datagram):
            assert packet.start < packet.end <= len(datagram)
            assert quic.decrypt_initial(datagram, packet, keys) is None
    frames = quic.unpack_frames(data)
    assert sum(len(piece) for _, piece in frames.crypto) <= len(data)
