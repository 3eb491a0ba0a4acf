"""Heads of HTTP/1.x messages (RFC 9110, RFC 9112) and how far their bodies go.

Takes bytes from a message's first one on; gives fields, or None where there is no such message. Reads no body and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from wireproof.wire.secret_names import PARTS, PARTS_IN_TARGETS, WHOLE, WHOLE_IN_TARGETS

HEAD_MOST = 65_536
"""Servers refuse heads far below this size."""
SHOWN = 512
"""Characters kept of one field's value."""
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What every HTTP/2 connection without TLS begins with (RFC 9113 section 3.4)."""

METHODS = frozenset(
    b"GET POST HEAD PUT DELETE OPTIONS CONNECT TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH".split()
)
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}")
VERSION = re.compile(rb" HTTP/([0-9](?:\.[0-9])?)[ \t]*$")
STATUS = re.compile(rb"HTTP/([0-9](?:\.[0-9])?)[ \t]+([0-9]{3})(?:[ \t]+(.*))?$")
BLANK = re.compile(rb"\r?\n\r?\n")
QUOTED = re.compile(r'"[^"]*"')
SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]{1,30})(?=\s+[^=,\s]|\s*(?:,|$))")
CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")

_PARTS = (*PARTS, *PARTS_IN_TARGETS)
_LEAST = [part for part in _PARTS if not any(other in part for other in _PARTS if other != part)]
"""Those of them that hold no other one, which find the same in half the time."""
SECRET = re.compile(
    rf"(^|[&;?])([^=&;]{{0,40}}(?:{'|'.join(_LEAST)})[^=&;]{{0,40}}"
    rf"|(?:[^=&;]{{0,40}}_)?(?:{'|'.join((*WHOLE, *WHOLE_IN_TARGETS))}))=[^&;]{{1,4000}}",
    re.IGNORECASE,
)
"""Parameters whose values let others in, or may."""

KEPT = frozenset(
    b"host user-agent server via location content-type content-encoding content-length transfer-encoding upgrade connection "
    b"www-authenticate proxy-authenticate authorization proxy-authorization".split()
)
UNFRAMED = -1
"""Body length of a message that states none."""


@dataclass(slots=True)
class Head:
    """Start line and the fields that matter of one message; a response has a `status`, a request a `method`.

    `size` is how many bytes the head takes with the blank line; `whole` tells whether that line was there. Field names are lower
    case; each has its values in order.
    """

    method: str = ""
    target: str = ""
    version: str = ""
    status: int = 0
    reason: str = ""
    size: int = 0
    whole: bool = True
    fields: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """A field's first value, "" where it is absent."""
        values = self.fields.get(name)
        return values[0] if values else ""


def begins_message(data: bytes) -> bool:
    """Whether a message's start line begins here, as far as these bytes go."""
    if data.startswith(b"HTTP/"):
        return True
    method = TOKEN.match(data)
    return method is not None and method.group() in METHODS and data[method.end() : method.end() + 1] == b" "


