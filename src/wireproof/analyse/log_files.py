"""Files that are neither capture nor key: the logs and command outputs in them, also in compressed files and in archives.

Takes paths; adds logs to the inputs. What is no text, and text that nothing is understood of, is left to others.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from wireproof.capture.opening import open_inputs
from wireproof.capture.streams import FileStream
from wireproof.errors import CaptureFormatError
from wireproof.limits import limit, raise_limit

if TYPE_CHECKING:
    from wireproof.analyse.inputs import Inputs
    from wireproof.capture.opening import Input
    from wireproof.logs import Log
    from wireproof.logs.time_zone import ZoneLog

FILE_BYTES = limit(
    "logs.file_bytes",
    512 * 1024**2,
    "a text trace of a busy day; a file, or all members of an archive, is read into memory as a whole",
)
PART = 1 << 20
MOST_DAYS = 100
"""Days that a log may span to be of one zone: shorter than any daylight saving time."""
DAY_NS = 86_400_000_000_000


def take_logs(path: str, found: Inputs, members: list[str] | None = None) -> bool:
    """Take the logs of a file, or of every member of an archive; False when nothing is understood or told of it.

    `members` gains the names of all that was looked at.
    """
    before, left = len(found.logs) + len(found.notes), int(FILE_BYTES.value)
    if not Path(path).is_file():
        return False
    # What can't be opened is told by who looks for captures in it.
    with contextlib.suppress(CaptureFormatError):
        for item in open_inputs(path, None):
            try:
                data = _read(item, left, found.notes)
            finally:
                item.stream.close()
            left -= len(data)
            if members is not None:
                members.append(item.name)
            _take(item.name, [data], found)
            del data
    return len(found.logs) + len(found.notes) > before


def _read(item: Input, most: int, notes: list[str]) -> bytes:
    """The bytes of a text or of an event log; none for anything else, and for what is larger than `most`, of which a note tells."""
    from wireproof.logs.reading import EVTX
    from wireproof.logs.text import read_text

    if not item.head.startswith(EVTX) and (not item.head or read_text(item.head, item.name) is None):
        return b""
    is_plain = isinstance(item.stream, FileStream) and item.stream.regular
    parts, held = [], item.size if is_plain and item.size > most else 0
    while held <= most and (part := item.stream.read(PART)):
        parts.append(part)
        held += len(part)
    if held <= most:
        return b"".join(parts)
    size, limit_bytes = f"{held:,}" if is_plain else f"more than {most:,}", int(FILE_BYTES.value)
    used = f", of which {limit_bytes - most:,} went to other logs of the archive" if most < limit_bytes else ""
    notes.append(
        f"{item.name} is too large to be read as a log ({size} bytes, limit {limit_bytes:,}{used}); {raise_limit(FILE_BYTES)}"
    )
    return b""


def _take(file: str, read: list[bytes], found: Inputs) -> None:
    """Take the logs in what was read of a file; it is taken out of the list, so that it is gone when its text is looked through."""
    data = read.pop()
    first = found.texts.setdefault((len(data), hash(data)), file)
    if not data:
        return
    if first != file:
        # Such as an archive beside what was unpacked from it.
        if any(log.file == first for log in found.logs):
            found.notes.append(f"{file} is the same file as {first}, which is read once")
        return
    read.append(data)
    del data
    logs = _logs(file, read, found.notes)
    stated = found.stated_logs.get(file)
    for log in logs:
        found.notes += [f"{file}: {note}" for note in log.notes]
        if stated is not None:
            log.zone_s, log.point = stated.zone_s, stated.point
    found.logs += logs


def _logs(file: str, read: list[bytes], notes: list[str]) -> list[Log]:
    from wireproof.logs.reading import EVTX, find_logs, read_logs
    from wireproof.logs.text import LINES, read_text

    if read[0].startswith(EVTX):
        return read_logs(read.pop(), file)
    text = read_text(read.pop(), file)
    if text is None:
        return []
    if text.left:
        left = "1 line after it was" if text.left == 1 else f"the {text.left:,} lines after it were"
        notes.append(f"{file}: read up to line {int(LINES.value):,}; {left} not read; {raise_limit(LINES)}")
    return find_logs(text)


def state_zones(logs: Sequence[Log]) -> list[str]:
    """Set the zone of logs where a file in their folder states that of its machine; gives why one is not taken.

    Logs that state their zone, or for which `case.toml` does, keep that. Where logs of a folder name several machines, or files in it
    state several zones, it is not known whose zone it is.
    """
    if not logs:
        return []
    from wireproof.logs.time_zone import ZoneLog

    folders: dict[tuple[str, str], list[Log]] = defaultdict(list)
    for log in logs:
        archive, _, member = log.file.rpartition("!")
        folders[archive, str(PurePath(member).parent)].append(log)
    notes = []
    for beside in folders.values():
        zones = [log for log in beside if isinstance(log, ZoneLog)]
        open_logs = [log for log in beside if log.zone_s is None and not (log.in_utc or log.of_capture)]
        if not zones or len(zones) == len(open_logs):
            continue
        if doubt := _doubt(zones, beside):
            notes.append(f"{zones[0].file} states a zone that is not taken for the logs beside it: {doubt}")
            continue
        for log in open_logs:
            _state_zone(log, zones[0])
    return notes


def _doubt(zones: Sequence[ZoneLog], beside: Sequence[Log]) -> str:
    """Why it is not known whose zone a folder states; "" where nothing speaks against one machine."""
    from wireproof.logs.event_lines import EventLinesLog

    if len({(zone.standard_s, zone.daylight_s, zone.changes) for zone in zones}) > 1:
        return "another file there states another one"
    events = [record for log in beside if isinstance(log, EventLinesLog) for record in log.records]
    hosts = {event.host.partition(".")[0].lower() for event in events if event.host}
    return f"they name {len(hosts)} computers" if len(hosts) > 1 else ""


def _state_zone(log: Log, zone: ZoneLog) -> None:
    """Set a log's zone where its first and last event have the same one, and no change lies between."""
    times = [event.time_ns for event in log.events() if event.time_ns]
    if not times or max(times) - min(times) > MOST_DAYS * DAY_NS:
        return
    first, last = zone.zone_at(min(times)), zone.zone_at(max(times))
    if first is not None and first == last:
        log.zone_s, log.zone_file = first, PurePath(zone.file.rpartition("!")[2]).name
