"""Chains of Network Monitor files: found by name and time, read as one capture."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.reading import walk
from tests.support.files import pcap_bytes
from tests.support.netmon_files import START_NS, Layout, Owner, Record, netmon_bytes
from wireproof.capture import Capture, open_capture
from wireproof.capture.netmon_chain import ChainedCapture, find_chains, split_name

HOUR_US = 3_600_000_000
OWNERS = (Owner("a.exe", 1), Owner("b.exe", 2))


def part(number: int, layout: Layout | None = None) -> bytes:
    """One hour of a capture: three frames, of which the last is raw IP and owned, when the layout has owners."""
    after = number * HOUR_US
    records = [Record(bytes([number]) * 60, after), Record(bytes([number]) * 70, after + 5)]
    records.append(Record(bytes([number]) * 80, after + HOUR_US - 9, media=9, process=1))
    return netmon_bytes(records, layout)


def open_all(folder: Path, files: dict[str, bytes]) -> list[Capture]:
    """Captures of files with these names, in the order of the dictionary."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [open_capture(folder / name) for name in files]


def names_of(captures: list[Capture]) -> list[list[str]]:
    """The chains among captures, by the names of their files; closes the captures."""
    chains = [[Path(each.file).name for each in chain] for chain in find_chains(captures)]
    for capture in captures:
        capture.close()
    return chains


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("a/trace.cap", ("a/trace.cap", 0)),
        ("a/trace(12).cap", ("a/trace.cap", 12)),
        ("trace(1)", ("trace", 1)),
        ("trace(0).cap", ("trace(0).cap", 0)),
        ("a(1)/trace.cap", ("a(1)/trace.cap", 0)),
    ],
)
def test_names_state_a_place_in_a_chain(file: str, expected: tuple[str, int]) -> None:
    assert split_name(file) == expected


def test_parts_are_found_in_their_order_whatever_that_of_the_names(tmp_path: Path) -> None:
    numbers = [10, 2, 1, *range(3, 10)]
    files = {f"t({number}).cap": part(number) for number in numbers} | {"t.cap": part(0), "other.cap": part(1)}
    expected = ["t.cap", *(f"t({number}).cap" for number in range(1, 11))]
    assert names_of(open_all(tmp_path, files)) == [expected]


def test_a_chain_may_lack_its_first_files(tmp_path: Path) -> None:
    files = {"t(7).cap": part(7), "t(8).cap": part(8)}
    assert names_of(open_all(tmp_path, files)) == [["t(7).cap", "t(8).cap"]]


@pytest.mark.parametrize(
    "files",
    [
        {"t.cap": part(0), "t(1).cap": part(0)},
        {"t.cap": part(1), "t(1).cap": part(0)},
        {"t.cap": part(0), "t(2).cap": part(2)},
        {"t.cap": part(0), "s(1).cap": part(1)},
        {"t.cap": part(0), "t(1).cap": pcap_bytes([])},
        {"t.cap": part(0), "t(1).cap": part(1)[:-3]},
    ],
    ids=["a copy", "the other way round", "one is missing", "another name", "another format", "a cut part"],
)
def test_what_only_looks_like_a_chain_is_none(tmp_path: Path, files: dict[str, bytes]) -> None:
    assert names_of(open_all(tmp_path, files)) == []


def test_a_chain_is_read_as_one_capture(tmp_path: Path) -> None:
    layouts = [Layout(minor=1), Layout(owners=OWNERS, comments=[(0, "here", "")]), Layout(owners=OWNERS)]
    files = {name: part(number, layouts[number]) for number, name in enumerate(("t.cap", "t(1).cap", "t(2).cap"))}
    (chain,) = find_chains(open_all(tmp_path, files))
    with ChainedCapture(chain, [len(data) for data in files.values()]) as capture:
        assert isinstance(capture, Capture)
        found = walk(capture)
        again = capture.read_frames(found.offsets[::-1], [len(data) for data in found.data[::-1]])
    assert [data[:1] + bytes([len(data)]) for data in found.data] == [
        bytes([number, size]) for number in range(3) for size in (60, 70, 80)
    ]
    assert again == found.data[::-1]
    assert found.frames[-1][0] == START_NS + 1000 * (3 * HOUR_US - 9)
    assert [int(capture.link_types[frame[3]]) for frame in found.frames] == [1, 1, 101] * 3
    assert capture.comments == {4: ["here"]}
    assert capture.frame_processes.tolist() == [-1, -1, -1, -1, -1, 1, -1, -1, 3]
    assert capture.processes[3].name == "b.exe"
    assert found.notes[-1] == "3 files of one chain are read as one capture: t.cap, t(1).cap, t(2).cap"


def test_progress_goes_on_from_part_to_part(tmp_path: Path) -> None:
    files = {"t.cap": part(0), "t(1).cap": part(1)}
    (chain,) = find_chains(open_all(tmp_path, files))
    sizes = [len(data) for data in files.values()]
    calls: list[tuple[int, int]] = []
    with ChainedCapture(chain, sizes) as capture:
        for _ in capture.batches(lambda done, total: calls.append((done, total))):
            pass
        with pytest.raises(RuntimeError, match="once"):
            next(capture.batches())
    assert calls == sorted(calls)
    assert calls[-1] == (sum(sizes), sum(sizes))
