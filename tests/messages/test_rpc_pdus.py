"""DCE/RPC messages of a conversation: fragments joined, segments split anywhere, gaps passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import rpc
from tests.support.said_over import handshake, opened, said, segment
from wireproof.messages.rpc_pdus import Joined, read_messages
from wireproof.streams import open_streams
from wireproof.wire.rpc import KINDS

PORTS = (50001, 135)
ANSWER = bytes(range(200)) * 20
TALK = [
    ("client", rpc.bind(1, [rpc.EPM])),
    ("server", rpc.bind_answer(1)),
    ("client", rpc.request(2, 3, b"question")),
    ("server", rpc.response_in_fragments(2, ANSWER, 700)),
]


def joined(folder: Path, frames: list[bytes]) -> list[Joined]:
    """The messages of the one conversation in these frames."""
    with opened(folder, frames) as tables:
        return list(read_messages(next(iter(open_streams(tables, [0]))).sides))


def kinds(messages: list[Joined]) -> list[str]:
    return [KINDS[message.first.header.kind] for message in messages]


def test_fragments_are_one_message_with_the_whole_stub(tmp_path: Path) -> None:
    found = joined(tmp_path, said(TALK, PORTS))
    assert kinds(found) == ["bind", "bind_ack", "request", "response"]
    assert (found[-1].fragments, found[-1].stub, found[-1].cut) == (6, ANSWER, False)
    assert found[-1].size == len(rpc.response_in_fragments(2, ANSWER, 700))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 800))
def test_segments_may_be_split_anywhere(tmp_path: Path, size: int) -> None:
    found = joined(tmp_path, said(TALK, PORTS, size))
    assert kinds(found) == ["bind", "bind_ack", "request", "response"]
    assert found[-1].stub == ANSWER
    assert all(message.row <= message.last_row for message in found)


def test_calls_whose_fragments_are_mixed_are_kept_apart(tmp_path: Path) -> None:
    one, other = ([rpc.response(call, bytes((call,)) * 5, flags=flags) for flags in (1, 0, 2)] for call in (7, 8))
    mixed = b"".join(part for pair in zip(one, other, strict=True) for part in pair)
    found = joined(tmp_path, said([*TALK[:3], ("server", mixed)], PORTS))
    assert [(m.first.header.call_id, m.stub) for m in found if m.fragments == 3] == [(7, b"\7" * 15), (8, b"\x08" * 15)]


def test_a_message_without_its_last_fragment_is_cut(tmp_path: Path) -> None:
    data = rpc.response(2, b"half", flags=rpc.FIRST)
    found = joined(tmp_path, said([*TALK[:3], ("server", data)], PORTS))
    assert (kinds(found)[-1], found[-1].cut, found[-1].stub) == ("response", True, b"half")


def test_after_a_gap_reading_goes_on_where_a_segment_begins_like_a_pdu(tmp_path: Path) -> None:
    parts = [rpc.request(call, 3, bytes(300)) for call in range(2, 6)]
    frames, at = handshake(ports=PORTS), 0
    for turn, part in enumerate(parts):
        for begin in range(0, len(part), 200):
            if (turn, begin) not in {(1, 0), (1, 200)}:
                frames.append(segment("client", at + begin, part[begin : begin + 200], ports=PORTS))
        at += len(part)
    found = joined(tmp_path, frames)
    assert [message.first.header.call_id for message in found] == [2, 4, 5]


def test_a_gap_within_a_pdu_cuts_it_and_nothing_after_it(tmp_path: Path) -> None:
    first, second = rpc.request(2, 3, bytes(600)), rpc.request(3, 3, bytes(20))
    frames = [*handshake(ports=PORTS), segment("client", 0, first[:200], ports=PORTS)]
    frames += [segment("client", 400, first[400:], ports=PORTS), segment("client", len(first), second, ports=PORTS)]
    found = joined(tmp_path, frames)
    assert [(message.first.header.call_id, message.cut) for message in found] == [(2, True), (3, False)]


@pytest.mark.parametrize("begin", ["", "server"])
def test_a_capture_that_begins_within_a_conversation_shows_what_follows(tmp_path: Path, begin: str) -> None:
    question, answer = rpc.request(9, 3, bytes(80)), rpc.response(9, bytes(90))
    frames = [segment("client", 0, question, ports=PORTS), segment("server", 0, answer, ports=PORTS)]
    if begin:
        frames.insert(0, segment("server", -40, bytes(40), ports=PORTS))
    assert kinds(joined(tmp_path, frames)) == ["request", "response"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), at=st.integers(0, 400), size=st.integers(1, 500))
def test_hostile_bytes_end_and_never_break(tmp_path: Path, data: bytes, at: int, size: int) -> None:
    whole = b"".join(text for by, text in TALK if by == "server")
    broken = whole[:at] + data + whole[at + len(data) :]
    found = joined(tmp_path, said([*TALK[:1], ("server", broken)], PORTS, size))
    assert len(found) <= 2 + len(broken) // 16
