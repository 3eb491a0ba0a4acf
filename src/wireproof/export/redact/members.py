"""Values of JSON: of a member with a telling name, and of an object that tells the name in one member and the value in another.

Takes bytes and where a name stands; gives what to blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.export.redact.secret import Secret, secret_until

AT_STRING = re.compile(rb"(?<!\\)(?:\\\\)*(\")")
AT_QUOTE = {b'"': re.compile(rb"(\")"), b"'": re.compile(rb"(')")}
AT_ARRAY, AT_OBJECT, AT_SCALAR = re.compile(rb"(\])"), re.compile(rb"(\})"), re.compile(rb"([,}\]\s])")

NAME_MEMBER = re.compile(
    rb"(?i)\\*[\"'](?:name|key|id|field|param|parameter|property|header|attribute)\\*[\"']\s{0,16}:\s{0,16}\\*[\"'][^\"'\\{}]{0,80}\Z"
)
"""What stands before a name that is itself a value."""
VALUE_MEMBER = re.compile(rb"(?i)(\\*[\"'])(?:value|values|val|v|content|data)\\*[\"']\s{0,16}:\s{0,16}")
OBJECT_BEFORE, OBJECT_BEHIND = 2048, 8192
MOST_NESTED = 8


def json_value(data: bytes, value: int, begins: int, mark: bytes) -> Secret:
    """The value of a member whose name stands between `mark`s, which are escaped where JSON stands in a string of JSON."""
    if data[value : value + len(mark)] == mark:
        if mark == b'"':
            return secret_until(data, value + 1, AT_STRING, begins)
        return secret_until(data, value + len(mark), re.compile(rb"(?<!\\)(" + re.escape(mark) + rb")"), begins)
    first = data[value : value + 1]
    if first in {b'"', b"'"}:
        return secret_until(data, value + 1, AT_STRING if first == b'"' else AT_QUOTE[first], begins)
    until = AT_ARRAY if first == b"[" else AT_OBJECT if first == b"{" else AT_SCALAR
    return secret_until(data, value, until, begins)


def find_in_object(data: bytes, at: int) -> Iterator[Secret]:
    """Values in the object of which a member says that its name is what stands at `at`: before it and behind it."""
    if not NAME_MEMBER.search(data, max(at - 140, 0), at):
        return
    begin = max(data.rfind(b"{", max(at - OBJECT_BEFORE, 0), at), 0)
    end = _object_end(data, at)
    for member in VALUE_MEMBER.finditer(data, begin, len(data) if end is None else end):
        yield json_value(data, member.end(), begin, member[1])
    if end is None and len(data) - at < OBJECT_BEHIND:
        yield Secret(len(data), len(data), AT_OBJECT, begin, True)


def find_cut_object(data: bytes) -> Iterator[Secret]:
    """The values of an object that the data cut: its name may have followed."""
    begin = data.rfind(b"{", max(len(data) - OBJECT_BEFORE, 0))
    if begin > data.rfind(b"}"):
        for member in VALUE_MEMBER.finditer(data, begin):
            yield json_value(data, member.end(), begin, member[1])


def _object_end(data: bytes, at: int) -> int | None:
    """Where the object around `at` ends; None where it doesn't within what is looked at."""
    end, last = at, at + OBJECT_BEHIND
    for _ in range(MOST_NESTED):
        begin, end = end, data.find(b"}", end, last) + 1
        if not end:
            return None
        if b"{" not in data[begin:end]:
            return end
    return end
