"""Events of the Windows event log as people paste them: from the viewer's list, its details, `wevtutil`, or a PowerShell table.

Takes a text; gives events with id, source and time. Heads are told by their place among others, not by their language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.event_saved import SavedRow, find_saved, saved_pattern
from wireproof.logs.log import Event, Log
from wireproof.logs.scan import find_at, places
from wireproof.logs.stamps import CLOCK, DATE, find_day_order, is_open, read_moment
from wireproof.logs.text import LINE_MOST, LogText, is_number

LEVELS = (
    r"Error|Warning|Information|Critical|Verbose|Fehler|Warnung|Informationen|Kritisch|Erreur|Avertissement|Critique|"
    r"Errore|Avviso|Informazioni|Erro|Aviso|Advertencia|Información|Informações|Crítico|Ошибка|Предупреждение|Сведения|"
    r"Chyba|Upozornění|Informace|Kritická|エラー|警告|情報|重大|错误|信息"
)
ENGLISH = frozenset(("Error", "Warning", "Information", "Critical", "Verbose", "Audit Success", "Audit Failure"))
"""Levels in English: with those in other languages the day comes before the month, or the year before both."""
LISTED = re.compile(
    rf"(?:^|(?<=\s))(?P<level>{LEVELS})[ \t]+(?P<date>{DATE}),?[ \t]+(?P<clock>{CLOCK})[ \t]+"
    r"(?P<source>[^\d\s][^\n\t]{0,78}?)[ \t]+(?P<id>\d{1,5})(?:[ \t]+(?P<category>\([^)\n]{1,40}\)|[^\s\d][^\n]{0,40}?))?[ \t]*$",
    re.MULTILINE,
)
"""A row of the viewer's list: level, date and time, source, id, category. What it says stands on the next line."""
SAVED = saved_pattern(LEVELS)
"""A row that the viewer saved: the same with the message behind the category."""
TABLED = re.compile(
    rf"^[ \t]*(?P<date>{DATE})[ \t]+(?P<clock>{CLOCK})[ \t]+(?P<id>\d{{1,5}})[ \t]+(?P<level>{LEVELS})[ \t]+(?P<text>[^\n]{{3,1000}})$",
    re.MULTILINE,
)
"""A row of `Get-WinEvent`: time, id, level, message."""
FIELD = re.compile(r"^[ \t]*(?P<name>[^\W\d][\w \u2019'-]{1,24}?)[ \t]*[:\uff1a][ \t]*(?P<value>[^\n]{0,400})$")
LOG_NAMES = (
    "log name",
    "protokollname",
    "nom du journal",
    "nome registro",
    "nombre de registro",
    "nome do log",
    "имя журнала",
    "název protokolu",
    "ログの名前",
    "日志名称",
)
LOG_NAME = re.compile("(?i)" + "|".join(LOG_NAMES))
STAMP = re.compile(rf"(?P<date>{DATE})(?:[T ,]+)(?P<clock>{CLOCK})(?P<zone>Z?)")
HEAD_LINES = 20
"""Lines of an event's details before what it says."""
TEXT_LINES = 12
MANAGER = "service control manager"

