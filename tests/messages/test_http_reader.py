"""Streams cut into HTTP messages: any bytes, any gaps."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.verdicts import close_cases, make_case
from tests.support.web import request, response
from wireproof.case import Case
from wireproof.messages.http_reader import Unit, lacks, read_units
from wireproof.streams import open_streams

PARTS = st.sampled_from(
    [
        request("/a"),
        request("/b", method="POST", body=b"x" * 30),
        response(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"\r\n",
        b"\0\xff junk",
    ]
)


def segment_case(folder: Path, segments: list[tuple[int, bytes]]) -> Case:
    """Segments of one direction at offsets behind a SYN."""
    mac = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    parts = [TCP(5000, 80, 999, 0, "S"), *(TCP(5000, 80, 1000 + at, 1, "PA", payload=data) for at, data in segments)]
    frames = [
        Frame(SECOND + turn, bytes(Ethernet(*mac, IPv4("10.0.0.1", "10.0.0.2", part))))
        for turn, part in enumerate(parts)
    ]
    return make_case(folder, {"client": frames})


def units_of(folder: Path, segments: list[tuple[int, bytes]]) -> list[Unit]:
    """The messages in a stream of these segments."""
    (talk,) = open_streams(segment_case(folder, segments).points[0].tables, [0])
    return list(read_units(talk.client))


def test_messages_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    text = request("/a") + request("/b", method="POST", body=b"xyz") + request("/c")
    found = units_of(tmp_path, [(0, text[:30]), (30, text[30:])])
    assert [(unit.head.target, unit.body_bytes) for unit in found] == [("/a", 0), ("/b", 3), ("/c", 0)]
    assert [unit.end for unit in found[:-1]] == [unit.start for unit in found[1:]]
    assert found[-1].end == len(text)


def test_a_gap_inside_a_body_of_known_length_costs_no_message(tmp_path: Path) -> None:
    first = request("/a", method="POST", body=b"x" * 3000)
    found = units_of(tmp_path, [(0, first[:1000]), (2000, first[2000:] + request("/b"))])
    assert [(unit.head.target, unit.cut, unit.found) for unit in found] == [("/a", True, False), ("/b", False, False)]


def test_half_a_head_behind_a_gap_is_passed_over(tmp_path: Path) -> None:
    found = units_of(tmp_path, [(0, b"GET /a HTTP/1.1\r\nHost: x"), (500, b"GET /half"), (900, request("/b"))])
    assert [unit.head.target for unit in found] == ["/a", "/b"]


def test_reading_stops_at_what_is_no_http(tmp_path: Path) -> None:
    assert [
        unit.head.target for unit in units_of(tmp_path, [(0, request("/a") + b"\x16\x03\x01" + request("/b"))])
    ] == ["/a"]


def test_what_a_capture_lacks_is_told(tmp_path: Path) -> None:
    (talk,) = open_streams(segment_case(tmp_path, [(0, b"x" * 10), (20, b"y" * 10)]).points[0].tables, [0])
    ranges = [(0, 10), (5, 8), (0, 11), (10, 20), (15, 25), (20, 30), (20, 31), (0, 30)]
    assert [lacks(talk.client, *one) for one in ranges] == [False, False, True, True, True, False, True, True]


@settings(max_examples=60)
@given(st.lists(PARTS, max_size=6), st.lists(st.integers(0, 400), max_size=6), st.sets(st.integers(0, 6)))
def test_messages_never_overlap_whatever_the_stream_holds(parts: list[bytes], cuts: list[int], lost: set[int]) -> None:
    text = b"GET / HTTP/1.1\r\n\r\n" + b"".join(parts)
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [(start, text[start:end]) for start, end in itertools.pairwise(edges)]
    with tempfile.TemporaryDirectory() as folder:
        found = units_of(Path(folder), [piece for place, piece in enumerate(pieces) if place not in lost] or pieces[:1])
        close_cases()
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    assert all(unit.start <= unit.body_at <= unit.end <= len(text) for unit in found)
