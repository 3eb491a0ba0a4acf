"""What `netsh interface httpstunnel show interface` says of IP-HTTPS: role, URL, last error and status.

Takes a text; gives interfaces. Told by the URL and by the error in hexadecimal, in any language; an excerpt of the English line with the
error counts as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.text import LogText

COLON = r"[ \t]{0,60}[:\uff1a=][ \t]{0,8}"
URL = re.compile(
    r"https?://(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\s/:\[\]]{1,253})(?::(?P<port>\d{1,5}))?/IPHTTPS\b", re.IGNORECASE
)
ERROR = re.compile(r"[:\uff1a=][ \t]{0,8}(?P<code>0x[0-9A-Fa-f]{1,8})\b")
ENGLISH = re.compile(
    r"Last[ \t]{0,4}Error[ \t]{0,4}Code[ \t]{0,60}[:=][ \t]{0,8}(?P<code>0x[0-9A-Fa-f]{1,8})\b", re.IGNORECASE
)
STATUS = re.compile(r"[^\S\n]{0,8}\n?[^\S\n]{0,60}(?P<label>[^\n:\uff1a]{2,80}?)" + COLON + r"(?P<status>[^\n]{1,200})")
ROLE = re.compile(r"\bRole[ \t]{0,40}[:\uff1a][ \t]{0,8}(client|server)\b", re.IGNORECASE)
NAME = re.compile(r"\bInterface[ \t]+(?P<name>[^\n]{1,80}?)[ \t]+Parameters\b", re.IGNORECASE)
BEHIND_URL, BEFORE_URL = 700, 400
"""Characters around a URL in which the rest of its interface stands."""
ACTIVE, CONNECTED = re.compile(r"\binterface active\b", re.IGNORECASE), re.compile(r"(?i)^connected\b")
IDLE = re.compile(r"(?i)\bdeactivated\b|\bnot (?:configured|installed)\b|\bdisabled\b|\bnot required\b")
FAILED = re.compile(r"(?i)fail|no usable certificate|waiting|disconnected|can(?:no|')t")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One interface of IP-HTTPS. `code` is the last error, -1 where none is shown; `url`, `role` and `status` are "" where not shown."""

    code: int
    line: int
    host: str = ""
    port: int = 443
    url: str = ""
    role: str = ""
    status: str = ""
    name: str = ""

    @property
    def is_up(self) -> bool:
        """Whether the output says that it works."""
        return bool(ACTIVE.search(self.status) or CONNECTED.search(self.status)) or (not self.status and self.code == 0)

    @property
    def is_idle(self) -> bool:
        """Whether it is switched off, as inside the organisation or while Teredo or 6to4 is in use."""
        return bool(IDLE.search(self.status))

    @property
    def has_failed(self) -> bool:
        """Whether it tried and could not: an error, and no status that speaks against it."""
        return self.code > 0 and not self.is_up and not self.is_idle

    @property
    def says_failed(self) -> bool:
        """Whether its status says so in words, not its error alone."""
        return self.has_failed and bool(FAILED.search(self.status))


@dataclass(slots=True, kw_only=True)
class HttpsTunnelLog(Log):
    """Every interface of IP-HTTPS in one text."""

    title: ClassVar[str] = "netsh interface httpstunnel show interface"

    tunnels: list[Tunnel] = field(default_factory=list)

    def clients(self) -> list[Tunnel]:
        """Those that are a client's end, or may be one."""
        return [tunnel for tunnel in self.tunnels if tunnel.role != "server"]


def find(text: LogText) -> HttpsTunnelLog | None:
    """The interfaces in a text; None for none."""
    whole = text.whole
    urls = list(URL.finditer(whole))
    found, taken = [], list[int]()
    for turn, url in enumerate(urls):
        end = min(urls[turn + 1].start() if turn + 1 < len(urls) else len(whole), url.end() + BEHIND_URL)
        error = ERROR.search(whole, url.end(), end)
        if error is None:
            continue
        start = max(urls[turn - 1].end() if turn else 0, url.start() - BEFORE_URL)
        found.append(_tunnel(whole, error, text, url, whole[start : url.start()]))
        taken.append(error.start("code"))
    found += [_tunnel(whole, error, text) for error in ENGLISH.finditer(whole) if error.start("code") not in taken]
    found.sort(key=lambda tunnel: tunnel.line)
    return HttpsTunnelLog(file=text.file, tunnels=found) if found else None


def _tunnel(
    whole: str, error: re.Match[str], text: LogText, url: re.Match[str] | None = None, before: str = ""
) -> Tunnel:
    code, line = int(error["code"], 16), text.line_at(error.start("code"))
    status = STATUS.match(whole, error.end())
    said = " ".join(status["status"].split()) if status and (url or "status" in status["label"].lower()) else ""
    if url is None:
        return Tunnel(code, line, status=said)
    role, name = _last(ROLE, before), _last(NAME, before)
    port = int(url["port"] or 443)
    return Tunnel(
        code, line, url["host"].strip("[]").lower(), port if port <= 0xFFFF else 443, url[0],
        role[1].lower() if role else "", said, name["name"].strip() if name else "",
    )  # fmt: skip


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found
