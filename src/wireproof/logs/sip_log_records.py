"""Texts of SIP logs cut into records: server records of SIPStack and S4, client records of UCCAPI; one a line, or several run together.

Takes a text; gives records with offset, time, process and thread, and what they hold. Reads no SIP.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

SERVER = (
    r"TL_(?P<level>[A-Z]{2,12})\((?P<flag>[A-Z0-9_]{2,32})\) ?\[[^\]\n]{0,128}\](?P<pid>[0-9A-Fa-f]{3,8})\.(?P<tid>[0-9A-Fa-f]{3,8})::"
    r"(?P<date>\d{2}/\d{2}/\d{4})-(?P<time>\d{2}:\d{2}:\d{2}\.\d{3})(?:\.[0-9A-Fa-f]{1,16})?"
)
CLIENT = (
    r"(?P<cdate>\d{2}/\d{2}/\d{4})\|(?P<ctime>\d{2}:\d{2}:\d{2}\.\d{3}) (?P<cpid>[0-9A-Fa-f]{2,8}):(?P<ctid>[0-9A-Fa-f]{2,8})"
    r" (?P<clevel>[A-Z]{3,12})[ \t]{0,8}:: ?"
)
HEADER = re.compile(f"{SERVER}|{CLIENT}")
SERVER_HEADER = re.compile(f"{SERVER}(?:(?!){CLIENT})?")
"""The same where no client's record is: it begins with letters that `re` looks for alone."""
CLIENT_SIGN = re.compile(r"\|\d{2}:\d{2}:\d{2}\.\d{3} ")
BEGIN, END = "$$begin_record", "$$end_record"
RECORD_MOST = 131_072
"""Characters of one record that are looked at."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it and its text begin, when it was written (ns since 1970 of the log's own clock), by whom, and its text.

    `client` tells a record of UCCAPI from one of a server. `flag` is the trace flag of a server's record, such as TF_PROTOCOL. `begun`
    tells that `$$begin_record` stands in it; `text` then is what follows. `ended` tells that the log itself says where it ends, `cut` that
    it is longer than what is looked at.
    """

    offset: int
    text_offset: int
    time_ns: int
    pid: int
    tid: int
    level: str
    flag: str
    client: bool
    begun: bool
    ended: bool
    text: str
    cut: bool = False


def split_records(text: str) -> Iterator[Record]:
    """Every record of the text. Those whose time is none are left out."""
    header = HEADER if CLIENT_SIGN.search(text) else SERVER_HEADER
    # Looked for twice: the headers of a large log take as much memory as its text.
    day_first = any(int((found["date"] or found["cdate"])[:2]) > 12 for found in header.finditer(text))
    headers = header.finditer(text)
    following = next(headers, None)
    while following is not None:
        found, following = following, next(headers, None)
        end = following.start() if following else len(text)
        record = _record(found, text[found.end() : min(end, found.end() + RECORD_MOST)], day_first)
        if record is not None:
            is_cut = end > found.end() + RECORD_MOST and not record.ended
            yield dataclasses.replace(record, cut=True) if is_cut else record


def _record(found: re.Match[str], text: str, day_first: bool) -> Record | None:
    client = found["cdate"] is not None
    date, time = (found["cdate"], found["ctime"]) if client else (found["date"], found["time"])
    time_ns = wall_ns(date, time, day_first)
    if time_ns is None:
        return None
    pid, tid = (found["cpid"], found["ctid"]) if client else (found["pid"], found["tid"])
    inside, end_mark, _ = text.partition(END)
    before, begun, fields = inside.partition(BEGIN)
    level = found["clevel"] if client else found["level"]
    text, flag = fields if begun else inside, found["flag"] or ""
    at = found.end() + (len(before) + len(BEGIN) if begun else 0)
    return Record(
        found.start(), at, time_ns, int(pid, 16), int(tid, 16), level, flag, client, bool(begun), bool(end_mark), text
    )


def wall_ns(date: str, time: str, day_first: bool = False) -> int | None:
    """Nanoseconds since 1970 of `01/08/2013` and `09:18:57.600`, as if that clock showed UTC; None for no such time."""
    first, second, year = (int(part) for part in date.split("/"))
    month, day = (second, first) if day_first else (first, second)
    hours, minutes, seconds = time.split(":")
    whole, _, millis = seconds.partition(".")
    try:
        moment = datetime(year, month, day, int(hours), int(minutes), int(whole), tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000 + int(millis) * 1_000_000
