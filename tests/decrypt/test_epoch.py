"""Records under one set of keys: bare ones, compressed ones, and openers put to another place."""

from __future__ import annotations

import zlib

import pytest

from tests.support.sealing import Sealer
from wireproof.decrypt.epoch import BareOpener, Chain, Epoch, Inflating
from wireproof.decrypt.keys.derive import DirectionKeys
from wireproof.decrypt.protect.choose import make_opener
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.tls_suite_parts import suite_parts

RC4, CHAINED = 0x0005, 0x002F


def test_a_bare_record_is_what_stands_before_its_mac() -> None:
    assert BareOpener(20).open(0, 23, 0x0303, b"clear" + bytes(20)) == (23, b"clear")
    with pytest.raises(BadRecord):
        BareOpener(20).open(0, 23, 0x0303, b"short")


def test_a_bare_record_of_tls_1_3_ends_with_its_type() -> None:
    opener = BareOpener(32, inner=True)
    assert opener.open(0, 23, 0x0303, b"clear\x16\0\0" + bytes(32)) == (22, b"clear")
    with pytest.raises(BadRecord):
        opener.open(0, 23, 0x0303, bytes(40))


def test_compressed_records_share_one_dictionary() -> None:
    packer = zlib.compressobj()
    packed = [
        packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
        for text in (b"the same words " * 9, b"the same words " * 3)
    ]
    opener = Inflating(BareOpener(0))
    assert opener.open(0, 23, 0x0303, packed[0]) == (23, b"the same words " * 9)
    assert opener.open(1, 23, 0x0303, packed[1]) == (23, b"the same words " * 3)


def test_a_record_that_grows_without_end_is_none() -> None:
    with pytest.raises(BadRecord):
        Inflating(BareOpener(0)).open(0, 23, 0x0303, zlib.compress(bytes(1 << 22)))
    with pytest.raises(BadRecord):
        Inflating(BareOpener(0)).open(0, 23, 0x0303, b"no deflate")


def epoch(suite: int) -> tuple[Epoch, list[bytes]]:
    """Keys, and ten records one after the other."""
    parts = suite_parts(suite)
    assert parts
    keys = DirectionKeys(bytes(20), bytes(range(16)), bytes(parts.iv_bytes))
    sealer = Sealer(0x0301, parts.cipher, parts.mode, parts.mac, keys.mac, keys.key, keys.iv)
    made = Epoch(lambda: make_opener(0x0301, parts, keys))
    made.chain = Chain.BLOCK if parts.mode == "CBC" else Chain.KEY_STREAM
    made.block_bytes = parts.iv_bytes
    return made, [sealer.seal(b"record %d " % number * number) for number in range(10)]


class Joined:
    """Records as one stream, without headers."""

    def __init__(self, records: list[bytes]) -> None:
        self.data = b"".join(records)

    def read(self, start: int, count: int) -> bytes:
        return self.data[start : start + count]

    def next_after(self, offset: int) -> int | None:
        return offset

    def row(self, offset: int) -> int:
        return offset

    def rows(self, start: int, end: int) -> list[int]:
        return [start, end]


@pytest.mark.parametrize("order", [[3, 4, 1, 9], [0, 8, 2]])
def test_a_key_stream_is_put_to_any_place(order: list[int]) -> None:
    made, records = epoch(RC4)
    for number in order:
        made.move_to(len(b"".join(records[:number])))
        made.spent += len(records[number])
        assert made.opener.open(number, 23, 0x0301, records[number])[1] == b"record %d " % number * number


def test_chained_blocks_go_on_behind_any_record() -> None:
    made, records = epoch(CHAINED)
    for number in (5, 2, 9, 3):
        assert made.go_on_behind(Joined(records), len(b"".join(records[:number])), number)
        assert made.opener.open(number, 23, 0x0301, records[number])[1] == b"record %d " % number * number
    assert not made.go_on_behind(Joined(records), 3, 1)


def test_an_epoch_begun_again_is_at_its_first_record() -> None:
    made, records = epoch(RC4)
    made.opener.open(0, 23, 0x0301, records[0])
    again = made.again()
    assert again.opener.open(0, 23, 0x0301, records[0]) == (23, b"")
    assert again.chain is Chain.KEY_STREAM
