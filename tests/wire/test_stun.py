"""STUN messages: RFC test vectors, TURN's and Lync's types, framing over TCP, and bytes that are no STUN."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.telephony import (
    BINDING,
    SUCCESS,
    check,
    error_code,
    lync_frame,
    lync_stun,
    plain_address,
    stun,
    transaction_of,
    xor_address,
)
from wireproof.wire.stun import ATTRIBUTES_MOST, begins_stun, frame_of, read_address, unpack_stun

RFC_5769_RESPONSE = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)
"""The sample IPv4 response of RFC 5769 section 2.2."""


def test_the_sample_response_of_the_rfc() -> None:
    head = unpack_stun(RFC_5769_RESPONSE)
    assert head is not None
    assert (head.method, head.kind, head.mapped, head.software, head.size) == (
        "Binding",
        "success",
        "192.0.2.1:32853",
        "test vector",
        80,
    )
    assert head.attributes == [0x8022, 0x0020, 0x0008, 0x8028]


COTURN_ASKS = "000300282112a4424f709c61feeee50f161f7b5b0019000411000000000d0004000003090018000100000000001700040100000080280004ccf02e33"
COTURN_CHALLENGES = (
    "011300582112a4424f709c61feeee50f161f7b5b0009001000000401556e617574686f72697a65640015001032653738333165336430363738663363"
    "0014000b6578616d706c652e6f72670080220014436f7475726e2d342e362e312027476f7273742780280004f2ee02ef"
)
COTURN_GIVES = (
    "010300582112a442281b61f1fe30b35ef50ad2fc001600080001ce855e12a4430020000800018d985e12a443000d00040000030980220014436f7475"
    "726e2d342e362e312027476f72737427000800140000000000000000000000000000000000000000" + "80280004830e9bba"
)
COTURN_REFUSES = (
    "011300582112a4428f3c29803c22b1da2b73df980009001c00000456416c6c6f636174696f6e2051756f7461205265616368656480220014436f7475"
    "726e2d342e362e312027476f72737427000800140000000000000000000000000000000000000000" + "80280004a072640b"
)
"""What coturn 4.6.1 and its client say: asking, being challenged, an allocation, and one too many. The integrity is blanked."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (COTURN_ASKS, ("Allocate", "request", 0, "")),
        (COTURN_CHALLENGES, ("Allocate", "error", 401, "")),
        (COTURN_GIVES, ("Allocate", "success", 0, "127.0.0.1:61335")),
        (COTURN_REFUSES, ("Allocate", "error", 486, "")),
    ],
)
def test_messages_of_coturn(text: str, expected: tuple[str, str, int, str]) -> None:
    head = unpack_stun(bytes.fromhex(text))
    assert head is not None
    assert (head.method, head.kind, head.error, head.relayed) == expected
    assert head.size == len(bytes.fromhex(text))
    assert expected[1] == "request" or head.software == "Coturn-4.6.1 'Gorst'"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (0x0001, ("Binding", "request")), (0x0011, ("Binding", "indication")), (0x0113, ("Allocate", "error")), (0x0003, ("Allocate", "request")),
        (0x0016, ("Send", "indication")), (0x0017, ("Data", "indication")), (0x0108, ("CreatePermission", "success")),
        (0x0009, ("ChannelBind", "request")), (0x010A, ("Connect", "success")), (0x0104, ("Refresh", "success")), (0x0801, ("method 513", "request")),
    ],
)  # fmt: skip
def test_types_by_method_and_class(kind: int, expected: tuple[str, str]) -> None:
    head = unpack_stun(stun(kind))
    assert head is not None
    assert (head.method, head.kind) == expected


def test_addresses_in_both_families_and_forms() -> None:
    name, six = transaction_of("x"), ("2001:db8::1", 40000)
    head = unpack_stun(
        stun(BINDING | SUCCESS, [(0x0020, xor_address(six, name)), (0x0012, xor_address(("192.0.2.9", 7), name))], "x")
    )
    assert head is not None
    assert (head.mapped, head.peer) == ("[2001:db8::1]:40000", "192.0.2.9:7")
    assert read_address(plain_address(("10.0.0.1", 80)), b"") == "10.0.0.1:80"
    assert read_address(b"\0\1\0", b"") == read_address(b"\0\x03" + b"x" * 18, b"") == ""


def test_errors_credentials_and_checks() -> None:
    head = unpack_stun(stun(0x0113, [error_code(486, "Allocation Quota Reached"), (0x0014, b"example.org")]))
    assert head is not None
    assert (head.error, head.reason, head.realm) == (
        486,
        "Allocation Quota Reached",
        "example.org",
    )
    asked = unpack_stun(check("one"))
    assert asked is not None
    assert asked.is_check
    assert asked.username == "G/Yw:PFb1"
    assert not unpack_stun(stun(BINDING)).is_check  # type: ignore[union-attr]


def test_lync_messages_have_types_and_addresses_of_their_own_and_no_padding() -> None:
    relayed = (0x0001, plain_address(("2.2.2.2", 58138)))
    given = unpack_stun(lync_stun(0x0103, [(0x0006, b"odd"), relayed]))
    assert given is not None
    assert given.microsoft
    assert (given.method, given.relayed, given.username) == ("Allocate", "2.2.2.2:58138", "odd")
    moved = unpack_stun(lync_stun(0x0006, [(0x0011, plain_address(("1.1.1.1", 50704)))]))
    assert moved is not None
    assert (moved.method, moved.peer) == ("SetActiveDestination", "1.1.1.1:50704")


def test_messages_of_the_first_version_are_taken_only_when_asked_for() -> None:
    old = bytes.fromhex("00010000") + bytes(range(16))
    assert unpack_stun(old) is None
    head = unpack_stun(old, classic=True)
    assert head is not None
    assert head.classic
    assert unpack_stun(old + b"more", classic=True) is None


def test_frames_over_tcp() -> None:
    message = stun(BINDING)
    assert frame_of(message + b"next", "plain") == (0, len(message))
    assert frame_of(b"\x40\x01\x00\x05hello\0\0\0", "plain") == (12, 12)
    assert frame_of(len(message).to_bytes(2, "big") + message, "length") == (2, 2 + len(message))
    assert frame_of(lync_frame(message), "microsoft") == (4, 4 + len(message))
    assert frame_of(lync_frame(b"x" * 9, control=False), "microsoft") == (13, 13)
    assert (
        frame_of(b"POST / HTTP", "plain")
        is frame_of(b"\x16\x03\x01\0\0", "microsoft")
        is frame_of(b"", "plain")
        is None
    )


def test_what_is_no_stun() -> None:
    assert not begins_stun(b"\x80" + stun(BINDING)[1:])
    assert unpack_stun(b"\0\1\0\0" + b"x" * 16) is unpack_stun(b"") is None


@given(st.binary(max_size=300), st.integers(0, 80), st.booleans())
def test_any_bytes_give_a_message_or_none(noise: bytes, keep: int, classic: bool) -> None:
    for data in (noise, RFC_5769_RESPONSE[:keep] + noise, lync_stun(0x0103)[:keep] + noise):
        head = unpack_stun(data, classic)
        assert head is None or (len(head.attributes) <= ATTRIBUTES_MOST and head.error < 800)
        for framing in ("plain", "length", "microsoft"):
            frame = frame_of(data, framing)
            assert frame is None or 0 <= frame[0] <= frame[1]
