"""The columns of a run as it is opened."""

from __future__ import annotations

import pytest

from wireproof.decrypt.protect._contents import Contents


def test_records_follow_each_other_from_a_place_on() -> None:
    contents = Contents(7, 10)
    contents.add(b"abc??", 3, 20)
    contents.add(b"", 0, 30)
    contents.add(b"defghij", 7, 45)
    run = contents.finish()
    assert (run.content, list(run.raw), list(run.clear)) == (b"abcdefghij", [7, 20, 30, 45], [0, 3, 3, 10])


def test_without_records_there_is_no_content() -> None:
    run = Contents(7, 10).finish()
    assert (run.content, list(run.raw), list(run.clear)) == (b"", [7], [0])


@pytest.mark.parametrize(("content", "size"), [(b"abcd", 4), (b"a", 2), (b"a", -1)])
def test_more_than_there_is_room_for_is_refused(content: bytes, size: int) -> None:
    contents = Contents(0, 3)
    with pytest.raises(ValueError, match="room"):
        contents.add(content, size, 9)
    contents.finish()
    for later in (b"a", b""):
        with pytest.raises(ValueError, match="room"):
            contents.add(later, len(later), 9)
