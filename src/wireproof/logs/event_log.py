"""Events of the Windows event log as XML: from `wevtutil qe /f:xml`, or saved by Event Viewer, one event a line or all in one.

Takes a text; gives events with provider, id, level, computer and data, in UTC. Tags are looked for one by one, so that a damaged event
costs no other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from wireproof.limits import limit, raise_limit
from wireproof.logs.endpoint_text import end_text, read_address
from wireproof.logs.event_lines import EventLinesLog, EventRecord
from wireproof.logs.log import SHOWN as QUOTED
from wireproof.logs.log import Anchor, pair_key
from wireproof.logs.stamps import read_moment
from wireproof.logs.text import LogText, is_number
from wireproof.wire.windows.errors import find_windows_errors

EVENTS = limit(
    "logs.events", 500_000, "a full log of 20 MB holds some 50,000 events; beyond ten such logs memory would go to them"
)
EVENT = re.compile(r"<(?:\w{1,16}:)?Event(?=[\s>])")
EVENT_CHARACTERS = 65_536
"""What of one event is looked at: its XML can't be longer than 64 KiB in the log."""
PROVIDER = re.compile(r"<Provider\s[^<>]{0,400}?\bName\s?=\s?[\"']([^\"'<>]{1,200})")
EVENT_ID = re.compile(r"<EventID(?:\s[^<>]{0,80})?>\s{0,8}(\d{1,10})\s{0,8}<")
LEVEL = re.compile(r"<Level>\s{0,8}(\d{1,3})\s{0,8}<")
TIME = re.compile(
    r"<TimeCreated\s[^<>]{0,100}?\bSystemTime\s?=\s?[\"'](\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)"
)
COMPUTER = re.compile(r"<Computer>([^<>]{1,260})<")
CHANNEL = re.compile(r"<Channel>([^<>]{1,260})<")
PROCESS = re.compile(r"<Execution\s[^<>]{0,200}?\bProcessID\s?=\s?[\"'](\d{1,10})")
NUMBER = re.compile(r"<EventRecordID>\s{0,8}(\d{1,20})\s{0,8}<")
DATA = re.compile(r"<Data(?:\s+Name\s?=\s?[\"'](?P<name>[^\"'<>]{0,200})[\"'])?\s{0,8}>(?P<value>[^<]{0,8000})</Data>")
USER_DATA = re.compile(r"<(?P<name>\w{1,100})(?:\s[^<>]{0,200})?>(?P<value>[^<]{1,4000})</(?P=name)>")
USER_PART = re.compile(r"<UserData(?:\s[^<>]{0,200})?>")
MESSAGE = re.compile(r"<Message>(?P<text>[^<]{1,8000})<")
LEVELS = {0: "Information", 1: "Critical", 2: "Error", 3: "Warning", 4: "Information", 5: "Verbose"}
MANAGER = "Service Control Manager"
ENDED, STATE_CHANGED = frozenset((7023, 7024, 7031, 7034)), 7036
STOPPED = frozenset(
    (
        "stopped",
        "beendet",
        "angehalten",
        "arrêté",
        "detenido",
        "arrestato",
        "interrotto",
        "parado",
        "interrompido",
        "остановлена",
        "停止",
    )
)
RUNNING = frozenset(
    (
        "running",
        "wird ausgeführt",
        "ausgeführt",
        "en cours d'exécution",
        "en ejecución",
        "in esecuzione",
        "em execução",
        "работает",
        "実行中",
    )
)
AUDITING, ALLOWED, BLOCKED, INBOUND = "Microsoft-Windows-Security-Auditing", 5156, 5157, "%%14592"
"""The filtering platform's audit of TCP connections. One that it kept from leaving is in no capture."""
MOST_DATA = 100
SHOWN = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventXmlRecord(EventRecord):
    """One event with all that its XML says. `number` is its record id, `data` are (name, value) pairs, names "" where there are none."""

    number: int = 0
    pid: int = 0
    channel: str = ""
    data: tuple[tuple[str, str], ...] = ()

    @property
    def quoted(self) -> str:
        """Time, source, id and words: a line of XML may be its first tag alone, or many events."""
        clock = f"{EPOCH + timedelta(microseconds=self.time_ns // 1000):%Y-%m-%d %H:%M:%S} " if self.time_ns else ""
        return f"{clock}{self.source} {self.event_id}: {self.text}".strip()[:QUOTED]

    def value(self, name: str) -> str:
        """The value of a name; "" for none."""
        return next((value for own, value in self.data if own == name), "")


