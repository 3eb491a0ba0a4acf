"""Which records of a text belong to one listing, and what its heading calls it: several captures may stand one after another.

Takes packets in the order of the text, gives `Listing`s. A record that is printed twice is taken once.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.records import HEADER
from wireproof.capture.listing.times import DAY, SECOND, Clocks, settle_dates

WALL, DAYTIME, SECONDS, NONE = "date and time", "time of day", "seconds", "none"

_PLACES = r"client|server|agent|edge|front[ -]?end|frontend|gateway|host|proxy|firewall|sender|receiver|source|target|destination|router|branch|remote|machine"
_WHERE = rf"(?:[\w-]{{1,20}} )?(?:{_PLACES})(?: server| client| host)?"
_PLACE = re.compile(
    rf"(?i)\b(?P<one>{_WHERE})['’s]{{0,2}}[ -]side\b"
    rf"|\b(?P<two>{_WHERE})(?:['’]s)? (?:perspective|point of view|trace|capture|listing)\b"
    rf"|\b(?:captured?|taken|collected|seen|trace|listing) (?:on|at|in|from|by) (?:the )?(?P<three>{_WHERE})\b"
)
_WORDLESS = {"the", "a", "at", "in", "on", "from", "of", "by", "this", "that", "our", "and", "to", "for", "same"}
_EVENT = re.compile(r"^\d{1,9}[ \t]+\d")
HEADING_MOST = 140
LOOKED_BACK = 50
MOST_LISTINGS = 100
"""A text with more listings than somebody reads is none of listings."""
OUT_OF_ORDER = 0.02


@dataclass(slots=True)
class Listing:
    """The packets of one listing, in order; `place` is the word of its heading, "" for none."""

    packets: list[Packet]
    style: str
    kind: str
    place: str = ""
    is_delta: bool = False
    repeated: int = 0
    columns: set[str] = field(default_factory=set)

    @property
    def last(self) -> Packet:
        """The packet that was printed last."""
        return self.packets[-1]

    @property
    def numbers(self) -> dict[int, Packet]:
        """Packets by their printed number."""
        return {p.record.number: p for p in self.packets if p.record.number is not None}


def split_listings(text: str, packets: list[Packet]) -> list[Listing]:
    """The listings in a text, with the times of their packets settled."""
    settle_dates([packet.record.clocks for packet in packets])
    listings: list[Listing] = []
    for segment, heading in _segments(text, packets):
        place = find_place(heading)
        last = listings[-1] if listings else None
        made = Listing(segment, segment[0].record.style, clock_kind(segment[0].record.clocks), place)
        if last is not None and _goes_on(last, made):
            last.packets += segment
            last.place = last.place or place
        elif len(listings) < MOST_LISTINGS:
            listings.append(made)
    for listing in listings:
        settle_times(listing)
    return [_without_repeats(listing) for listing in _join_same(listings)]


def _segments(text: str, packets: list[Packet]) -> list[tuple[list[Packet], str]]:
    """Runs of records with nothing but other records and blank lines between them, each with the prose before it."""
    found: list[tuple[list[Packet], str]] = []
    end = 0
    for packet in packets:
        between = text[max(end, packet.record.at - 1500) : packet.record.at]
        heading = "\n".join(
            line for line in HEADER.sub("", between).splitlines() if line.strip() and not _EVENT.match(line.strip())
        )
        last = found[-1][0][-1] if found else None
        if last is None or heading or not _follows(last, packet):
            found.append(([packet], heading))
        else:
            found[-1][0].append(packet)
        end = packet.record.end
    return found


def _follows(last: Packet, packet: Packet) -> bool:
    one, other = last.record, packet.record
    if one.style != other.style or clock_kind(one.clocks) != clock_kind(other.clocks):
        return False
    return one.number is None or other.number is None or other.number > one.number


def _goes_on(listing: Listing, segment: Listing) -> bool:
    """Whether a segment is the rest of a listing that prose interrupted: numbers and times go on, and no heading names another place."""
    if listing.kind != segment.kind or not _follows(listing.last, segment.packets[0]):
        return False
    if listing.place and segment.place and listing.place != segment.place:
        return False
    before, after = listing.last.record.clocks, segment.packets[0].record.clocks
    if segment.kind == WALL:
        return 0 <= (after.wall_ns or 0) - (before.wall_ns or 0) + SECOND <= DAY
    if segment.kind == DAYTIME:
        return (after.day_ns or 0) + SECOND >= (before.day_ns or 0)
    if segment.kind == NONE:
        return True
    if segment.place and not listing.place:
        return False
    counts = [[p.record.clocks.seconds[0] for p in one.packets[-LOOKED_BACK:]] for one in (listing, segment)]
    if _counts_up(counts[0]) and len(counts[0]) > 3:
        return _counts_up(counts[0][-1:] + counts[1])
    return True


def find_place(heading: str) -> str:
    """The place that the last heading line names, as in "From client perspective:"; "" for none."""
    place = ""
    for line in map(str.strip, heading.splitlines()):
        if len(line) > HEADING_MOST or (". " in line[4:] and not line.endswith(":")):
            continue
        for found in _PLACE.finditer(line):
            words = (found["one"] or found["two"] or found["three"] or "").lower().split()
            while words and words[0] in _WORDLESS:
                words = words[1:]
            place = "-".join(words).replace("front-end", "frontend") or place
    return place


def clock_kind(clocks: Clocks) -> str:
    """Which of a record's times counts."""
    if clocks.wall_ns is not None:
        return WALL
    if clocks.day_ns is not None:
        return DAYTIME
    return SECONDS if clocks.seconds else NONE