STOPPED = re.compile(
    r"^The (?P<name>.{1,120}?) service (?:terminated unexpectedly|terminated with|entered the stopped state|hung on starting)"
    r"|^(?:Der )?Dienst \"(?P<german>[^\"\n]{1,120})\" (?:wurde unerwartet beendet|wurde mit|befindet sich jetzt im Status \"Beendet\")"
    r"|^Le service (?P<french>.{1,120}?) (?:s['\u2019]est (?:terminé|arrêté) |est entré dans l['\u2019]état ?: ?arrêté)"
    r"|^El servicio (?P<spanish>.{1,120}?) (?:(?:se )?(?:terminó|cerró|finalizó) |entró en estado detenido)"
    r"|^(?P<japanese>.{1,120}?) ?サービスは ?(?:停止 ?状態に|予期せ)"
)
STARTED = re.compile(
    r"^The (?P<name>.{1,120}?) service entered the running state"
    r"|^(?:Der )?Dienst \"(?P<german>[^\"\n]{1,120})\" befindet sich jetzt im Status \"(?:Wird ausgeführt|Ausgeführt)"
    r"|^Le service (?P<french>.{1,120}?) est entré dans l['\u2019]état ?: ?en cours"
    r"|^El servicio (?P<spanish>.{1,120}?) entró en estado en ejecución"
    r"|^(?P<japanese>.{1,120}?) ?サービスは ?実行中 ?状態に"
)
STOP_IDS = frozenset((7023, 7024, 7031, 7034))
"""Ids of the service control manager for services that ended on their own; 7036 tells every change of state."""
STATE_CHANGED = 7036


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event. `time_ns` is 0 where its time can't be read; `text` is what it says, as far as it was pasted."""

    time_ns: int
    event_id: int
    source: str
    text: str
    line: int
    level: str = ""
    host: str = ""

    @property
    def stopped_service(self) -> str:
        """The display name of the service that this event says has stopped; "" for any other event."""
        return _named(STOPPED, self) if self.event_id in STOP_IDS or self.event_id == STATE_CHANGED else ""

    @property
    def quoted(self) -> str:
        """What a report quotes of it; "" where its line is what people read."""
        return ""

    @property
    def started_service(self) -> str:
        """The display name of the service that this event says runs now."""
        return _named(STARTED, self) if self.event_id == STATE_CHANGED else ""


def _named(pattern: re.Pattern[str], record: EventRecord) -> str:
    if record.source and MANAGER not in record.source.lower().replace("-", " "):
        return ""
    match = pattern.search(record.text)
    return next(filter(None, match.groups()), "") if match else ""


@dataclass(slots=True, kw_only=True)
class EventLinesLog(Log):
    """The events that stand in one text, in its order."""

    title: ClassVar[str] = "event log"

    records: list[EventRecord] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """Every event whose time is known."""
        for one in self.records:
            if one.time_ns:
                yield Event(one.time_ns, f"{one.source} {one.event_id}: {one.text}".strip(), one.line)


@dataclass(slots=True)
class _Dates:
    """Reads moments of one log. `day_first` is None where none of its dates tells the order; `unsure` is then a date that could be another."""

    day_first: bool | None
    unsure: str = ""

    def moment(self, found: re.Match[str], *, is_english: bool) -> int:
        """Without dates that tell, the language says the order of day and month, which English leaves open."""
        if self.day_first is None and is_english and is_open(found["date"]):
            self.unsure = self.unsure or found["date"]
        day_first = not is_english if self.day_first is None else self.day_first
        return read_moment(found["date"], found["clock"], day_first=day_first)


def find(text: LogText) -> EventLinesLog | None:
    """The events in a text; None for none."""
    whole = text.whole
    saved = list(find_saved(SAVED, whole, LEVELS))
    # A short message looks like a category.
    taken = {row.found.start("level") for row in saved}
    listed = find_at(LISTED, whole, places(whole, *LEVELS.split("|")))
    rows = [(match, False) for match in listed if match.start("level") not in taken]
    rows += [(match, True) for match in TABLED.finditer(whole)]
    details = list(_details(text))
    log = EventLinesLog(file=text.file)
    stamps = (*(match for match, _ in rows), *(row.found for row in saved), *(stamp for _, _, stamp in details))
    dates = _Dates(find_day_order(stamp["date"] for stamp in stamps))
    log.records += [_saved(row, text, dates) for row in saved]
    for match, tabled in rows:
        line = text.line_at(match.start("date"))
        said = match["text"].strip() if tabled else _said(text, line)
        source = "" if tabled else match["source"].strip()
        time_ns = dates.moment(match, is_english=match["level"] in ENGLISH)
        log.records.append(EventRecord(time_ns, int(match["id"]), source, said, line, match["level"]))
    for line, fields, stamp in details:
        is_english = fields["head"] == LOG_NAMES[0]
        log.records.append(_detailed(line, fields, dates.moment(stamp, is_english=is_english)))
    if dates.unsure:
        log.notes.append(
            f"no date tells whether the day or the month comes first; {dates.unsure} is taken as month first"
        )
    log.records.sort(key=lambda one: one.line)
    log.notes += _unread(log.records)
    log.in_utc = bool(details) and not rows and not saved and all(stamp["zone"] for _, _, stamp in details)
    return log if log.records else None


