"""`case.toml` of a case folder: the case's title and its capture points in order from client to server.

    title = "SCCM agent gets no policy"

    [[point]]
    name = "client"
    file = "client.pcapng.gz"

Takes a path, gives a `CaseFile`. Every error names the file, the key and what is accepted there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from wireproof.errors import CaseError

CASE_FILE = "case.toml"


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A capture point: its name in the report, and its file within the folder."""

    name: str
    file: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case file says; all of it may be left out."""

    title: str = ""
    points: tuple[NamedPoint, ...] = ()


def read_case_file(path: Path) -> CaseFile:
    """Read and check a case file. Raises CaseError for a file that is no TOML, and for keys and values not accepted."""
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(f"{path}: can't be read as TOML: {error}") from None
    _check_keys(path, "", content, ("title", "point"))
    title = content.get("title", "")
    if not isinstance(title, str):
        _refuse(path, "title", title, "a text")
    points = tuple(_read_point(path, place, entry) for place, entry in enumerate(_point_list(path, content), start=1))
    _check_unique(path, points)
    return CaseFile(title, points)


def _point_list(path: Path, content: dict[str, Any]) -> list[Any]:
    points = content.get("point", [])
    if not isinstance(points, list):
        _refuse(path, "point", points, "tables that each start with [[point]]")
    return points


def _read_point(path: Path, place: int, entry: Any) -> NamedPoint:
    key = f"point {place}"
    if not isinstance(entry, dict):
        _refuse(path, key, entry, "a table with name and file")
    _check_keys(path, f"{key}: ", entry, ("name", "file"))
    for name in ("name", "file"):
        value = entry.get(name)
        if not isinstance(value, str) or not value.strip():
            _refuse(path, f"{key}: {name}", value, "a text that is not empty")
    if Path(entry["file"]).is_absolute() or ".." in Path(entry["file"]).parts:
        _refuse(path, f"{key}: file", entry["file"], f"a path within the folder of {CASE_FILE}")
    return NamedPoint(entry["name"], entry["file"])


def _check_keys(path: Path, where: str, table: dict[str, Any], accepted: tuple[str, ...]) -> None:
    for key in table:
        if key not in accepted:
            raise CaseError(f"{path}: {where}key {key!r} is not known; accepted are {' and '.join(accepted)}")


def _check_unique(path: Path, points: tuple[NamedPoint, ...]) -> None:
    names = [point.name for point in points]
    for name in names:
        if names.count(name) > 1:
            raise CaseError(f"{path}: point name {name!r} is given twice; each point needs a name of its own")


def _refuse(path: Path, key: str, value: Any, accepted: str) -> NoReturn:
    said = "is missing" if value is None else f"is {value!r}"
    raise CaseError(f"{path}: {key} {said}; accepted is {accepted}")
