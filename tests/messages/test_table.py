"""A table of messages: in the order in which they were complete, by conversation, and as columns for export."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from wireproof.messages.table import Message, MessageTable, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Message):
    """A message for the test."""

    text: str = ""
    parts: tuple[int, ...] = ()


def word(conversation: int, row: int, last_row: int, text: str, *parts: int) -> Word:
    return Word(
        conversation=conversation, side=0, row=row, last_row=last_row, time_ns=last_row * 10, text=text, parts=parts
    )


LATE, EARLY, OTHER = word(3, 1, 9, "late"), word(3, 4, 5, "early", 1, 2), word(1, 7, 7, "other")
TABLE = MessageTable(Word, [LATE, EARLY, OTHER])


def test_messages_stand_in_the_order_in_which_the_receiver_had_them() -> None:
    assert [message.text for message in TABLE] == ["early", "other", "late"]
    assert (TABLE[0], TABLE[-1], TABLE[1:], len(TABLE)) == (EARLY, LATE, [OTHER, LATE], 3)


def test_messages_of_one_row_stay_in_the_order_of_the_stream() -> None:
    both = [word(1, 4, 4, "first"), word(1, 4, 4, "second")]
    assert list(MessageTable(Word, both)) == both


def test_messages_are_found_by_conversation_and_by_a_test() -> None:
    assert TABLE.of(3) == [EARLY, LATE]
    assert TABLE.of(99) == []
    assert TABLE.conversations == [3, 1]
    assert TABLE.where(lambda message: message.row == 7) == [OTHER]


def test_columns_name_frames_instead_of_rows_and_hold_lists_instead_of_tuples() -> None:
    columns = TABLE.columns(lambda row: row + 1)
    assert list(columns) == ["conversation", "side", "frame", "last_frame", "time_ns", "cut", "text", "parts"]
    assert columns["frame"] == [5, 8, 2]
    assert columns["last_frame"] == [6, 8, 10]
    assert columns["parts"] == [[1, 2], [], []]


def test_an_empty_table_still_has_its_columns() -> None:
    empty: MessageTable[Word] = MessageTable(Word)
    assert empty.columns(lambda row: row)["text"] == []
    assert (len(empty), empty.conversations) == (0, [])


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Part:
    """A record inside a message."""

    size: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested(Message):
    """A message with more than plain fields."""

    request_row: int = -1
    parts: tuple[Part, ...] = ()


def test_rows_of_other_messages_become_frames_and_records_text() -> None:
    place = {"conversation": 0, "side": 0, "row": 4, "last_row": 4, "time_ns": 0}
    table = MessageTable(Nested, [Nested(**place, request_row=2, parts=(Part(3, ("a",)),)), Nested(**place)])
    columns = table.columns(lambda row: row + 1)
    assert columns["request_frame"] == [3, 0]
    assert columns["parts"] == [["size=3, names=['a']"], []]
    assert plain(Colour.RED) == "Colour.RED"
