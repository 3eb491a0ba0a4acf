"""Bytes that the capture lacks: how many records they held is found by trying, keys that changed among them too, and the rest is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.opened import Opened, open_written
from tests.support.tls_captures import cut_up, write_segments
from tests.support.tls_scripts import Script
from wireproof.decrypt.outcome import Reason, Status

GCM, CBC, RC4, CHACHA = 0x009C, 0x003C, 0x0005, 0xCCA8


def line(number: int) -> bytes:
    """One record's content, told apart from all others."""
    return b"%06d " % number + b"x" * (number * 37 % 90) + b"\r\n"


def begin(**options: object) -> Script:
    made = Script(**options)  # type: ignore[arg-type]
    made.hellos()
    return made.finish_13() if made.version >= 0x0304 else made.finish()


def numbered(script: Script, first: int, count: int) -> Script:
    for number in range(first, first + count):
        script.say("server", line(number))
    return script


def without(folder: Path, script: Script, lost: range, by: str = "server", size: int = 200) -> Opened:
    """The session opened from a capture that lacks the bytes `lost` of one side's stream."""
    session = script.session()
    kept = []
    for one in cut_up(session, size):
        inside = one.by == by and one.start < lost.stop and one.start + len(one.data) > lost.start
        if not inside:
            kept.append(one)
            continue
        before = one.data[: max(lost.start - one.start, 0)]
        after = one.data[max(lost.stop - one.start, 0) :]
        if before:
            kept.append(one._replace(data=before))
        if after:
            kept.append(one._replace(start=lost.stop, data=after))
    return open_written(write_segments(folder / "gap.pcapng", session, kept))[0]


def lines_of(found: Opened) -> list[int]:
    """The numbers of the lines that were read whole."""
    return [int(text[:6]) for text in found.said[1].split(b"\r\n") if text[:6].isdigit()]


@pytest.mark.parametrize("suite", [GCM, CBC, CHACHA, 0x0002])
@pytest.mark.parametrize("missing", [1, 60, 700, 5000])
def test_records_behind_missing_ones_are_read(tmp_path: Path, suite: int, missing: int) -> None:
    script = numbered(begin(suite=suite), 0, 150)
    start = len(script.session().wire("server")) // 3
    found = without(tmp_path, script, range(start, start + missing))
    read = lines_of(found)
    assert found.outcome.status is Status.PARTLY, found.told()
    assert found.outcome.reason is Reason.MISSING_BYTES
    assert "server's stream at offset" in found.outcome.text
    assert found.outcome.advice
    assert read[-1] == 149
    assert found.outcome.unread == 150 - len(read) <= missing // 25 + 2
    # What stands behind the gap is never joined to what stands before it.
    assert len(found.pieces[1]) == 2


def test_a_record_that_is_cut_leaves_a_gap_whatever_its_header_says_it_holds(tmp_path: Path) -> None:
    session = numbered(begin(), 0, 9).session()
    *before, last = cut_up(session, 1 << 20)
    starts, at = [], 0
    while at < len(last.data):
        starts.append(at)
        at += 5 + int.from_bytes(last.data[at + 3 : at + 5], "big")
    fifth, sixth = starts[-5:-3]
    # Of the fifth line's record there is the header, with a type that nothing vouches for.
    cut = last.data[:fifth] + b"\x16" + last.data[fifth + 1 : fifth + 9]
    kept = [*before, last._replace(data=cut), last._replace(start=last.start + sixth, data=last.data[sixth:])]
    found = open_written(write_segments(tmp_path / "kind.pcapng", session, kept))[0]
    assert lines_of(found) == [0, 1, 2, 3, 5, 6, 7, 8]
    assert len(found.pieces[1]) == 2


def test_chained_blocks_go_on_one_record_behind_the_gap(tmp_path: Path) -> None:
    script = numbered(begin(suite=0x002F, version=0x0301), 0, 150)
    start = len(script.session().wire("server")) // 3
    for missing in (1, 60, 3000):
        found = without(tmp_path, script, range(start, start + missing))
        read = lines_of(found)
        assert read[-1] == 149, found.told()
        assert found.outcome.unread == 150 - len(read) <= missing // 40 + 3


