"""Files that are neither capture nor key: the logs and command outputs in them.

Takes paths; adds logs to the inputs. What is no text, and text that nothing is understood of, is left to others.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.analyse.inputs import Inputs

FILE_BYTES = limit(
    "logs.file_bytes",
    512 * 1024**2,
    "a text trace of a busy day; a file is read into memory as a whole, and twice over as text",
)


def take_logs(path: str, found: Inputs) -> bool:
    """Take the logs of a file; False when nothing in it is understood as one."""
    from wireproof.logs import read_logs

    file = Path(path)
    try:
        if not file.is_file() or file.stat().st_size > FILE_BYTES.value:
            return False
        data = file.read_bytes()
    except OSError:
        return False
    logs = read_logs(data, path)
    stated = found.stated_logs.get(path)
    for log in logs:
        found.notes += [f"{path}: {note}" for note in log.notes]
        if stated is not None:
            log.zone_s, log.point = stated.zone_s, stated.point
    found.logs += logs
    return bool(logs)
