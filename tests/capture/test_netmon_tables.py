"""The process table and the comments: what they say, and how much of them when they are damaged."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.netmon_files import Owner, pack_comment, pack_owner
from wireproof.capture import netmon_tables
from wireproof.capture.frames import Process
from wireproof.capture.netmon_tables import Fetch, plain_text, read_comments, read_processes, unpack_wide

VERSION = struct.pack("<H", 2)
OWNERS = (
    Owner(r"C:\Windows\System32\lsass.exe", 716, bytes((192, 168, 122, 200)), 389, bytes((10, 0, 0, 9)), 63219, b"ico"),
    Owner("System", 4, bytes.fromhex("20010db8000000000000000000000001"), 445, bytes(16)),
    Owner("Dienst-Übersicht.exe", 7),
)


def from_bytes(data: bytes) -> Fetch:
    """Bytes as a file gives them."""
    return lambda at, count: data[at : at + count]


def test_processes_are_read_with_their_connections() -> None:
    data = b"junk" + VERSION + b"".join(pack_owner(owner) for owner in OWNERS)
    found = read_processes(from_bytes(data), 4, 3)
    assert found.problem_at == -1
    assert found.entries == [
        Process(716, r"C:\Windows\System32\lsass.exe", ("192.168.122.200", 389), ("10.0.0.9", 63219)),
        Process(4, "System", ("2001:db8::1", 445), ("::", 0)),
        Process(7, "Dienst-Übersicht.exe", ("0.0.0.0", 0), ("0.0.0.0", 0)),
    ]


def test_a_cut_process_table_gives_its_first_entries() -> None:
    data = VERSION + b"".join(pack_owner(owner) for owner in OWNERS)
    found = read_processes(from_bytes(data[:-3]), 0, 3)
    assert [process.pid for process in found.entries] == [716, 4]
    assert found.problem_at == len(data) - len(pack_owner(OWNERS[2]))


def test_an_unknown_version_of_the_table_is_not_guessed_at() -> None:
    found = read_processes(from_bytes(b"\1\0" + pack_owner(OWNERS[0])), 0, 1)
    assert (found.entries, found.problem_at) == ([], 0)


def test_tables_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netmon_tables, "MAX_ENTRIES", 2)
    data = VERSION + pack_owner(OWNERS[1]) * 5
    assert len(read_processes(from_bytes(data), 0, 5).entries) == 2
    data = pack_comment(128, "a", "b") * 5
    assert len(read_comments(from_bytes(data), 0, len(data)).entries) == 2


def test_comments_name_the_record_they_belong_to() -> None:
    data = pack_comment(128, "Titel ü", "what happens here") + pack_comment(900, "", "only text")
    found = read_comments(from_bytes(data), 0, len(data))
    assert found.entries == [(128, "Titel ü\nwhat happens here"), (900, "only text")]
    assert found.problem_at == -1


def test_a_comment_may_belong_to_several_records() -> None:
    data = struct.pack("<III", 2, 128, 900) + pack_comment(0, "both", "")[8:]
    assert read_comments(from_bytes(data), 0, len(data)).entries == [(128, "both"), (900, "both")]


def test_a_cut_comment_is_left_out() -> None:
    first = pack_comment(128, "a", "b")
    data = first + pack_comment(900, "c", "d")[:-1]
    found = read_comments(from_bytes(data), 0, len(data))
    assert (found.entries, found.problem_at) == ([(128, "a\nb")], len(first))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain\0behind", "plain"),
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\pard\f0\fs20 slow \b here\b0\par\'e4nderung}", "slow here\nänderung"),
        (rb"{\rtf1{\*\generator Msftedit;}it\par}", "it"),
        (b"\xff", "\ufffd"),
    ],
)
def test_rich_text_becomes_plain(data: bytes, text: str) -> None:
    assert plain_text(data) == text


def test_wide_text_ends_at_its_mark() -> None:
    assert unpack_wide("ab\0cd".encode("utf-16-le") + b"x") == "ab"


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_any_bytes_give_entries_or_the_place_of_the_problem(data: bytes, count: int) -> None:
    processes = read_processes(from_bytes(VERSION + data), 0, count)
    assert len(processes.entries) == count or processes.problem_at >= 0
    comments = read_comments(from_bytes(data), 0, count)
    assert len(comments.entries) <= len(data)
    assert comments.problem_at <= len(data)
