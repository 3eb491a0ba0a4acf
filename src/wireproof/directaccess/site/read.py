"""A site file's text as a `Site`, with the line of every key.

Takes text or bytes that may be hostile; gives a `Site` or SiteError with every problem: file and line, key, what is
accepted. Opens no file; slips inside addresses are no problems here but findings later.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from wireproof.directaccess.site.model import Site
from wireproof.directaccess.site.names import find_name_problems
from wireproof.directaccess.site.positions import LONGEST_SITE, Written, read_yaml
from wireproof.directaccess.stated import Place
from wireproof.errors import SiteError

MOST_PROBLEMS = 40
"""Problems that are told at once; the rest is counted."""
_SHOWN = 60


def read_site(text: str, file: str) -> Site:
    """Raises SiteError with every problem, each with line, key and the accepted values."""
    written = read_yaml(text, file)
    if not isinstance(written.value, dict):
        raise SiteError([f"{file}:1: not a site file: it has no keys; one begins with `site:` and `entry-points:`"])
    _refuse_any(written, file, _underscored(written.value, ()))
    try:
        site = Site.model_validate(_without_empty(written.value))
    except ValidationError as error:
        told = sorted(error.errors(include_url=False), key=lambda problem: _line(written, problem["loc"]))
        worded = ((problem["loc"], _word(problem)) for problem in told)
        _refuse_any(written, file, worded, total=len(told))
        raise AssertionError("pydantic named no problem") from error
    site.keep_lines(file, written.lines)
    _refuse_any(written, file, find_name_problems(site))
    return site


def read_site_bytes(data: bytes, file: str) -> Site:
    """As `read_site`, for a file's bytes: UTF-8, with or without byte order mark."""
    if len(data) > LONGEST_SITE:
        raise SiteError([f"{file}: longer than {LONGEST_SITE:,} bytes, which no site file needs"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SiteError([f"{file}:{line}: byte {error.start} is no UTF-8; save the file as UTF-8"]) from None
    return read_site(text, file)


def _refuse_any(written: Written, file: str, problems: Iterator[tuple[Place, str]], total: int = 0) -> None:
    """Raises SiteError with the first problems, if there are any, in the order of the file.

    No more are looked for than are told, since wording one takes a while; `total` is how many there are, where known.
    """
    first = list(islice(problems, MOST_PROBLEMS))
    if not first:
        return
    placed = sorted((_line(written, place), _key(place), words) for place, words in first)
    lines = [f"{file}:{line}: {key + ': ' if key else ''}{words}" for line, key, words in placed]
    if total > MOST_PROBLEMS:
        lines.append(f"{file}: and {total - MOST_PROBLEMS:,} problems more")
    elif next(problems, None):
        lines.append(f"{file}: and more problems of this kind")
    raise SiteError(lines)


def _line(written: Written, place: Place) -> int:
    while place not in written.lines:
        place = place[:-1]
    return written.lines[place]


def _key(place: Place) -> str:
    """A place as people write it: entry-points[0].servers[1].name."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step[:_SHOWN]}" for step in place)
    return words.removeprefix(".")


def _without_empty(value: Any) -> Any:
    """The value without keys that hold nothing: `gateway:` alone counts as left out."""
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value]
    return value


def _underscored(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if "_" in key:
                yield (*place, key), f"unknown key; keys are written with dashes: {key.replace('_', '-')[:_SHOWN]}"
            yield from _underscored(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _underscored(inner, (*place, number))


def _word(problem: Any) -> str:
    """One problem that pydantic found, in words of the file."""
    kind, context = problem["type"], problem.get("ctx", {})
    given = problem["input"]
    if kind == "extra_forbidden":
        return _unknown_key(problem["loc"])
    if kind == "missing":
        return "is missing"
    if kind in ("enum", "literal_error"):
        accepted = [word.strip("' ") for word in context["expected"].replace(" or ", ", ").split(",")]
        return f"{_show(given)} is not accepted; accepted: {', '.join(accepted)}{_nearest(str(given), accepted)}"
    words = _WORDS.get(kind)
    if words:
        return f"{_show(given)} is not {words}"
    if kind == "value_error":
        return f"{_show(given)} {context['error']}"
    return f"{_show(given)}: {problem['msg']}"


_WORDS = {
    "string_type": "text",
    "bool_parsing": "accepted; accepted: true, false",
    "bool_type": "accepted; accepted: true, false",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of this size",
    "list_type": "a list; write each item on its own line after a dash",
    "model_type": "a mapping with keys",
    "model_attributes_type": "a mapping with keys",
    "dict_type": "a mapping with keys",
}


def _unknown_key(place: Place) -> str:
    known = _keys_at(place[:-1])
    nearest = _nearest(str(place[-1]), known)
    return f"unknown key; accepted: {', '.join(known)}{nearest}"


def _keys_at(place: Place) -> list[str]:
    """The keys that a mapping at `place` takes, by the model."""
    model: type[BaseModel] = Site
    for step in place:
        if isinstance(step, int):
            continue
        for field in model.model_fields.values():
            if field.alias == step:
                model = next(iter(_models_in(field.annotation)), model)
    return [field.alias or "" for field in model.model_fields.values()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models that an annotation such as `list[Server]` or `Adapter | None` names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)


def _nearest(word: str, accepted: list[str]) -> str:
    close = difflib.get_close_matches(word[:_SHOWN].lower(), accepted, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _show(given: Any) -> str:
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list):
        return "a list"
    if given is None:
        return "nothing"
    text = str(given)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
