"""Streams of many conversations come group by group, in the order asked, whole whatever the group's and the head's size."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest

from tests.support.said_over import datagram, opened, said
from wireproof.streams import Stream, open_streams, streams


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
