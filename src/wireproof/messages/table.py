"""Tables of application messages: one row a message, each naming its frames; the same form for every protocol.

A protocol's module defines its message as a frozen dataclass on `Message` with plain fields (text, numbers, booleans, and tuples
of them), and builds a `MessageTable` of it. Rules ask the table, the export writes it. Judges nothing.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What every message has.

    `conversation` and `side` tell the sender: side 0 or 1 of that conversation. `row` is the packet that holds the message's
    first byte, `last_row` the one that completed it (frame numbers are `packets.number(row)`). `time_ns` is the time of
    `last_row`: then the receiver could read it. `cut` tells that the capture lacks a part of it.
    """

    conversation: int
    side: int
    row: int
    last_row: int
    time_ns: int
    cut: bool = False


M = TypeVar("M", bound=Message)


class MessageTable(Sequence[M], Generic[M]):
    """All messages of one protocol in one capture, by the row that completed them."""

    def __init__(self, kind: type[M], messages: Iterable[M] = ()) -> None:
        self.kind = kind
        self._messages = sorted(messages, key=lambda message: (message.last_row, message.row))

    def __len__(self) -> int:
        return len(self._messages)

    @overload
    def __getitem__(self, index: int) -> M: ...
    @overload
    def __getitem__(self, index: slice) -> list[M]: ...
    def __getitem__(self, index: int | slice) -> M | list[M]:
        return self._messages[index]

    def __iter__(self) -> Iterator[M]:
        return iter(self._messages)

    @functools.cached_property
    def _by_conversation(self) -> dict[int, list[M]]:
        found: dict[int, list[M]] = {}
        for message in self._messages:
            found.setdefault(message.conversation, []).append(message)
        return found

    @functools.cached_property
    def _by_row(self) -> dict[int, list[M]]:
        found: dict[int, list[M]] = {}
        for message in self._messages:
            for row in {message.row, message.last_row}:
                found.setdefault(row, []).append(message)
        return found

    def at_row(self, row: int) -> list[M]:
        """The messages that begin or end in a packet row."""
        return self._by_row.get(row, [])

    @property
    def conversations(self) -> list[int]:
        """Conversations that have messages, in order of their first."""
        return list(self._by_conversation)

    def of(self, conversation: int) -> list[M]:
        """The messages of one conversation, both sides."""
        return self._by_conversation.get(conversation, [])

    def where(self, test: Callable[[M], bool]) -> list[M]:
        """The messages that pass a test."""
        return [message for message in self._messages if test(message)]

    def columns(self, number: Callable[[int], int]) -> dict[str, list[Any]]:
        """One list a field, for export. `number` turns rows into frame numbers: `row` becomes `frame`, `request_row`
        `request_frame`, and the row -1 of what is not there frame 0. Tuples become lists, parts that are records text.
        """
        made: dict[str, list[Any]] = {}
        for field in dataclasses.fields(self.kind):
            values = [getattr(message, field.name) for message in self._messages]
            if is_row(field.name):
                made[field.name.removesuffix("row") + "frame"] = [number(row) if row >= 0 else 0 for row in values]
            else:
                made[field.name] = [plain(value) for value in values]
        return made


def is_row(name: str) -> bool:
    """Whether a field of this name holds a packet row."""
    return name == "row" or name.endswith("_row")


def plain(value: object) -> object:
    """A field's value as other programs take it."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if dataclasses.is_dataclass(value):
        return ", ".join(f"{field.name}={plain(getattr(value, field.name))}" for field in dataclasses.fields(value))
    return str(value) if isinstance(value, enum.Enum) else value
