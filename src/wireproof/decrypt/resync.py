"""Going on behind bytes that the capture lacks: where the next record begins, and which number it has.

Takes a direction that stands at missing bytes, or at bytes that are no record; puts it where it can go on, or ends it. A number is right when the
MAC or tag is: nothing is guessed.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from wireproof.decrypt.epoch import Chain
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.protect.mac import StreamOpener
from wireproof.decrypt.protect.opener import CHAIN, BadRecord
from wireproof.decrypt.record_feed import Body, RecordFeed, Stop, find_boundaries
from wireproof.limits import limit
from wireproof.wire.tls import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    MESSAGES,
    RECORD_HEADER,
    TLS_1_3,
    unpack_record,
)

if TYPE_CHECKING:
    from wireproof.decrypt.direction import Direction
    from wireproof.decrypt.epoch import Epoch
    from wireproof.decrypt.keyed import Wait

NUMBERS = limit(
    "decrypt.numbers_tried",
    4096,
    "records that may be missing in one place: the number of the next one is found by trying, and a lost buffer holds some hundred",
)
TRIES = limit(
    "decrypt.tries",
    1 << 18,
    "numbers tried in all for one side, each once more for every 4 KiB of its record: what that costs is some seconds",
)
BOUNDARIES = 16
"""Places behind a gap that look like the beginning of a record; the right one is among the first two or three."""
SEARCHES = 256
"""Times that bytes which are no record are stepped over; what has more of them is no TLS."""
REGIONS = 1024
"""Stretches between gaps that are looked through in one place."""
LATER_NUMBERS = 64
"""Records under keys that came into use within the gap."""
LOOKED_AHEAD = 16
TRY_BYTES = 4096
STREAM_MOST = 1 << 24
"""Missing bytes for which a key stream is made."""


def go_on(direction: Direction) -> Iterator[Wait]:
    """Find the next record behind missing bytes, or behind bytes that are no record."""
    feed, lost = direction.feed, direction.feed.at
    is_gap = feed.stop is Stop.GAP
    header = unpack_record(feed.header()) if is_gap else None
    after = direction.source.next_after(lost + feed.had) if is_gap else lost + 1
    if after is None:
        direction.ended = True
    elif header and lost + RECORD_HEADER + header.length >= after:
        # It is cut, but tells where the next one begins.
        if header.kind == APPLICATION_DATA and direction.epoch is None and not direction.closed:
            yield from direction.know_version()
            if direction.session.version >= TLS_1_3:
                direction.begin_secrets()
        _step_over_one(direction, lost + RECORD_HEADER + header.length, header.kind)
    else:
        if not direction.closed and direction.epoch is not None:
            direction.tally.foreign |= not is_gap and direction.tally.reason is Reason.NONE
            direction.tally.miss(Reason.MISSING_BYTES if is_gap else Reason.TAMPERED, lost)
        yield from _search(direction, lost, after)


def _step_over_one(direction: Direction, end: int, kind: int) -> None:
    """One record lacks bytes: its number is used, its content is lost."""
    feed, epoch = direction.feed, direction.epoch
    size = end - feed.at - RECORD_HEADER
    # In TLS 1.3 all that is encrypted looks like application data.
    is_data = kind == APPLICATION_DATA and (epoch is None or epoch.name != "handshake")
    direction.tally.unread += is_data
    if is_data and not direction.closed:
        direction.tally.miss(Reason.MISSING_BYTES, feed.at)
    direction.lose_messages()
    if epoch is not None and epoch.chain is Chain.DICTIONARY:
        direction.tally.miss(Reason.MISSING_BYTES, feed.at)
        direction.close()
    elif epoch is not None:
        epoch.sequence += 1
        # What its header says is not known to be right: nothing vouches for it but the MAC, which lacks bytes.
        if is_data or direction.tally.records:
            direction.found.skip(max(size - epoch.overhead, 1))
        epoch.move_to(epoch.spent + size)
        epoch.go_on_behind(direction.source, end, epoch.sequence)
    feed.at = end


def _search(direction: Direction, lost: int, after: int) -> Iterator[Wait]:
    """Look for the next record in one stretch after the other."""
    direction.searches += direction.feed.stop is Stop.NO_RECORD
    for _ in range(REGIONS):
        if direction.tries > TRIES.value or direction.searches > SEARCHES:
            break
        places = find_boundaries(direction.source, after, direction.versions)
        for place in itertools.islice(places, BOUNDARIES):
            if direction.closed:
                direction.feed.at = place
                return
            if direction.epoch is None:
                if (yield from _go_on_plain(direction, place)):
                    return
            elif _find_number(direction, lost, place):
                return
        following = _next_region(direction, after)
        if following is None:
            break
        after = following
    direction.close()
    direction.ended = True


def _next_region(direction: Direction, start: int) -> int | None:
    """Where bytes go on behind the gap that follows."""
    there = direction.source.read(start, 1 << 16)
    if not there or len(there) == 1 << 16:
        return None
    return direction.source.next_after(start + len(there))


# --- while records are in clear --------------------------------------------------------------------------------------


def _go_on_plain(direction: Direction, place: int) -> Generator[Wait, None, bool]:
    """Go on with a record in clear, or with one under the first keys, whose number is unknown; whether there is one."""
    feed = RecordFeed(direction.source, place)
    record = feed.take()
    if record is None:
        return False
    direction.lose_messages()
    direction.feed.at = place
    yield from direction.know_version()
    if direction.session.version >= TLS_1_3:
        if record.kind == APPLICATION_DATA:
            direction.begin_secrets()
            try_on(direction, place)
    elif not _comes_before_change(feed, record):
        direction.guessing = True
        yield from direction.change()
        direction.guessing = False
        try_on(direction, place)
    return True


def _comes_before_change(feed: RecordFeed, record: Body) -> bool:
    """Whether a record up to TLS 1.2 is in clear: it looks so, or a ChangeCipherSpec follows."""
    for _ in range(LOOKED_AHEAD):
        if record.kind == CHANGE_CIPHER_SPEC and record.body == b"\x01":
            return True
        if record.kind == ALERT and len(record.body) == 2:
            return True
        if record.kind != HANDSHAKE:
            return False
        stated = int.from_bytes(record.body[1:4], "big")
        if record.body[0] in MESSAGES and stated + 4 <= len(record.body):
            return True
        following = feed.take()
        if following is None:
            return False
        record = following
    return False


def try_on(direction: Direction, place: int) -> None:
    """Find the number of the record at `place` under keys of which no record was opened."""
    record = RecordFeed(direction.source, place).take()
    direction.feed.at = place
    if direction.epoch is None or record is None:
        return
    for epoch in (direction.epoch, *direction.later_epochs()):
        for number in range(LATER_NUMBERS):
            if _opens(direction, epoch, record, number):
                if epoch is not direction.epoch:
                    direction.begin(epoch)
                _start_at(direction, epoch, number)
                return
    direction.tally.miss(Reason.MISSING_BYTES, place)
    direction.close()


def _start_at(direction: Direction, epoch: Epoch, number: int) -> None:
    """Go on with this number under new keys. Up to TLS 1.2 the first record is the Finished, in TLS 1.3 only data is under the last keys."""
    epoch.sequence = number
    lost = number - (direction.session.version < TLS_1_3) if epoch.name != "handshake" else 0
    if lost > 0:
        direction.tally.unread += lost
        direction.tally.miss(Reason.MISSING_BYTES, direction.feed.at)


# --- while they are encrypted ----------------------------------------------------------------------------------------


def _find_number(direction: Direction, lost: int, place: int) -> bool:
    """Try the numbers that the record at `place` may have; go on there when one is right."""
    epoch = direction.epoch
    assert epoch is not None
    feed = RecordFeed(direction.source, place)
    if not epoch.go_on_behind(direction.source, place, 0):
        # Its IV is missing; that of the next one is in its last block.
        feed.take()
        place = feed.at
    record = feed.take()
    if record is None or epoch.chain is Chain.DICTIONARY:
        return False
    most = min((place - lost) // (RECORD_HEADER + max(epoch.overhead, 1)), int(NUMBERS.value))
    skipped = _find_in_stream(direction, epoch, record, (place - lost, most))
    if not skipped:
        numbers = range(1, most + 1)
        skipped = next((one for one in numbers if _opens(direction, epoch, record, epoch.sequence + one)), 0)
    if not skipped:
        return _find_later(direction, record, place - lost)
    epoch.sequence += skipped
    direction.tally.unread += skipped
    direction.found.skip(max(place - lost - skipped * (RECORD_HEADER + epoch.overhead), 1))
    direction.lose_messages()
    direction.feed.at = place
    return True


def _find_later(direction: Direction, record: Body, lost: int) -> bool:
    """Whether keys of TLS 1.3 that came into use within the gap open a record."""
    for epoch in direction.later_epochs(updated=True):
        for number in range(LATER_NUMBERS):
            if not _opens(direction, epoch, record, number):
                continue
            direction.lose_messages()
            if direction.tally.records:
                direction.found.skip(lost)
            direction.begin(epoch)
            epoch.sequence = number
            direction.feed.at = record.start
            return True
    return False


def _opens(direction: Direction, epoch: Epoch, record: Body, number: int) -> bool:
    """Whether a record opens with this number. An opener that goes on from record to record stands before it afterwards."""
    direction.tries += 1 + len(record.body) // TRY_BYTES
    if direction.tries > TRIES.value or epoch.chain is Chain.KEY_STREAM:
        return False
    epoch.go_on_behind(direction.source, record.start, number)
    try:
        epoch.opener.open(number, record.kind, record.version, record.body)
    except BadRecord as bad:
        if bad.why != CHAIN:
            return False
    epoch.go_on_behind(direction.source, record.start, number)
    return True


def _find_in_stream(direction: Direction, epoch: Epoch, record: Body, lost: tuple[int, int]) -> int:
    """How many records are lost under RC4, 0 where none fits: each took of the key stream what it had besides its header.

    `lost` are the missing bytes and the most records that they can be.
    """
    octets, most = lost
    opener = epoch.opener
    if not isinstance(opener, StreamOpener) or direction.tries > TRIES.value or octets > STREAM_MOST:
        return 0
    stream = opener.key_stream(octets + len(record.body))
    for skipped in range(1, most + 1):
        direction.tries += 1 + len(record.body) // TRY_BYTES
        spent = octets - skipped * RECORD_HEADER
        numbered = epoch.sequence + skipped, record.kind, record.version, record.body
        if spent >= 0 and opener.fits(stream[spent : spent + len(record.body)], numbered):
            epoch.spent += spent
            opener.put_back(stream[spent:])
            return skipped
    opener.put_back(stream)
    return 0
