"""Heads of SIP messages (RFC 3261): start line, header fields by their long names, and what their values say.

Takes bytes; gives a `SipHead` or None where the bytes begin no SIP message. Knows no transport and judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HEAD_MOST = 65_536
"""Longest head that is looked for: larger ones are no SIP message of this world."""

COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition", "e": "content-encoding", "f": "from",
    "i": "call-id", "j": "reject-contact", "k": "supported", "l": "content-length", "m": "contact", "o": "event", "r": "refer-to",
    "s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires", "y": "identity",
}  # fmt: skip
"""Compact forms of header names (RFC 3261 section 7.3.3 and the IANA registry)."""

REQUEST_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9.!%*_+`'~-]{1,31}) ([^ \r\n]{1,4096}) SIP/2\.0\r?\n")
STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})(?: ([^\r\n]{0,512}))?\r?\n")
PARAMETER = re.compile(r";\s*([A-Za-z0-9._-]{1,64})\s*(?:=\s*(\"(?:[^\"\\]|\\.)*\"|[^;,\s]*))?")
LINE_START = re.compile(rb"(?:^|\n)(?=SIP/2\.0 [1-6]|[A-Z]{3,32} (?:sips?|tel|urn|im|pres):)")


@dataclass(frozen=True, slots=True)
class SipHead:
    """One message up to its body.

    `method` and `uri` are of a request; `status` (0 for a request) and `reason` of a response. `headers` maps lower-case long
    names to the values in order of appearance. `size` counts the bytes up to the body; `whole` tells whether the empty line that
    ends the head is there.
    """

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0
    whole: bool = True

    def first(self, name: str) -> str:
        """The first value of a header, "" without one."""
        values = self.headers.get(name)
        return values[0] if values else ""

    @property
    def body_length(self) -> int | None:
        """What Content-Length says; None where it is missing or no number."""
        text = self.first("content-length")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of CSeq (RFC 3261 section 20.16); (0, "") without."""
        number, _, method = self.first("cseq").strip().partition(" ")
        return (
            int(number) if number.isascii() and number.isdigit() and len(number) < 12 else 0
        ), method.strip().upper()


def find_sip(data: bytes) -> int:
    """Offset of the next line that begins a SIP message; -1 when there is none."""
    found = LINE_START.search(data)
    return found.end() if found else -1


def find_end_of_head(data: bytes) -> int:
    """Bytes up to and with the empty line that ends the head; -1 when it is not there."""
    ends = [place + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (place := data.find(mark, 0, HEAD_MOST)) >= 0]
    return min(ends, default=-1)


def unpack_sip(data: bytes) -> SipHead | None:
    """The head with which the bytes begin; None when they begin no SIP message."""
    status, request = STATUS_LINE.match(data), None
    if not status:
        request = REQUEST_LINE.match(data)
        if not request:
            return None
    end = find_end_of_head(data)
    size = end if end >= 0 else min(len(data), HEAD_MOST)
    start = (status or request).end()  # type: ignore[union-attr]
    headers = _headers(data[start:size].decode("utf-8", "replace"))
    if status:
        reason = (status[2] or b"").decode("utf-8", "replace")
        return SipHead(status=int(status[1]), reason=reason, headers=headers, size=size, whole=end >= 0)
    assert request
    method, uri = request[1].decode("ascii").upper(), request[2].decode("utf-8", "replace")
    return SipHead(method=method, uri=uri, headers=headers, size=size, whole=end >= 0)


def _headers(text: str) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    values: list[str] | None = None
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and values:
            values[-1] = f"{values[-1]} {line.strip()}"  # folded (RFC 3261 section 7.3.1)
            continue
        name, colon, value = line.partition(":")
        if not colon:
            continue
        name = name.strip().lower()
        values = headers.setdefault(COMPACT.get(name, name), [])
        values.append(value.strip())
    return headers


def split_uri(value: str) -> str:
    """The URI of a From, To or Contact value, without display name and parameters of the header."""
    left = value.find("<")
    if left >= 0:
        return value[left + 1 :].partition(">")[0]
    return value.partition(";")[0].strip()


def parameters(value: str) -> dict[str, str]:
    """Parameters of a header value by lower-case name, quotes taken off; those within <> are the URI's and left out."""
    tail = value.rpartition(">")[2] if "<" in value else value
    return {found[1].lower(): _unquote(found[2] or "") for found in PARAMETER.finditer(tail)}


def _unquote(text: str) -> str:
    return text[1:-1].replace('\\"', '"') if text[:1] == '"' and len(text) > 1 else text


def bodies_of(content_type: str, body: bytes, kind: str) -> list[bytes]:
    """The parts of a body that have this media type, such as `application/sdp`; multipart bodies (RFC 2046) are looked into.

    One level of nesting inside a multipart body is looked into; deeper ones are left.
    """
    return _parts(content_type, body, kind, depth=2)


def _parts(content_type: str, body: bytes, kind: str, depth: int) -> list[bytes]:
    stated = content_type.partition(";")[0].strip().lower()
    if stated == kind:
        return [body]
    boundary = parameters(content_type).get("boundary", "")
    if not stated.startswith("multipart/") or not boundary or not depth:
        return []
    found = []
    for part in body.split(b"--" + boundary.encode("utf-8", "replace"), 33)[1:33]:
        if part[:2] == b"--":
            break
        head, _, inner = part.lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")
        headers = _headers(head.decode("utf-8", "replace"))
        found += _parts((headers.get("content-type") or [""])[0], inner, kind, depth - 1)
    return found


def reason_of(diagnostics: str) -> str:
    """Number and reason of an ms-diagnostics value as a phrase: `1038 (Failed to connect to a peer server)`."""
    number = diagnostics.partition(";")[0].strip()
    reason = parameters(diagnostics[len(number) :]).get("reason", "")
    return f"{number} ({reason})" if reason else number
