"""What an input is, in words, for inputs that can't be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.capture.unread import CAPTURES, OTHERS, describe


def test_known_beginnings_are_named() -> None:
    for magic, what in CAPTURES:
        assert describe(magic + bytes(40)) == f"is {what}: recognised but not yet read"
    for magic, what in OTHERS:
        assert describe(magic + bytes(40)) == f"is {what}, no capture"


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbfDate;Time\r\n1;2", "is a text file, no capture"),
        ("Zeit\r\n".encode("utf-16"), "is a text file, no capture"),
        ("ü".encode() * 255 + b"\xc3", "is a text file, no capture"),
        (bytes(257) + b"ustar\0" + bytes(200), "is a tar archive; unpack it first"),
        (b"MSCF\0\0\0\0", "is a cabinet archive; unpack it first (`expand FILE.cab -F:* .` on Windows), no capture"),
        (b"\x00\x01\x02\x03", "is no capture that wireproof knows; it starts with the bytes 00 01 02 03"),
    ],
)
def test_other_beginnings_are_described(head: bytes, says: str) -> None:
    assert describe(head).startswith(says)


def test_nothing_of_a_text_is_quoted_since_it_may_be_a_password() -> None:
    assert "hunter2" not in describe(b"hunter2\n")


def erf(seconds: int, data: bytes) -> bytes:
    """One ERF record of type Ethernet."""
    length = (16 + 2 + len(data)).to_bytes(2, "big")
    return (
        bytes(4)
        + seconds.to_bytes(4, "little")
        + b"\x02\x04"
        + length
        + bytes(2)
        + len(data).to_bytes(2, "big")
        + bytes(2)
        + data
    )


def test_erf_records_that_follow_one_another_are_recognised() -> None:
    assert "ERF" in describe(
        erf(1_600_000_000, b"\xff" * 60) + erf(1_600_000_001, b"\xff" * 90) + erf(1_600_000_001, b"\xff" * 60)
    )
    assert "ERF" not in describe(erf(1_600_000_000, b"\xff" * 60) + erf(1, b"\xff" * 90) + erf(1, b"\xff" * 60))


@given(st.binary(max_size=600))
def test_any_bytes_are_described_in_one_line(head: bytes) -> None:
    assert describe(head).split(" ")[0] in {"is", "looks"}
    assert "\n" not in describe(head)