def _saved(row: SavedRow, text: LogText, dates: _Dates) -> EventRecord:
    found = row.found
    time_ns = dates.moment(found, is_english=found["level"] in ENGLISH)
    return EventRecord(time_ns, row.event_id, row.source, row.text, text.line_at(found.start("date")), found["level"])


def _unread(records: list[EventRecord]) -> Iterator[str]:
    """A note where services ended in sentences of a language that is not read."""
    ended = (one for one in records if one.event_id in STOP_IDS and one.text and MANAGER in one.source.lower())
    unread = sum(not one.stopped_service for one in ended)
    if unread:
        what = "an event of a service that ended is" if unread == 1 else f"{unread:,} events of services that ended are"
        yield f"{what} in a language that is not read; the log saved as XML or EVTX tells them in any"


def _said(text: LogText, line: int) -> str:
    """What stands on the line below a row of the list."""
    below = text.lines[line : line + 1]
    if not below or len(below[0]) > LINE_MOST or LISTED.match(below[0]):
        return ""
    return " ".join(below[0].split())[:1000]


def _details(text: LogText) -> Iterator[tuple[int, dict[str, str], re.Match[str]]]:
    """(line that tells most, values by place, time) of each event of which the details were copied."""
    if not text.has_any(*LOG_NAMES):
        return
    starts = [index for index, line in enumerate(text.lines) if len(line) < 400 and _is_log_name(line)]
    for turn, index in enumerate(starts):
        end = min(starts[turn + 1] if turn + 1 < len(starts) else len(text.lines), index + HEAD_LINES + TEXT_LINES)
        fields, telling = _fields(text.lines[index:end])
        stamp = STAMP.search(fields.get("date", ""))
        if stamp and is_number(fields.get("id", "")):
            yield index + telling + 1, fields, stamp


def _is_log_name(line: str) -> bool:
    match = FIELD.match(line)
    return bool(match and LOG_NAME.fullmatch(match["name"]))


def _fields(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """Values of the details, and which line tells what happened, from 0: where the description begins, else the id.

    The source is the second field in every language, the date the first that holds one, the id the first number.
    """
    found: dict[str, str] = {}
    place = telling = 0
    for turn, line in enumerate(lines[:HEAD_LINES]):
        match = FIELD.match(line[:600])
        value = match["value"].strip() if match else ""
        if match is None:
            continue
        place += 1
        if place == 1:
            found["head"] = match["name"].lower()
        elif place == 2:
            found["source"] = value
        elif "date" not in found and STAMP.search(value):
            found["date"] = value
        elif "date" in found and "id" not in found and is_number(value):
            found["id"], telling = value, turn
        if re.fullmatch(r"(?i)descri\w+|beschreibung|описание|popis|説明|描述", match["name"]):
            said = [value, *lines[turn + 1 : turn + 1 + TEXT_LINES]]
            found["text"] = " ".join(" ".join(said).split())[:1000]
            telling = next((turn + below for below, words in enumerate(said) if words.strip()), telling)
            break
        if re.fullmatch(
            r"(?i)computer|ordinateur|equipo|computador|компьютер|počítač|コンピューター?|计算机", match["name"]
        ):
            found["host"] = value
    return found, telling


def _detailed(line: int, fields: dict[str, str], time_ns: int) -> EventRecord:
    host = fields.get("host", "")
    return EventRecord(time_ns, int(fields["id"]), fields.get("source", ""), fields.get("text", ""), line, host=host)
