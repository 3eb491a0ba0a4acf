"""What one layout of an event is: its name, its fields in order, and the versions of the event that begin with these.

Knows no provider and no bytes. A field is `name:kind`; kinds are sizes of numbers in bytes, and those that `etl_events` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Layout(NamedTuple):
    """The fields of one event. Versions from `first` to `last` begin with them and may have more behind them.

    `is_whole` says that they are all: an event with more or fewer bytes is another one. That tells apart layouts of one version, which Windows
    changed without counting on.
    """

    name: str
    fields: str
    last: int = 0
    first: int = 0
    is_whole: bool = False


Layouts = Mapping[int, tuple[Layout, ...]]
"""By event id every layout that the event is known to have."""


def each(names: Mapping[int, str], fields: str, last: int = 0, first: int = 0) -> dict[int, tuple[Layout, ...]]:
    """Events that share one layout, by id and name."""
    return {number: (Layout(name, fields, last, first),) for number, name in names.items()}


def alike(name: str, numbers: tuple[int, ...], fields: str, last: int = 0) -> dict[int, tuple[Layout, ...]]:
    """Events that share name and layout: what tells one from another is their id."""
    return dict.fromkeys(numbers, (Layout(name, fields, last),))
