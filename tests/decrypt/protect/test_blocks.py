"""HMACs, and runs of records under block ciphers."""

from __future__ import annotations

import hmac
import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.sealing import Sealer
from wireproof.decrypt.keys.derive import DirectionKeys
from wireproof.decrypt.protect._blocks import BlockRuns, Hmac
from wireproof.decrypt.protect.cbc import CbcOpener, make_cbc_opener
from wireproof.decrypt.protect.mac import make_check
from wireproof.decrypt.protect.opener import OneByOne, Run
from wireproof.wire.tls_suite_parts import suite_parts

KEYS = DirectionKeys(bytes(20), bytes(16), bytes(16))


@given(
    st.sampled_from(["md5", "sha1", "sha256", "sha384"]),
    st.binary(max_size=200),
    st.binary(max_size=300),
    st.integers(0, 2**64 - 1),
)
def test_an_hmac_is_that_of_the_standard_library(name: str, key: bytes, content: bytes, number: int) -> None:
    check = Hmac(name, key, 10)
    expected = hmac.digest(key, struct.pack(">QBHH", number, 23, 0x0303, len(content)) + content, name)[:10]
    assert check.mac(number, 23, 0x0303, content) == check.mac(number, 23, 0x0303, content) == expected
    assert check.strip(number, 23, 0x0303, content + expected) == content


# --- runs ----------------------------------------------------------------------------------------------------------------


def opener(encrypt_then_mac: bool) -> CbcOpener:
    """An opener of TLS_RSA_WITH_AES_128_CBC_SHA in TLS 1.2."""
    parts = suite_parts(0x002F)
    assert parts is not None
    return make_cbc_opener(0x0303, parts, KEYS, make_check(0x0303, parts, KEYS.mac, False), encrypt_then_mac)


def sealed(contents: list[bytes], encrypt_then_mac: bool) -> list[bytes]:
    """Records that hold these contents, from number 0 on."""
    sealer = Sealer(0x0303, "AES", "CBC", "sha1", KEYS.mac, KEYS.key, KEYS.iv, encrypt_then_mac=encrypt_then_mac)
    bodies = [sealer.seal(content) for content in contents]
    return [b"\x17\x03\x03" + struct.pack(">H", len(body)) + body for body in bodies]


def contents_of(run: Run) -> list[bytes]:
    return [bytes(run.content[begin:end]) for begin, end in itertools.pairwise(run.clear)]


LINES = [b"%d " % number * (number % 40) for number in range(700)]
later = pytest.mark.parametrize("mac_last", [False, True])


@later
def test_a_run_is_what_its_records_hold_one_by_one(mac_last: bool) -> None:
    records = sealed([*LINES, bytes(16_384), b"", *LINES], mac_last)
    data = b"??" + b"".join(records) + records[0][:-1]
    run = opener(mac_last).open_run(data, 2, 0)
    assert contents_of(run) == [*LINES, bytes(16_384), b"", *LINES]
    assert list(run.raw) == list(itertools.accumulate(map(len, records), initial=2))
    assert run == OneByOne.open_run(opener(mac_last), data, 2, 0)


@later
@given(edits=st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 255)), min_size=1, max_size=3))
def test_a_run_ends_where_a_record_does_not_open_and_goes_on_behind_it(
    mac_last: bool, edits: list[tuple[int, int]]
) -> None:
    records = sealed(LINES[5:25], mac_last)
    data = bytearray(b"".join(records))
    for at, change in edits:
        data[at % len(data)] ^= change
    one, other = opener(mac_last), opener(mac_last)
    at = 0
    for number, record in enumerate(records):
        assert one.open_run(bytes(data), at, number) == OneByOne.open_run(other, bytes(data), at, number)
        at += len(record)


@later
@given(noise=st.binary(max_size=200), at=st.integers(-3, 300))
def test_no_bytes_do_harm(mac_last: bool, noise: bytes, at: int) -> None:
    data = b"".join(sealed(LINES[5:8], mac_last))[: max(at, 0)] + b"\x17\x03\x03\x00\x40" + noise
    run = opener(mac_last).open_run(data, at, 0)
    assert run == OneByOne.open_run(opener(mac_last), data, at, 0)


def test_what_decrypts_must_give_as_many_bytes() -> None:
    data = b"".join(sealed([b"hello"], False))
    with pytest.raises(ValueError, match="blocks"):
        BlockRuns(lambda blocks: blocks[1:], 16, Hmac("sha1", bytes(20), 20), False).open_run(data, 0, 0)


@pytest.mark.parametrize(("block", "size"), [(0, 20), (-16, 20), (16, -1)])
def test_sizes_that_no_cipher_has_are_refused(block: int, size: int) -> None:
    with pytest.raises(ValueError, match="size"):
        BlockRuns(bytes, block, Hmac("sha1", bytes(20), size), True)
