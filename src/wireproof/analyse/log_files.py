"""Files that are neither capture nor key: the logs and command outputs in them, also in compressed files and in archives.

Takes paths; adds logs to the inputs. What is no text, and text that nothing is understood of, is left to others.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.capture.opening import open_inputs
from wireproof.errors import CaptureFormatError
from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.analyse.inputs import Inputs
    from wireproof.capture.opening import Input

FILE_BYTES = limit(
    "logs.file_bytes",
    512 * 1024**2,
    "a text trace of a busy day; a file, or all members of an archive, is read into memory as a whole, and twice over as text",
)
PART = 1 << 20


def take_logs(path: str, found: Inputs, members: list[str] | None = None) -> bool:
    """Take the logs of a file, or of every member of an archive; False when nothing in it is understood as one.

    `members` gains the names of all that was looked at.
    """
    before, left = len(found.logs), int(FILE_BYTES.value)
    if not Path(path).is_file():
        return False
    # What can't be opened is told by who looks for captures in it.
    with contextlib.suppress(CaptureFormatError):
        for item in open_inputs(path, None):
            try:
                data = _read(item, left)
            finally:
                item.stream.close()
            left -= len(data)
            if members is not None:
                members.append(item.name)
            _take(item.name, data, found)
    return len(found.logs) > before


def _read(item: Input, most: int) -> bytes:
    """The bytes of a text or of an event log; none for anything else, and for what is larger than `most`."""
    from wireproof.logs.reading import EVTX
    from wireproof.logs.text import read_text

    if not item.head.startswith(EVTX) and (not item.head or read_text(item.head, item.name) is None):
        return b""
    parts, held = [], 0
    while held <= most and (part := item.stream.read(PART)):
        parts.append(part)
        held += len(part)
    return b"".join(parts) if held <= most else b""


def _take(file: str, data: bytes, found: Inputs) -> None:
    from wireproof.logs import read_logs

    first = found.texts.setdefault((len(data), hash(data)), file)
    if first != file and data:
        # Such as an archive beside what was unpacked from it.
        if any(log.file == first for log in found.logs):
            found.notes.append(f"{file} is the same file as {first}, which is read once")
        return
    logs = read_logs(data, file) if data else []
    stated = found.stated_logs.get(file)
    for log in logs:
        found.notes += [f"{file}: {note}" for note in log.notes]
        if stated is not None:
            log.zone_s, log.point = stated.zone_s, stated.point
    found.logs += logs
