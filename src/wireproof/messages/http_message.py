"""HTTP messages: what is told of each, whichever version carried it.

Takes heads and the beginnings of bodies; gives fields. Reads no stream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.messages.table import Message
from wireproof.wire.http import content_length, is_chunked, scheme, schemes, without_secrets

if TYPE_CHECKING:
    from wireproof.wire.http import Head

PREVIEW = 120
PAGE = 4096
"""Bytes of an error page that are searched: its title and heading stand there."""
MOST_NUMBER = 2**63 - 1
TEXTS = ("text/", "application/json", "application/xml", "application/soap+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMessage(Message):
    """One request or response (RFC 9112, RFC 9113), or an SSDP message, which is HTTP in a datagram.

    `kind` is `request` or `response`. `method`, `target` and `host` of a response are those of the request that it answers,
    "" where the capture lacks that. `version` is `1.1` or `2`; `stream_id` is that of HTTP/2, 0 before. `status` is 0
    in a request. `content_length` is as stated (-1: not stated), `body_bytes` what the body took in the stream.
    `authenticate` are the schemes that a 401 or 407 offers, `authorization` the scheme that a request uses, lower case.
    `start`, `body_at` and `end` are offsets in the stream of `side`. `request_row` (in responses) and `answer_row` (in
    requests) name the first packet of the other message, -1 for none. `wait_ns` (in responses) is the time from the packet
    that completed the request to the one with the response's first byte, -1 where unknown. `text` is the beginning of a text
    body.
    """

    kind: str
    method: str = ""
    target: str = ""
    host: str = ""
    version: str = ""
    status: int = 0
    reason: str = ""
    user_agent: str = ""
    server: str = ""
    via: str = ""
    location: str = ""
    content_type: str = ""
    content_encoding: str = ""
    content_length: int = -1
    body_bytes: int = 0
    chunked: bool = False
    upgrade: str = ""
    authenticate: tuple[str, ...] = ()
    authorization: str = ""
    text: str = ""
    sub_status: int = 0
    """Of an error of Windows' web server: the number behind the status that its page names (403.7; KB 943891), 0 for none."""
    tls: bool = False
    """Whether it was read out of a TLS session that was opened; its offsets are then those of the clear stream."""
    stream_id: int = 0
    start: int = 0
    body_at: int = 0
    end: int = 0
    request_row: int = -1
    answer_row: int = -1
    wait_ns: int = -1

    @property
    def status_text(self) -> str:
        """`404 Not Found`; with the sub-status where a page names one: `403.7 Forbidden`."""
        number = f"{self.status}.{self.sub_status}" if self.sub_status else str(self.status)
        return f"{number} {self.reason}".strip()


def head_fields(head: Head) -> dict[str, Any]:
    """What a head says, as the fields of a message."""
    return {
        "kind": "response" if head.status else "request",
        "method": head.method,
        "target": without_secrets(head.target),
        "host": head.first("host"),
        "version": head.version.removesuffix(".0") if head.method == "PRI" else head.version,
        "status": head.status,
        "reason": head.reason,
        "user_agent": head.first("user-agent"),
        "server": head.first("server"),
        "via": head.first("via"),
        "location": without_secrets(head.first("location")),
        "content_type": head.first("content-type"),
        "content_encoding": head.first("content-encoding"),
        "content_length": min(content_length(head), MOST_NUMBER),
        "chunked": is_chunked(head),
        "upgrade": head.first("upgrade"),
        "authenticate": schemes(head) if head.status else (),
        "authorization": scheme(head),
    }


def bytes_wanted(said: dict[str, Any]) -> int:
    """How many bytes of the body `body_fields` looks at; 0 when it would find nothing in any."""
    if said["status"] >= 400 and said["content_type"].startswith("text/html") and not said["content_encoding"]:
        return PAGE
    return PREVIEW if said["content_type"].startswith(TEXTS) and not said["content_encoding"] else 0


def body_fields(said: dict[str, Any], body: bytes) -> dict[str, Any]:
    """What the beginning of a body tells, as fields of a message."""
    wanted = bytes_wanted(said)
    if not body or not wanted:
        return {}
    text = _preview(body[:PREVIEW])
    return {"text": text, "sub_status": _sub_status(body[:PAGE], said["status"])} if wanted == PAGE else {"text": text}


def _sub_status(page: bytes, status: int) -> int:
    """The second part of a status such as 403.7 that the beginning of an error page names."""
    found = re.search(rb"\b%d\.(\d{1,2})\b(?!\.)" % status, page)
    return int(found[1]) if found else 0


def _preview(data: bytes) -> str:
    """The beginning of a text as one line."""
    text = " ".join(data.decode("utf-8", "ignore").lstrip("\ufeff").split())
    return text if text.isprintable() else "".join(letter for letter in text if letter.isprintable())
