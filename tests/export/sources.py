"""Frames that sources made, as whole bytes again."""

from __future__ import annotations

from wireproof.export.batches import Made


def frames_of(made: Made) -> list[bytes]:
    """Every frame, written or not."""
    begins = [0, *made.head_ends[:-1].tolist()]
    heads = [bytes(made.heads[begin:end]) for begin, end in zip(begins, made.head_ends.tolist(), strict=True)]
    places = zip(made.body_starts.tolist(), made.body_sizes.tolist(), strict=True)
    return [head + made.bodies[at : at + size] for head, (at, size) in zip(heads, places, strict=True)]
