"""`case.toml` of a case folder: title, keys, capture points in order from client to server, and known address translation.

    title = "SCCM agent gets no policy"
    keys = ["server.pfx", "sslkeys.log"]

    [[point]]
    name = "client"
    file = "client.pcapng.gz"

    [[nat]]
    inside = "10.1.1.0/24"
    outside = "198.51.100.9"

    [[log]]
    file = "netstat.txt"
    zone = "+02:00"
    point = "server"

Takes a path, gives a `CaseFile`. Every error names the file, the line, the key and what is accepted there.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from wireproof.errors import CaseError

if TYPE_CHECKING:
    from wireproof.align.translation import Nat

CASE_FILE = "case.toml"
LAST_PORT = 65535
PORTS_ACCEPTED = 'a port from 1 to 65535, or a text with the first and the last one, such as "40000-49999"'


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A capture point: its name in the report, and its file within the folder."""

    name: str
    file: str


@dataclass(frozen=True, slots=True)
class NamedLog:
    """A log: its file within the folder, the zone of its times as seconds east of UTC (None for not stated), and the point it is of."""

    file: str
    zone_s: int | None = None
    point: str = ""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case file says; all of it may be left out."""

    title: str = ""
    points: tuple[NamedPoint, ...] = ()
    nat: tuple[Nat, ...] = ()
    logs: tuple[NamedLog, ...] = ()
    keys: tuple[str, ...] | None = None
    """Files with keys within the folder; None where nothing is said of them."""


def read_case_file(path: Path) -> CaseFile:
    """Read and check a case file. Raises CaseError for a file that is no TOML, and for keys and values not accepted."""
    import tomllib

    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(f"{path}: can't be read as TOML: {error}") from None
    whole = _Table(path, text, "", 0, content)
    whole.check_keys("title", "keys", "point", "nat", "log")
    title = content.get("title", "")
    if not isinstance(title, str):
        whole.refuse("title", "a text")
    points = tuple(_read_point(entry) for entry in whole.entries("point", "name and file"))
    _check_unique(path, points)
    nat = tuple(_read_nat(entry) for entry in whole.entries("nat", "inside and outside"))
    logs = tuple(_read_log(entry) for entry in whole.entries("log", "file, and zone or point"))
    return CaseFile(title, points, nat, logs, _read_keys(whole))


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file: the whole (`place` 0) or the `place`th one that starts with [[name]]."""

    path: Path
    text: str
    name: str
    place: int
    values: dict[str, Any]

    def entries(self, name: str, keys: str) -> list[_Table]:
        """The tables that each start with [[name]]."""
        found = self.values.get(name, [])
        if not isinstance(found, list):
            self.refuse(name, f"tables that each start with [[{name}]]")
        for place, entry in enumerate(found, start=1):
            if not isinstance(entry, dict):
                raise CaseError(f"{self.where(name)}: {name} {place} is {entry!r}; accepted is a table with {keys}")
        return [_Table(self.path, self.text, name, place, entry) for place, entry in enumerate(found, start=1)]

    def check_keys(self, *accepted: str) -> None:
        """Refuse any other key."""
        for key in self.values:
            if key not in accepted:
                told = f"{', '.join(accepted[:-1])} and {accepted[-1]}"
                raise CaseError(f"{self.where(key)}: {self._prefix}key {key!r} is not known; accepted are {told}")

    def text_of(self, key: str) -> str:
        """A text that may not be empty."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "a text that is not empty")
        return value

    def refuse(self, key: str, accepted: str) -> NoReturn:
        """Say where a value stands, what it is and what is accepted."""
        value = self.values.get(key)
        said = "is missing" if value is None else f"is {value!r}"
        raise CaseError(f"{self.where(key)}: {self._prefix}{key} {said}; accepted is {accepted}")

    def where(self, key: str) -> str:
        """The file, and the line of a key as far as it is written plainly; else the line at which the table starts."""
        lines = self.text.splitlines()
        header = re.compile(rf"\s*\[\[\s*{self.name}\s*\]\]")
        starts = [number for number, line in enumerate(lines) if header.match(line)] if self.place else [-1]
        if len(starts) < max(self.place, 1):
            return str(self.path)
        start = starts[self.place - 1] if self.place else -1
        for number in range(start + 1, len(lines)):
            if re.match(rf"""\s*(\[\[?\s*)?["']?{re.escape(key)}["']?\s*(=|\])""", lines[number]):
                return f"{self.path}, line {number + 1}"
            if lines[number].lstrip().startswith("[") and self.place:
                break
        return f"{self.path}, line {start + 1}" if self.place else str(self.path)

    @property
    def _prefix(self) -> str:
        return f"{self.name} {self.place}: " if self.place else ""


def _read_keys(whole: _Table) -> tuple[str, ...] | None:
    """The files that `keys` names; None where it is left out."""
    files = whole.values.get("keys")
    if files is None:
        return None
    if not isinstance(files, list) or not all(isinstance(file, str) and file.strip() for file in files):
        whole.refuse("keys", 'a list of files, such as ["server.pfx", "sslkeys.log"]')
    if any(_leaves_folder(file) for file in files):
        whole.refuse("keys", f"a list of paths within the folder of {CASE_FILE}")
    return tuple(files)


def _leaves_folder(file: str) -> bool:
    return Path(file).is_absolute() or ".." in Path(file).parts


def _read_point(entry: _Table) -> NamedPoint:
    entry.check_keys("name", "file")
    name, file = entry.text_of("name"), entry.text_of("file")
    if _leaves_folder(file):
        entry.refuse("file", f"a path within the folder of {CASE_FILE}")
    return NamedPoint(name, file)


def _read_log(entry: _Table) -> NamedLog:
    entry.check_keys("file", "zone", "point")
    file = entry.text_of("file")
    if _leaves_folder(file):
        entry.refuse("file", f"a path within the folder of {CASE_FILE}")
    point = entry.text_of("point") if "point" in entry.values else ""
    return NamedLog(file, _read_zone(entry), point)


def _read_zone(entry: _Table) -> int | None:
    """Seconds east of UTC; None where the key is left out."""
    if "zone" not in entry.values:
        return None
    zone = entry.text_of("zone").strip()
    match = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})", zone)
    if zone.upper() in {"UTC", "Z", "GMT"}:
        return 0
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        entry.refuse("zone", 'an offset from UTC, such as "+02:00" or "UTC"')
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return -seconds if match[1] == "-" else seconds


def _check_unique(path: Path, points: tuple[NamedPoint, ...]) -> None:
    names = [point.name for point in points]
    for name in names:
        if names.count(name) > 1:
            raise CaseError(f"{path}: point name {name!r} is given twice; each point needs a name of its own")


def _read_nat(entry: _Table) -> Nat:
    from wireproof.align.translation import Nat

    entry.check_keys("inside", "outside", "inside_ports", "outside_ports")
    try:
        inside = ipaddress.ip_network(entry.text_of("inside"))
    except ValueError:
        entry.refuse("inside", 'an address or a network whose host bits are 0, such as "10.1.1.9" or "10.1.1.0/24"')
    try:
        outside = ipaddress.ip_address(entry.text_of("outside"))
    except ValueError:
        entry.refuse("outside", 'one address, such as "198.51.100.9"')
    if outside in inside:
        entry.refuse("outside", f"an address that is not one of {inside}, which it stands for")
    return Nat(inside, outside, _read_ports(entry, "inside_ports"), _read_ports(entry, "outside_ports"))


def _read_ports(entry: _Table, key: str) -> tuple[int, int]:
    """First and last port; all of them where the key is left out."""
    value = entry.values.get(key, f"0-{LAST_PORT}")
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value}-{value}"
    match = re.fullmatch(r"\s*(\d{1,5})\s*-\s*(\d{1,5})\s*", value) if isinstance(value, str) else None
    first, last = (int(port) for port in match.groups()) if match else (1, 0)
    if not (first <= last <= LAST_PORT and (first or key not in entry.values)):
        entry.refuse(key, PORTS_ACCEPTED)
    return first, last
