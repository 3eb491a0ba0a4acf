"""Cabinets: what is unpacked is what was packed, bombs stay small, and what can't be unpacked is named."""

from __future__ import annotations

import io
import random
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.installers import cabinet, cabinet_of, mszip
from tests.support.lzx_packer import pack
from wireproof.limits import override
from wireproof.policy.cabinet import UNPACKED, Budget, unpack_cabinet

MEMBERS = {"one": b"first " * 9000, "two": b"2", "three": random.Random(3).randbytes(70_000)}


class Collected:
    """Takes what a member holds."""

    def __init__(self, into: dict[str, bytes], name: str) -> None:
        self._into, self._name, self._data = into, name, b""

    def write(self, data: bytes) -> None:
        self._data += data

    def done(self) -> None:
        self._into[self._name] = self._data

    def drop(self) -> None:
        self._data = b""


def unpack(data: bytes, wanted: Callable[[str], bool] = lambda _: True) -> tuple[dict[str, bytes], list[str]]:
    found: dict[str, bytes] = {}
    notes = unpack_cabinet(io.BytesIO(data), lambda name, _: Collected(found, name) if wanted(name) else None, Budget())
    return found, notes


@pytest.mark.parametrize("method", [0, 1])
def test_members_come_out_as_they_went_in(method: int) -> None:
    assert unpack(cabinet(MEMBERS, method)) == (MEMBERS, [])


def test_a_member_that_nobody_wants_is_left_out() -> None:
    assert unpack(cabinet(MEMBERS), lambda name: name != "two")[0].keys() == {"one", "three"}


@pytest.mark.parametrize(("method", "name"), [(2, "Quantum"), (0x0903, "a window of 9 bits"), (9, "method 9")])
def test_a_method_that_is_not_read_is_named_with_the_members(method: int, name: str) -> None:
    found, (note,) = unpack(cabinet(MEMBERS, method))
    assert found == {}
    assert name in note
    assert "one, two, three" in note


def test_members_of_several_cabinets_are_counted() -> None:
    found, (note,) = unpack(cabinet(MEMBERS, split=["half", "other"]))
    assert found == MEMBERS
    assert note == "2 members span several cabinets"


def test_a_block_that_swells_beyond_its_stated_size_ends_there() -> None:
    bomb = mszip(bytes(40_000_000))
    data = bytearray(cabinet({"bomb": b"x" * 100}))
    at = struct.unpack_from("<I", data, 36)[0]
    data[at:] = struct.pack("<IHH", 0, len(bomb), 100) + bomb
    found, (note,) = unpack(bytes(data))
    assert found == {}
    assert "holds 32,769 bytes instead of 100" in note


def test_more_than_the_limit_is_not_unpacked() -> None:
    override(UNPACKED.name, 50_000)
    try:
        found, (note,) = unpack(cabinet(MEMBERS))
    finally:
        override(UNPACKED.name, UNPACKED.default)
    assert found == {}
    assert UNPACKED.name in note


def test_members_that_overlap_are_refused() -> None:
    data = bytearray(cabinet({"aa": b"12345", "bb": b"67890"}, 0))
    struct.pack_into("<I", data, data.index(b"bb\0") - 12, 3)
    assert unpack(bytes(data)) == ({}, ["members of a folder overlap"])


def test_a_cabinet_cut_anywhere_gives_whole_members_and_a_note() -> None:
    whole = cabinet(MEMBERS)
    for end in range(0, len(whole), 97):
        found, notes = unpack(whole[:end])
        assert notes
        assert all(MEMBERS[name] == data for name, data in found.items())


@settings(max_examples=150)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=8), st.sampled_from([0, 1]))
def test_any_damage_ends_in_a_note_or_in_other_bytes(at: int, instead: bytes, method: int) -> None:
    data = cabinet({"one": b"first " * 50, "two": b"2"}, method)
    found, notes = unpack(data[:at] + instead + data[at + len(instead) :])
    assert found or notes


@pytest.mark.parametrize("packed", [True, False])
def test_a_cabinet_of_gcab_is_read(tmp_path: Path, program: Callable[[str], str], packed: bool) -> None:
    for name, content in MEMBERS.items():
        (tmp_path / name).write_bytes(content)
    words = [program("gcab"), "-c", *(["-z"] if packed else []), "-n", "t.cab", *MEMBERS]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    assert unpack((tmp_path / "t.cab").read_bytes()) == (MEMBERS, [])


@pytest.mark.parametrize("window_bits", [15, 18, 21])
@pytest.mark.parametrize("calls", [0, 12_000_000])
@pytest.mark.parametrize("seed", range(4))
def test_lzx_is_unpacked_as_cabextract_does(
    tmp_path: Path, program: Callable[[str], str], seed: int, calls: int, window_bits: int
) -> None:
    frames, plain = pack(seed, 150_000, window_bits, calls=calls)
    data = cabinet_of(frames, {"one": 70_001, "two": len(plain) - 70_001}, window_bits << 8 | 3)
    (tmp_path / "t.cab").write_bytes(data)
    subprocess.run([program("cabextract"), "-q", "t.cab"], cwd=tmp_path, check=True, capture_output=True)
    found, notes = unpack(data)
    assert notes == []
    assert found == {name: (tmp_path / name).read_bytes() for name in ("one", "two")}


def test_cabextract_reads_the_cabinets_of_these_tests(tmp_path: Path, program: Callable[[str], str]) -> None:
    (tmp_path / "t.cab").write_bytes(cabinet(MEMBERS))
    subprocess.run([program("cabextract"), "-q", "t.cab"], cwd=tmp_path, check=True, capture_output=True)
    assert {name: (tmp_path / name).read_bytes() for name in MEMBERS} == MEMBERS