@pytest.mark.parametrize("missing", [1, 60, 700])
def test_a_key_stream_goes_on_where_the_mac_is_right(tmp_path: Path, missing: int) -> None:
    script = numbered(begin(suite=RC4), 0, 150)
    start = len(script.session().wire("server")) // 3
    found = without(tmp_path, script, range(start, start + missing))
    assert lines_of(found)[-1] == 149, found.told()


def test_several_gaps_cost_what_they_hold(tmp_path: Path) -> None:
    script = numbered(begin(), 0, 200)
    session = script.session()
    wire = len(session.wire("server"))
    places = [wire // 5, wire // 3, wire // 2]
    kept = [
        one
        for one in cut_up(session, 100)
        if not (one.by == "server" and any(0 <= one.start - at < 300 for at in places))
    ]
    found = open_written(write_segments(tmp_path / "gaps.pcapng", session, kept))[0]
    assert found.outcome.reason is Reason.MISSING_BYTES
    assert len(lines_of(found)) > 170
    assert len(found.pieces[1]) == 4


def test_a_dictionary_that_lacks_bytes_is_not_gone_on_with(tmp_path: Path) -> None:
    script = numbered(begin(compression=1), 0, 100)
    start = len(script.session().wire("server")) // 2
    found = without(tmp_path, script, range(start, start + 10))
    assert found.outcome.reason is Reason.MISSING_BYTES
    assert found.outcome.text.endswith("and what follows could not be read.")
    assert lines_of(found) == list(range(len(lines_of(found))))
    assert len(lines_of(found)) > 30


def test_a_key_update_within_the_gap_is_found(tmp_path: Path) -> None:
    script = numbered(begin(version=0x0304, suite=0x1301), 0, 20)
    before = len(script.session().wire("server"))
    script.update("server")
    numbered(script, 20, 30)
    found = without(tmp_path, script, range(before - 30, before + 100))
    assert lines_of(found)[-1] == 49, found.told()


@pytest.mark.parametrize("by", ["client", "server"])
def test_a_finished_of_tls_1_3_within_the_gap_costs_no_data(tmp_path: Path, by: str) -> None:
    script = begin(version=0x0304, suite=0x1301)
    size = len(script.session().wire(by))
    script.say("client", b"question")
    numbered(script, 0, 20)
    found = without(tmp_path, script, range(size - 20, size))
    assert lines_of(found) == list(range(20)), found.told()
    assert found.said[0] == b"question"
    assert found.outcome.unread == 0


def test_a_change_of_keys_within_the_gap_is_found(tmp_path: Path) -> None:
    script = begin()
    size = len(script.session().wire("server"))
    numbered(script, 0, 20)
    for lost in (30, 50, 58):
        found = without(tmp_path, script, range(size - lost, size))
        assert lines_of(found) == list(range(20)), found.told()


def test_messages_in_clear_that_are_missing_cost_nothing_with_a_key_log(tmp_path: Path) -> None:
    script = numbered(begin(), 0, 20)
    hello = 5 + 4 + 2 + 32 + 1 + 2 + 1
    found = without(tmp_path, script, range(hello + 2, hello + 6))
    assert lines_of(found) == list(range(20)), found.told()


def test_bytes_that_are_no_record_are_named_and_stepped_over(tmp_path: Path) -> None:
    script = numbered(begin(), 0, 20)
    script.raw("server", b"\xee" * 300)
    numbered(script, 20, 20)
    found = open_written(write_segments(tmp_path / "noise.pcapng", script.session(), cut_up(script.session(), 200)))[0]
    assert found.outcome.reason is Reason.TAMPERED, found.told()
    assert found.outcome.text.startswith("Bytes that are no TLS record stand in the server's stream at offset")
    assert lines_of(found)[-1] == 39
