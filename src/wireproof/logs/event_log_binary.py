"""Event log files of Windows itself (EVTX), by the `evtx` package where it is installed.

Takes bytes; gives the same events as the XML form. Without the package a note says how to get XML.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from wireproof.limits import raise_limit
from wireproof.logs.event_log import EVENTS, EventXmlLog, read_event


def read_evtx(data: bytes, file: str) -> EventXmlLog:
    """The events of a file; damage ends in a note, and what could be read stays."""
    log = EventXmlLog(file=file, in_utc=True, unit="record")
    try:
        from evtx import PyEvtxParser
    except ImportError:
        log.notes.append(
            "an event log (EVTX): install `wireproof[evtx]` to have it read, or turn it into XML on Windows: `wevtutil qe FILE.evtx /lf:true /f:xml > FILE.xml`"
        )
        return log
    try:
        for xml in _texts(iter(PyEvtxParser(io.BytesIO(data)).records()), log):
            event = read_event(xml, 0)
            if event is not None:
                log.records.append(event)
    except (OSError, RuntimeError, ValueError) as error:
        log.notes.append(f"damaged event log (EVTX): {error}; {len(log.records):,} events before it are read")
    return log


def _texts(records: Iterator[Any], log: EventXmlLog) -> Iterator[str]:
    """The XML of each record; records that can't be read are counted in a note."""
    damaged, most = 0, int(EVENTS.value)
    for turn in range(most + 1):
        try:
            record = next(records, None)
        except (OSError, RuntimeError, ValueError):
            damaged += 1
            continue
        if record is None:
            break
        if turn == most:
            log.notes.append(f"only the first {most:,} events are read; {raise_limit(EVENTS)}")
            break
        yield str(record["data"])
    if damaged:
        log.notes.append(f"{damaged:,} events of the event log are damaged")
