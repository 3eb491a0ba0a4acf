"""Streams of many conversations come group by group, in the order asked, whole whatever the group's and the head's size."""

from __future__ import annotations

import gc
import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.said_over import datagram, opened, said
from wireproof.streams import Stream, open_streams, streams
from wireproof.streams.streams import open_groups


def many(count: int) -> list[bytes]:
    """Conversations whose packets take turns, as those of one busy server do."""
    talks = [
        said([("client", b"ask %d " % n * 5), ("server", b"answer %d " % n * 9)], (50_000 + n, 80), 20)
        for n in range(count)
    ]
    longest = max(map(len, talks))
    return [talk[place] for place in range(longest) for talk in talks if place < len(talk)]


@pytest.mark.parametrize("group", [1, 2, 512])
@pytest.mark.parametrize("head", [0, 7, 16_384])
def test_each_conversation_has_its_own_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int, head: int
) -> None:
    monkeypatch.setattr(streams, "GROUP", group)
    with opened(tmp_path, many(5)) as tables:
        found = {talk.conversation: talk for talk in open_streams(tables, [4, 1, 3], head=head)}
        assert list(found) == [4, 1, 3]
        for number, talk in found.items():
            assert talk.client.read(0, 999) == b"ask %d " % number * 5
            assert talk.server.read(0, 999) == b"answer %d " % number * 9


def test_numbers_may_be_an_array_or_none_at_all(tmp_path: Path) -> None:
    with opened(tmp_path, many(2)) as tables:
        assert [talk.conversation for talk in open_streams(tables, np.array([1, 0]))] == [1, 0]
        assert list(open_streams(tables, [])) == []


def test_a_conversation_without_tcp_has_empty_streams(tmp_path: Path) -> None:
    with opened(tmp_path, [datagram("client", b"hello")]) as tables:
        (talk,) = open_streams(tables, [0])
        assert (talk.client.end, talk.server.end) == (0, 0)


def test_a_conversation_that_is_done_with_is_let_go(tmp_path: Path) -> None:
    with opened(tmp_path, many(6)) as tables:
        gc.collect()
        left = [sum(isinstance(one, Stream) for one in gc.get_objects()) for _ in open_streams(tables, np.arange(6))]
    assert left == [left[0]] * 6


def test_a_group_ends_before_its_payload_is_too_much_and_never_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each conversation holds 30 + 81 bytes of payload, of which a stream counts no more than 50.
    monkeypatch.setattr(streams, "LONG", 50)
    with opened(tmp_path, many(5)) as tables:
        for most, sizes in ((80 * 5, [5]), (80 * 3 - 1, [2, 2, 1]), (80, [1] * 5), (1, [1] * 5)):
            monkeypatch.setattr(streams, "GROUP_BYTES", most)
            groups = list(open_groups(tables, np.arange(5)))
            assert [len(group) for group in groups] == sizes
            assert np.concatenate([group.numbers for group in groups]).tolist() == [0, 1, 2, 3, 4]


def test_some_streams_of_a_group_are_read_whole(tmp_path: Path) -> None:
    with opened(tmp_path, many(3)) as tables:
        (group,) = open_groups(tables, [2, 0, 1], head=7)
        assert group.ends.tolist() == [30, 81] * 3
        data, bounds = group.read_whole([3, 4])
        parts = [data[begin:end] for begin, end in itertools.pairwise(bounds)]
        assert parts == [b"", b"", b"", b"answer 0 " * 9, b"ask 1 " * 5, b""]
        heads = [group.heads[begin:end] for begin, end in itertools.pairwise(group.bounds)]
        assert heads == [part[:7] for n in (2, 0, 1) for part in (b"ask %d " % n * 5, b"answer %d " % n * 9)]


def test_of_a_file_that_became_shorter_no_beginning_is_held_and_streams_read_what_is_left(tmp_path: Path) -> None:
    with opened(tmp_path, many(2)) as tables:
        (path,) = tmp_path.iterdir()
        os.truncate(path, path.stat().st_size - 9)
        (group,) = open_groups(tables, [0, 1])
        assert (group.heads, group.bounds) == (b"", [0] * 5)
        assert group.talk(0).client.read(0, 99) == b"ask 0 " * 5
