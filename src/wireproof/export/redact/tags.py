"""Values of HTML and XML whose name is no name of an element: attributes of the same tag in any order, content, the next element.

Takes bytes and where a name stands; gives what to blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.export.redact.secret import Secret, secret_until

LONGEST = 8192
"""Bytes of one tag."""
TAG = re.compile(rb"<([A-Za-z][\w:.-]{0,80})(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
TAG_BEGINS = re.compile(rb"<[A-Za-z][\w:.-]{0,80}\s")
VALUE = re.compile(
    rb"(?i)\b(?:value|content|val|default)\s{0,8}=\s{0,8}(?:\"(?P<two>[^\"]*)|'(?P<one>[^']*)|(?P<bare>[^\s\"'>][^\s>]*))"
)
NAMED_SO = re.compile(rb"(?i)\s(?:name|key|id|field|n)\s{0,8}=\s{0,8}[\"']?[^\s\"'<>=]{0,80}\Z")
HOLDERS = frozenset(
    b"html body head form iframe map meta link script style a img div span p button label select option fieldset section table tr td th"
    b" ul ol li nav main header footer article object svg input param h1 h2 h3 h4".split()
)
"""Elements of HTML whose content is no value of theirs."""
AT_TAG_END = re.compile(rb"(>)")
OPENING = re.compile(rb"<([A-Za-z][\w:.-]{0,80})[^<>]{0,2000}>")
MEMBER_BEFORE = re.compile(rb"(?i)<member\b[^<>]{0,200}>\s{0,64}<name[^<>]{0,200}>[^<>]{0,200}\Z")
AT_MEMBER = re.compile(rb"(?i)(</member\s*>)")
TRIES = 4


def find_in_tag(data: bytes, at: int) -> Iterator[Secret]:
    """What belongs to a name that stands inside a tag at `at`: values in the same tag, and the content of an element of that name."""
    tag = _tag_around(data, at)
    if tag is None:
        begin = data.rfind(b"<", max(at - LONGEST, 0), at)
        cut = begin >= 0 and TAG_BEGINS.match(data, begin) and b">" not in data[begin : begin + LONGEST]
        if cut and len(data) - begin < LONGEST:
            yield from _values(data, begin, len(data), at)
            yield Secret(len(data), len(data), AT_TAG_END, begin, True)
        return
    yield from _values(data, tag.start(), tag.end(), at)
    content = tag[1].lower() not in HOLDERS and data[tag.end() - 2 : tag.end()] != b"/>"
    if content and NAMED_SO.search(data, max(at - 120, tag.start()), at):
        yield secret_until(data, tag.end(), _closing(tag[1]), tag.start())


def find_cut_tag(data: bytes) -> Iterator[Secret]:
    """The values of a tag that the data cut: its name may have followed."""
    begin = len(data)
    for _ in range(TRIES):
        begin = data.rfind(b"<", max(len(data) - LONGEST, 0), begin)
        if begin < 0:
            return
        if TAG_BEGINS.match(data, begin) and not TAG.match(data, begin):
            for value in VALUE.finditer(data, begin):
                yield Secret(value.start(value.lastgroup or 0), len(data), AT_TAG_END, begin, True)


def sibling_value(data: bytes, at: int, value: int, begins: int) -> Iterator[Secret]:
    """The content of the element at `value`, which follows one that holds a name: the rest of the member in XML-RPC."""
    opening = OPENING.match(data, value)
    if opening is None:
        yield Secret(value, len(data), AT_TAG_END, begins, True)
    elif MEMBER_BEFORE.search(data, max(at - 500, 0), at):
        yield secret_until(data, opening.end(), AT_MEMBER, begins)
    elif data[opening.end() - 2 : opening.end()] != b"/>":
        yield secret_until(data, opening.end(), _closing(opening[1]), begins)


def _values(data: bytes, begin: int, end: int, at: int) -> Iterator[Secret]:
    """Values of attributes between `begin` and `end`, but for one that itself holds what stands at `at`."""
    for value in VALUE.finditer(data, begin, end):
        if not value.start() <= at < value.end():
            group = value.lastgroup or "bare"
            stop = value.end() - (group == "bare" and value[group].endswith(b"/"))
            yield Secret(value.start(group), stop, AT_TAG_END, begin, stop == len(data))


def _tag_around(data: bytes, at: int) -> re.Match[bytes] | None:
    """The tag in which `at` stands; a bracket in one of its values doesn't begin one."""
    begin = at
    for _ in range(TRIES):
        begin = data.rfind(b"<", max(at - LONGEST, 0), begin)
        if begin < 0:
            return None
        tag = TAG.match(data, begin, begin + LONGEST)
        if tag and tag.end() > at:
            return tag
    return None


def _closing(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(</(?:[\w.-]+:)?" + re.escape(name.rpartition(b":")[2]) + rb"\s*>)", re.IGNORECASE)
