"""LZX: streams that use all of the format come out whole, calls become relative, and damage is an error."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.lzx_packer import pack
from wireproof.policy.lzx import Lzx, LzxError


def unpack(frames: list[tuple[bytes, int]], window_bits: int) -> bytes:
    unpacker = Lzx(window_bits)
    return b"".join(unpacker.unpack(data, size) for data, size in frames)


@pytest.mark.parametrize("window_bits", [15, 16, 17, 19, 20, 21])
@pytest.mark.parametrize("seed", range(8))
def test_what_was_packed_comes_out(seed: int, window_bits: int) -> None:
    frames, plain = pack(seed, 100_000 + seed, window_bits)
    assert unpack(frames, window_bits) == plain


def test_matches_reach_back_over_the_whole_window() -> None:
    frames, plain = pack(1, 300_000, 18)
    assert unpack(frames, 18) == plain


def test_targets_of_calls_become_relative_where_they_lie_in_the_program() -> None:
    def calls(at: int, target: int) -> bytes:
        return bytes(at) + b"\xe8" + struct.pack("<i", target)

    code = calls(0, 1000) + calls(5, -3) + calls(5, 5000) + bytes(20)
    # One block that is not packed: kind 3, its size, the bits that fill the word, three distances, and the bytes.
    head = f"1{0:016b}{4000:016b}{3:03b}{len(code):024b}"
    bits = head + "0" * (-len(head) % 16)
    data = b"".join(struct.pack("<H", int(bits[at : at + 16], 2)) for at in range(0, len(bits), 16))
    made = Lzx(15).unpack(data + struct.pack("<III", 1, 1, 1) + code + b"\0", len(code))
    assert made == calls(0, 1000) + calls(5, 4000 - 3) + calls(5, 5000) + bytes(20)


@pytest.mark.parametrize("window_bits", [0, 14, 22])
def test_a_window_that_is_none_is_refused(window_bits: int) -> None:
    with pytest.raises(LzxError, match="is none"):
        Lzx(window_bits)


SEEDS = [pack(seed, 3000, 16)[0] for seed in range(4)]


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.integers(0, 400), st.binary(min_size=1, max_size=6), st.booleans())
def test_any_damage_is_an_error_or_as_many_other_bytes(
    frames: list[tuple[bytes, int]], at: int, instead: bytes, cut: bool
) -> None:
    data, size = frames[0]
    damaged = data[:at] + instead + (b"" if cut else data[at + len(instead) :])
    try:
        assert len(Lzx(16).unpack(damaged, size)) == size
    except LzxError:
        return
