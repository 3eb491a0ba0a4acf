"""The fields and the body in a record of a SIP log, one a line or run together on one line, up to where other text begins.

Takes a record's text; gives names with values, and the body. Knows no times and judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{0,47}):(?:[ \t]+(.*)|)$")
START = re.compile(r"[ \t]*(SIP/2\.0 [1-6][0-9]{2}(?: .*)?|[A-Z]{3,32} \S{1,4096} SIP/2\.0)[ \t]*$")
SDP = re.compile(r"[a-z]=\S")
RUN_TOGETHER = 2
"""More known names than this on one line are several lines that lost their ends."""

NAMES = (
    "Trace-Correlation-Id", "Instance-Id", "Direction", "Peer", "Message-Type", "Start-Line", "Message-Body", "LogType", "Severity", "Text",
    "Result-Code", "SIP-Start-Line", "SIP-Call-ID", "SIP-CSeq", "Local-IP", "Peer-IP", "Peer-FQDN", "Connection-ID", "Transport", "Data",
    "From", "To", "CSeq", "Call-ID", "Via", "Max-Forwards", "Contact", "User-Agent", "Server", "Supported", "Require", "Proxy-Require",
    "Event", "Expires", "Allow", "Allow-Events", "Accept", "Route", "Record-Route", "Content-Type", "Content-Length", "Content-Transfer-Encoding",
    "Authorization", "Proxy-Authorization", "Proxy-Authenticate", "WWW-Authenticate", "Authentication-Info", "Proxy-Authentication-Info",
    "Session-Expires", "Min-SE", "Subject", "Date", "Warning", "Reason", "History-Info", "P-Asserted-Identity", "P-Preferred-Identity",
    "Subscription-State", "RSeq", "RAck", "Referred-By", "Refer-To", "Roster-Manager", "Presence-State", "Retry-After", "Unsupported",
)  # fmt: skip
_KNOWN = re.compile(
    rf"[ \t]+(?=(?:(?i:ms-[a-z0-9-]{{1,40}})|{'|'.join(map(re.escape, (*NAMES, *map(str.upper, NAMES))))}):(?:[ \t]|$))"
)
SDP_BEGIN = re.compile(r"[ \t](?:v=0[ \t]+)?o=\S+ [0-9]+ [0-9]+ IN IP[46] ")
_SDP_RUN = re.compile(r"[ \t]+(?=[vosiuepcbtrzkam]=\S)")


@dataclass(slots=True)
class Fields:
    """Names with values in order of appearance, and the body as text."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def first(self, name: str) -> str:
        """The first value of a name, in any case of letters; "" without one."""
        return next((value for own, value in self.pairs if own.lower() == name), "")


def read_fields(text: str, whole: bool) -> Fields:
    """The fields at the beginning of the text, and the body behind them.

    `whole` tells that the text ends where the record ends. Otherwise it may go on with other text: the first line that is no field ends
    the record then.
    """
    found = Fields()
    lines = _unrun(text)
    for at, raw in enumerate(lines):
        line = raw.strip()
        if found.pairs and raw[:1] in (" ", "\t") and line:
            name, value = found.pairs[-1]
            found.pairs[-1] = (name, f"{value} {line}")
            continue
        if not line:
            if found.pairs and not _goes_on(lines, at + 1):
                found.body = _body(lines[at + 1 :], found, whole)
                break
            continue
        if SDP.match(line):
            found.body = _body(lines[at:], found, whole)
            break
        match = FIELD.match(line)
        if not match:
            if found.pairs and not whole:
                break
            continue
        if match[1] == "Message-Body":
            found.body = _body([match[2] or "", *lines[at + 1 :]], found, whole)
            break
        found.pairs.append((match[1], (match[2] or "").strip()))
    return found


def _goes_on(lines: list[str], at: int) -> bool:
    """Whether fields follow after an empty line, as where each line was copied with one behind it."""
    following = next((line.strip() for line in lines[at : at + 3] if line.strip()), "")
    return bool(FIELD.match(following))


def part_fields(line: str) -> str:
    """A line of which it is known that fields run together on it, with each on a line of its own."""
    return "\n".join(_unrun_body(_KNOWN.split(line)))


def _unrun(text: str) -> list[str]:
    """The lines, with those parted again that were run together."""
    lines: list[str] = []
    for line in text.split("\n"):
        parts = _KNOWN.split(line) if line.count(":") > RUN_TOGETHER else []
        lines += _unrun_body(parts) if len(parts) > RUN_TOGETHER else [line]
    return lines


def _unrun_body(parts: list[str]) -> list[str]:
    """The same with a session description that goes on behind the last field."""
    found = SDP_BEGIN.search(parts[-1])
    if not found or parts[-1].startswith("Message-Body"):
        return parts
    return [*parts[:-1], parts[-1][: found.start()], *_SDP_RUN.split(parts[-1][found.start() :].strip())]


def _body(lines: list[str], found: Fields, whole: bool) -> str:
    """The body in the lines behind the fields; where other text may follow, only what is a session description."""
    if lines and (len(_SDP_RUN.findall(lines[0])) >= RUN_TOGETHER):
        lines = [*_SDP_RUN.split(lines[0].strip()), *lines[1:]]
    multipart = found.first("content-type").lower().startswith("multipart/")
    kept: list[str] = []
    for line in lines:
        described = SDP.match(line.strip())
        if not whole and not multipart and line.strip() and not described:
            break
        if described and not multipart and kept and not kept[-1].strip():
            kept.pop()
        kept.append(line.strip() if described else line.strip("\r"))
    text = "\n".join(kept).strip("\n")
    return "" if text.strip() in {"", "-", "\u2013"} or "MESSAGE BODY DELETED" in text[:200] else text + "\n"