@dataclass(slots=True, kw_only=True)
class EventXmlLog(EventLinesLog):
    """The events of one XML text or EVTX file, in its order; times are UTC."""

    title: ClassVar[str] = "event log"

    def anchors(self) -> Iterator[Anchor]:
        """First packets of TCP connections that the filtering platform allowed, or blocked when they had come."""
        for one in self.records:
            if not isinstance(one, EventXmlRecord) or one.source != AUDITING or one.value("Protocol") != "6":
                continue
            if one.event_id == ALLOWED or (one.event_id == BLOCKED and one.value("Direction") == INBOUND):
                ends = [_end(one, name) for name in ("Source", "Dest")]
                if one.time_ns and all(ends):
                    yield Anchor(one.time_ns, one.line, "tcp-syn", pair_key(*ends))


def _end(event: EventXmlRecord, name: str) -> str:
    address, port = read_address(event.value(f"{name}Address")), event.value(f"{name}Port")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5
    return end_text((address, int(port))) if address and is_port else ""


def find(text: LogText) -> EventXmlLog | None:
    """The events in a text; None for none."""
    whole, log = text.whole, EventXmlLog(file=text.file, in_utc=True)
    starts = [match.start() for match in EVENT.finditer(whole)]
    most = int(EVENTS.value)
    for turn, start in enumerate(starts[:most]):
        end = starts[turn + 1] if turn + 1 < len(starts) else len(whole)
        event = read_event(whole[start : min(end, start + EVENT_CHARACTERS)], text.line_at(start))
        if event is not None:
            log.records.append(event)
    if len(starts) > most:
        log.notes.append(
            f"only the first {most:,} events are read, not the {len(starts) - most:,} from line {text.line_at(starts[most]):,} on; "
            + raise_limit(EVENTS)
        )
    return log if log.records else None


def read_event(xml: str, line: int) -> EventXmlRecord | None:
    """The event in a piece of XML; None where it has no id."""
    number = _number(EVENT_ID, xml)
    if number < 0:
        return None
    moment = TIME.search(xml)
    source, data = _text(PROVIDER, xml), _data(xml)
    return EventXmlRecord(
        read_moment(moment[1], moment[2]) if moment else 0, number & 0xFFFF, source, _said(source, number & 0xFFFF, data, xml), line,
        LEVELS.get(_number(LEVEL, xml), ""), _text(COMPUTER, xml), max(_number(NUMBER, xml), 0), max(_number(PROCESS, xml), 0),
        _text(CHANNEL, xml), data,
    )  # fmt: skip


def _data(xml: str) -> tuple[tuple[str, str], ...]:
    found = [(match["name"] or "", _plain(match["value"])) for match in DATA.finditer(xml)]
    part = USER_PART.search(xml)
    if not found and part:
        found = [(match["name"], _plain(match["value"])) for match in USER_DATA.finditer(xml, part.end())]
    return tuple((html.unescape(name), value) for name, value in found[:MOST_DATA])


def _said(source: str, number: int, data: tuple[tuple[str, str], ...], xml: str) -> str:
    """What an event says: of a service's change of state in one form whatever the language, else its message, else its data."""
    values = [value for _, value in data if value]
    if source == MANAGER and values and number in ENDED:
        if number in (7031, 7034):
            return f"The {values[0]} service terminated unexpectedly"
        return f"The {values[0]} service terminated with {', '.join(_code(value) for value in values[1:])}"
    if source == MANAGER and number == STATE_CHANGED and len(values) > 1:
        word = values[1].lower()
        state = "stopped" if word in STOPPED else "running" if word in RUNNING else values[1]
        return f"The {values[0]} service entered the {state} state."
    message = MESSAGE.search(xml)
    text = (
        _plain(message["text"])
        if message
        else ", ".join(f"{name}: {value}" if name else value for name, value in data if value)
    )
    return text[:SHOWN]


def _code(value: str) -> str:
    """`%%1058`, which stands for a code, with the code's name."""
    digits = value.removeprefix("%%")
    if digits == value or not is_number(digits):
        return value
    names = dict(find_windows_errors(int(digits)))
    name = names.get("win32") or names.get("hresult")
    return f"{digits} ({name})" if name else digits


def _text(pattern: re.Pattern[str], xml: str) -> str:
    match = pattern.search(xml)
    return _plain(match[1]) if match else ""


def _number(pattern: re.Pattern[str], xml: str) -> int:
    match = pattern.search(xml)
    return int(match[1]) if match else -1


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())
