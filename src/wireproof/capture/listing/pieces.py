"""How many bytes each of several segments carries whose numbers are not printed: up to the ends that the other side names.

Takes pieces in order, of known size or open, and edges: offsets at which some piece ends. Gives each open piece its size. Knows no
record.
"""

from __future__ import annotations

import bisect
import itertools
from dataclasses import dataclass

from wireproof.capture.listing.packet import Packet

MOST_SEGMENT = 65_495
"""The largest payload of an IPv4 packet with the usual headers."""
PADDED, MOST_PADDED = 60, 6
"""A frame of this length may have been filled up: 6 bytes of data at most stand in it behind the shortest headers."""
LOOKED_AHEAD = 64
"""Edges that are tried as the end of an open piece, and pieces behind it whose ends are compared with edges."""

Edges = list[tuple[int, int]]


@dataclass(slots=True)
class Piece:
    """A stretch of a stream whose place is not printed: a packet, or a gap before one. `size` is None while it is open."""

    packet: Packet | None
    size: int | None

    @property
    def most(self) -> int:
        """The bytes that it can have at most."""
        if self.packet is None:
            return 1 << 31
        return MOST_PADDED if self.packet.record.length == PADDED else MOST_SEGMENT


def share(pieces: list[Piece], edges: Edges, end: int | None, mss: int) -> None:
    """Give each open piece its size. `edges` are (pieces that may come before, bytes up to there), rising; `end` is where the last ends."""
    offsets = [edge for _, edge in edges]
    last_open = max((place for place, piece in enumerate(pieces) if piece.size is None), default=-1)
    behind_all = sum(piece.size or 0 for piece in pieces[last_open + 1 :])
    at = first = 0
    while first < len(pieces):
        size = pieces[first].size
        if size is not None:
            at, first = at + size, first + 1
            continue
        last = first
        while last < len(pieces) and pieces[last].size is None:
            last += 1
        start = bisect.bisect_right(offsets, at)
        near = edges[start:] if last == len(pieces) else edges[start : start + LOOKED_AHEAD * 4]
        inner = [(count - first, edge - at) for count, edge in near]
        if end is not None and last > last_open:
            total: int | None = end - at - behind_all
        else:
            total = _reach(last - first, pieces[last : last + LOOKED_AHEAD], inner)
        _settle(pieces[first:last], inner, total, mss, is_last=last == len(pieces))
        at += sum(piece.size or 0 for piece in pieces[first:last])
        first = last


def _settle(own: list[Piece], edges: Edges, total: int | None, mss: int, *, is_last: bool) -> None:
    if total is not None and not len(own) <= total <= sum(piece.most for piece in own):
        total = None
    # An edge that was named after what follows tells nothing of these.
    _share_open(own, edges if is_last else [(count, edge) for count, edge in edges if count <= len(own)], total, mss)


def _reach(own: int, behind: list[Piece], edges: Edges) -> int | None:
    """Where `own` open pieces end: as far on as the pieces behind them leave room; None when these do not tell.

    Nobody acknowledges what was not sent: at every edge the open pieces reach far enough that with the known ones that came before it
    they make it up.
    """
    chain = itertools.takewhile(lambda piece: piece.size is not None, behind)
    sums = list(itertools.accumulate((piece.size or 0 for piece in chain), initial=0))
    least = [edge - sums[count - own] for count, edge in edges if own <= count < own + len(sums)]
    return max(least, default=None) if len(sums) > 1 else None


def _share_open(pieces: list[Piece], edges: Edges, total: int | None, mss: int) -> None:
    """Share bytes out among open pieces: by the edges that each of them may end at, the rest by guess."""
    if total is not None:
        edges = [(count, edge) for count, edge in edges if edge < total] + [(len(pieces), total)]
    done = at = 0
    for last, edge in _fit([(min(count, len(pieces)), edge) for count, edge in edges]):
        own, rest = pieces[done:last], edge - at
        if not own or not len(own) <= rest <= sum(piece.most for piece in own):
            continue
        for piece, size in zip(own, _guess_sizes(own, rest, mss), strict=True):
            piece.size = min(size, MOST_SEGMENT) if piece.packet is not None else size
            _mark_guessed(piece, sure=len(own) == 1)
        done, at = last, edge
    for piece in pieces[done:]:
        piece.size = _least(piece)
        _mark_guessed(piece, sure=False)


def _fit(edges: Edges) -> Edges:
    """Edges with the number of the piece that each ends: as late as it may, so that every edge has a piece of its own."""
    fitted: Edges = []
    room = 1 << 62
    for count, end in reversed(edges):
        last = min(count, room)
        if last > 0:
            fitted.append((last, end))
            room = last - 1
    return fitted[::-1]


def _guess_sizes(pieces: list[Piece], rest: int, mss: int) -> list[int]:
    """Sizes that make `rest`: those of the words where these are the message, else even parts."""
    least = [_least(piece) for piece in pieces]
    if max(least) == 1 or sum(least) > rest:
        each, more = divmod(rest, len(pieces))
        return [each + (place < more) for place in range(len(pieces))]
    over = rest - sum(least)
    for place in sorted(range(len(least)), key=lambda place: -least[place]):
        more = min(over, max(mss - least[place], 0))
        least[place] += more
        over -= more
    least[-1] += over
    return least


def _least(piece: Piece) -> int:
    """The bytes that a piece has at least: those of its words where these are the message itself."""
    return max(len(piece.packet.data), 1) if piece.packet is not None else 1


def _mark_guessed(piece: Piece, *, sure: bool) -> None:
    if piece.packet is not None:
        piece.packet.guessed = not sure and piece.size != len(piece.packet.data)