def _grows(values: list[int]) -> bool:
    return all(one <= other for one, other in itertools.pairwise(values))


def _counts_up(values: list[int]) -> bool:
    """Whether seconds count from one start: they fall by little in all, where frames were captured out of order."""
    steps = [other - one for one, other in itertools.pairwise(values)]
    return -sum(step for step in steps if step < 0) <= OUT_OF_ORDER * sum(step for step in steps if step > 0)


def settle_times(listing: Listing) -> None:
    """Give every packet its time, in nanoseconds since 1970, or since some start where the listing has no dates."""
    clocks = [p.record.clocks for p in listing.packets]
    if listing.kind in (WALL, DAYTIME):
        times = _wall_times(clocks)
        refined = _refine(times, clocks)
    elif listing.kind == SECONDS:
        times = [one.seconds[0] for one in clocks]
        listing.is_delta = not _counts_up(times)
        refined = _sums(times) if listing.is_delta else times
    else:
        refined = [0] * len(clocks)
    lowest = min(refined)
    for packet, time_ns in zip(listing.packets, refined, strict=True):
        packet.time_ns = time_ns - min(lowest, 0)


def _wall_times(clocks: list[Clocks]) -> list[int]:
    """Dates and times; of times of day each that is far before the one before is on the next day."""
    times, days, last = [], 0, None
    for one in clocks:
        if one.wall_ns is not None:
            times.append(one.wall_ns)
            continue
        now = one.day_ns or 0
        days += last is not None and now < last - DAY // 2
        times.append(days * DAY + now)
        last = now
    return times


def _refine(times: list[int], clocks: list[Clocks]) -> list[int]:
    """Times with the digits of another column that counts the same seconds more finely."""
    grain = SECOND // 10 ** min((one.digits for one in clocks), default=0)
    if grain <= 1000 or len(times) < 2:
        return times
    for column in range(min(len(one.seconds) for one in clocks)):
        counted = [one.seconds[column] for one in clocks]
        for fine in (counted, _sums(counted)):
            offs = [when - count for when, count in zip(times, fine, strict=True)]
            if max(offs) - min(offs) <= 2 * grain:
                return [max(offs) + count for count in fine]
    return times


def _sums(values: list[int]) -> list[int]:
    total, sums = 0, []
    for value in values:
        total += value
        sums.append(total)
    return sums


def _join_same(listings: list[Listing]) -> list[Listing]:
    """Listings that print records of each other belong to one capture: shown through several filters."""
    joined: list[Listing] = []
    for listing in listings:
        twin = next((one for one in joined if _is_same(one, listing)), None)
        if twin is None:
            joined.append(listing)
            continue
        common = twin.numbers.keys() & listing.numbers.keys()
        first = min(common, default=None)
        shift = twin.numbers[first].time_ns - listing.numbers[first].time_ns if first is not None else 0
        for packet in listing.packets:
            packet.time_ns += shift
        known = twin.numbers
        new = [p for p in listing.packets if p.record.number not in known]
        twin.repeated += len(listing.packets) - len(new)
        twin.packets = sorted(twin.packets + new, key=lambda p: p.record.number or 0)
        _shift_up(twin)
        twin.place = twin.place or listing.place
    return joined


def _shift_up(listing: Listing) -> None:
    lowest = min(p.time_ns for p in listing.packets)
    if lowest < 0:
        for packet in listing.packets:
            packet.time_ns -= lowest


def _is_same(one: Listing, other: Listing) -> bool:
    if one.style != other.style or one.kind != other.kind:
        return False
    mine, theirs = one.numbers, other.numbers
    common = mine.keys() & theirs.keys()
    if common:
        return all(_says_same(mine[number], theirs[number]) for number in common)
    return not one.is_delta and not other.is_delta and _interleave(one, other)


def _interleave(one: Listing, other: Listing) -> bool:
    """Whether records of one stand between those of the other, by number as by time, with addresses in common."""
    merged = {**one.numbers, **other.numbers}
    order = sorted(merged)
    own = sorted(one.numbers)
    if not order or not any(own[0] < number < own[-1] for number in other.numbers):
        return False
    hosts = [{end for p in listing.packets for end in (p.record.source, p.record.target)} for listing in (one, other)]
    return bool(hosts[0] & hosts[1]) and _grows([merged[number].time_ns for number in order])


def _says_same(one: Packet, other: Packet) -> bool:
    ends = {one.record.source, one.record.target} == {other.record.source, other.record.target}
    return (
        ends
        and one.said.kind == other.said.kind
        and one.said.seq == other.said.seq
        and one.said.addresses == other.said.addresses
    )


def _without_repeats(listing: Listing) -> Listing:
    """Each printed number once."""
    seen: set[int] = set()
    kept = []
    for packet in listing.packets:
        number = packet.record.number
        if number is not None and number in seen:
            listing.repeated += 1
            continue
        if number is not None:
            seen.add(number)
        kept.append(packet)
    listing.packets = kept
    return listing
