"""The process at each end of a conversation: what `ownership` finds, for whoever asks.

Holds records; reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wireproof.finding import Owner

Place = tuple[int, int, int]
"""Point, conversation, side."""


@dataclass(slots=True)
class Ownership:
    """Owners by place. Falsy when nothing is known of any conversation."""

    owners: dict[Place, Owner] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.owners)

    def owner(self, point: int, number: int, side: int) -> Owner | None:
        """The process at a side, 0 or 1, of a conversation of a point; None where nobody says."""
        return self.owners.get((point, number, side))

    def conflicts(self) -> list[str]:
        """In words, where sources name different processes for one end; each once."""
        return list(dict.fromkeys(owner.conflict for owner in self.owners.values() if owner.conflict))
