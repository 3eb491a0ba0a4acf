"""What `tasklist` lists: processes by id, with their services (`/svc`), as a table, as CSV, or pasted with its rows run together.

Takes a text; gives tasks. Rows are told by their shape and by the rule of equal signs under the heads, not by translated heads.
"""

from __future__ import annotations

import csv
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.scan import find_near
from wireproof.logs.text import LINE_MOST, LogText, is_number

MEMORY = r"\d{1,3}(?:[.,' \u00a0\u202f]?\d{3}){0,4}[ \u00a0\u202f]?(?:Ko\b|K|КБ|kB)"
NAME = r"[^\s\"<>|*?:=/\\,][^\n\"<>|*?:=/\\]{0,60}?"
PROGRAM = r"[^\s\"<>|*?:=/\\,()]{1,40}\.(?:exe|scr|com)"

ROW = re.compile(
    rf"(?:^|(?<=\dK)|(?<=\dKo)|(?<= K)|(?<= Ko)|(?<=\.\.\.))[ \t]*(?P<name>{NAME})[ \t]+(?P<pid>\d{{1,7}})"
    rf"[ \t]+(?:(?P<session>[^\W\d][\w#-]{{1,16}})[ \t]+)?(?P<number>\d{{1,5}})[ \t]+(?P<memory>{MEMORY})",
    re.MULTILINE,
)
UNITS = tuple(
    re.compile(rf"{unit}(?:(?<=\d{unit})|(?<=\d[ \u00a0\u202f]{unit}))") for unit in ("K", "\u041a\u0411", "kB")
)
"""Units of memory behind a number, by which rows are looked for."""
BEFORE, MOST = 400, 410
SERVICES = re.compile(
    rf"^[ \t]*(?P<name>{PROGRAM})[ \t]+(?P<pid>\d{{1,7}})[ \t]+(?P<services>[A-Za-z_][\w$./-]{{0,80}}(?:,[ \t]?[\w$./-]{{1,80}}){{0,40}})[ \t]*$",
    re.MULTILINE,
)
RULE = re.compile(r"^=+(?: =+){2,8}[ \t]*$")
CSV_ROW = re.compile(r'^"[^"]{1,260}","\d{1,7}","')
NO_SERVICES = re.compile(
    r"N/A|N/D|N/V|Н/Д|n\.a\.|Nicht zutreffend|No disponible|Non disponible|Não disponível|Není k dispozici|Brak|該当なし|暂缺",
    re.IGNORECASE,
)
PIPED = re.compile(r"\btasklist\b[^\n|]{0,80}/svc", re.IGNORECASE)
COLUMNS_OF_SERVICES = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One process. `services` are those that run in it, where the output has them; `name` is cut to 25 characters in tables."""

    name: str
    pid: int
    line: int
    services: tuple[str, ...] = ()
    user: str = ""


@dataclass(slots=True, kw_only=True)
class TasklistLog(Log):
    """Every process that one text lists."""

    title: ClassVar[str] = "tasklist"

    tasks: list[Task] = field(default_factory=list)

    def task(self, pid: int) -> Task | None:
        """The process of an id, with services where any row has them; None where none or several names have it."""
        found = [task for task in self.tasks if task.pid == pid]
        if not found or len({task.name.lower() for task in found}) > 1:
            return None
        return next((task for task in found if task.services), found[0])


def find(text: LogText) -> TasklistLog | None:
    """The processes that a text lists; None for none."""
    log = TasklistLog(file=text.file)
    tabled = set[int]()
    for start, edges in _tables(text):
        for task, last in _rows(text, start, edges):
            log.tasks.append(task)
            tabled.update(range(task.line, last + 1))
    log.tasks += _csv_rows(text)
    whole = text.whole
    units = heapq.merge(*((match.start() for match in unit.finditer(whole)) for unit in UNITS))
    rows = find_near(ROW, whole, units, BEFORE, MOST)
    piped = SERVICES.finditer(whole) if text.has_any("tasklist") and PIPED.search(whole) else ()
    for match in (*rows, *piped):
        line = text.line_at(match.start("name"))
        if line not in tabled:
            log.tasks.append(_task(match, line))
    log.tasks.sort(key=lambda task: task.line)
    return log if log.tasks else None


def _task(match: re.Match[str], line: int) -> Task:
    services = match.groupdict().get("services") or ""
    return Task(match["name"].strip(". \t") or match["name"], int(match["pid"]), line, _services(services))


def _services(text: str) -> tuple[str, ...]:
    if NO_SERVICES.fullmatch(text.strip()):
        return ()
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _tables(text: LogText) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """(index of the first line behind a rule, edges of the columns)."""
    for index, line in enumerate(text.lines):
        if line.startswith("===") and len(line) < LINE_MOST and RULE.match(line):
            yield index + 1, [match.span() for match in re.finditer("=+", line)]


def _rows(text: LogText, start: int, edges: list[tuple[int, int]]) -> Iterator[tuple[Task, int]]:
    """The rows of a table, with the line on which each ends: services go on under themselves."""
    current: list[str] | None = None
    begun = start
    for index in range(start, len(text.lines) + 1):
        line = text.lines[index][:1024] if index < len(text.lines) else ""
        cells = [
            line[left : right if place + 1 < len(edges) else None].strip() for place, (left, right) in enumerate(edges)
        ]
        if current is not None and not cells[0] and not cells[1] and any(cells[2:]):
            current = [f"{old} {new}".strip() for old, new in zip(current, cells, strict=True)]
            continue
        if current is not None:
            yield _tabled(current, begun + 1), index
        if not is_number(cells[1]) or not cells[0]:
            return
        current, begun = cells, index


def _tabled(cells: list[str], line: int) -> Task:
    services = _services(cells[2]) if len(cells) == COLUMNS_OF_SERVICES else ()
    user = cells[6] if len(cells) > 7 else ""
    return Task(cells[0], int(cells[1]), line, services, user)


def _csv_rows(text: LogText) -> Iterator[Task]:
    for number, line in enumerate(text.lines, 1):
        if not line.startswith('"') or len(line) > LINE_MOST or not CSV_ROW.match(line):
            continue
        cells = next(csv.reader([line]))
        if len(cells) >= COLUMNS_OF_SERVICES:
            yield _tabled(cells, number)
