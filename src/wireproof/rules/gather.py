"""Many findings of one kind are one: forty users whose logons one server refuses need no forty paragraphs.

Takes groups of things by key; gives fewer where many keys differ only in whom or what they name. Decides nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeVar

from wireproof.limits import limit

FEW = limit(
    "gather.apart",
    4,
    "so many users, services or shares are told one by one, because each may need its own cure; more are a list",
)

T = TypeVar("T")
Key = tuple[str, ...]


def gather(groups: Mapping[Key, list[T]]) -> Iterator[tuple[Key, list[T]]]:
    """The groups, those joined that differ in the last part of their key only and are more than a few."""
    kinds: dict[Key, list[Key]] = defaultdict(list)
    for key in groups:
        kinds[key[:-1]].append(key)
    for kind, keys in kinds.items():
        if len(keys) <= FEW.value:
            yield from ((key, groups[key]) for key in keys)
        else:
            yield kind, [one for key in keys for one in groups[key]]