def unpack_head(data: bytes) -> Head | None:
    """The head at the beginning of `data`, not whole where `data` ends first; None when no message begins here."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    if start > 8:
        return None
    end = BLANK.search(data, start)
    lines = data[start : end.start() if end else len(data)].split(b"\n")
    if end is None and len(lines) == 1:
        return None
    head = _start_line(lines[0].rstrip(b"\r"))
    if head is None:
        return None
    head.whole = end is not None
    head.size = end.end() if end else len(data)
    # The last line of a head that was cut may lack its own end.
    head.fields = _fields(lines[1:] if end else lines[1:-1])
    return head


def _start_line(line: bytes) -> Head | None:
    status = STATUS.match(line)
    if status:
        return Head(version=_text(status[1]), status=int(status[2]), reason=_text(status[3] or b""))
    method = TOKEN.match(line)
    if method is None or line[method.end() : method.end() + 1] != b" ":
        return None
    version = VERSION.search(line, max(method.end(), len(line) - 20))
    if version is None and method.group() not in METHODS:
        return None
    target = line[method.end() : version.start() if version else len(line)].strip()
    return Head(_text(method.group()), _text(target), _text(version[1]) if version else "")


def _fields(lines: list[bytes]) -> dict[str, list[str]]:
    """The fields of KEPT. A line that begins with a space continues the one before (RFC 9112 section 5.2)."""
    found: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in lines:
        if line[:1] in {b" ", b"\t"}:
            if last:
                last[-1] = f"{last[-1]} {_text(line.strip())}"[:SHOWN].strip()
            continue
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        last = None
        if name in KEPT:
            last = found.setdefault(name.decode("ascii"), [])
            last.append(_text(value.strip()))
    return found


def _text(value: bytes) -> str:
    """Bytes of a head as one line of text; what no terminal should be sent is left out."""
    text = value[:SHOWN].decode("utf-8", "replace")
    return (
        text
        if text.isprintable()
        else "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    )


def without_secrets(target: str) -> str:
    """A request's target in which values that are credentials by their parameter's name are left out: reports are passed on."""
    path, mark, query = target.partition("?")
    if not mark:
        return target
    return path + mark + SECRET.sub(r"\1\2=…", query)


def head_of_fields(fields: Iterable[tuple[bytes, bytes]]) -> Head | None:
    """The head that a field section of HTTP/2 or HTTP/3 makes (RFC 9113 section 8.3); None for one without pseudo-fields: a trailer."""
    head, plain = Head(version="2"), []
    for name, value in fields:
        if name == b":method":
            head.method = _text(value)
        elif name == b":path":
            head.target = _text(value)
        elif name == b":authority":
            plain.append(b"host:" + value)
        elif name == b":status":
            head.status = int(value) if value.isdigit() and len(value) == 3 else 0
        else:
            plain.append(name + b":" + value)
    head.fields = _fields(plain)
    if head.method == "CONNECT" and not head.target:
        head.target = head.first("host")
    return head if head.method or head.status else None


def content_length(head: Head) -> int:
    """Content-Length as a number; -1 where it is absent or no number, or where two of them differ (RFC 9112 section 6.3)."""
    values = {part.strip() for value in head.fields.get("content-length", ()) for part in value.split(",")}
    text = values.pop() if len(values) == 1 else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else UNFRAMED


def is_chunked(head: Head) -> bool:
    """Whether the last transfer coding is `chunked`."""
    return any(value.lower().rstrip().endswith("chunked") for value in head.fields.get("transfer-encoding", ()))


def has_body(head: Head, method: str) -> bool:
    """Whether a body can follow (RFC 9112 section 6.3); `method` is the request's, also for a response."""
    if not head.status:
        return is_chunked(head) or content_length(head) > 0
    # A client learns of 304 without a body; after 2xx to CONNECT the connection is a tunnel.
    bare = head.status < 200 or head.status in {204, 304} or method == "HEAD"
    return not (bare or (method == "CONNECT" and 200 <= head.status < 300))


def unpack_chunk(data: bytes) -> tuple[int, int] | None:
    """(size of the chunk, bytes that its size line takes); None when there is no such line."""
    line = CHUNK.match(data)
    return (int(line[1], 16), line.end()) if line else None


def schemes(head: Head) -> tuple[str, ...]:
    """Authentication schemes that a response offers, lower case, in order (RFC 9110 section 11.6.1)."""
    offered = (*head.fields.get("www-authenticate", ()), *head.fields.get("proxy-authenticate", ()))
    found = (name.lower() for value in offered for name in SCHEME.findall(QUOTED.sub('""', value)))
    return tuple(dict.fromkeys(found))


def scheme(head: Head) -> str:
    """The authentication scheme that a request uses, lower case; "" for none."""
    used = head.first("authorization") or head.first("proxy-authorization")
    return used.partition(" ")[0].lower()
