"""TCP/IP activity of the kernel logger as `tracerpt` writes it: who sent and received what, with process ids.

Takes a text; gives one record a row. Rows may run together on one line, addresses may be padded with zeros. What stands between the
event's name and the process differs by version; the row is told by its tail: process, size, both addresses, both ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.endpoint_text import Endpoint, end_text, read_address
from wireproof.logs.log import Anchor, Event, Log, pair_key
from wireproof.logs.scan import find_near, places
from wireproof.logs.stamps import from_filetime
from wireproof.logs.text import LogText

ADDRESS = r"\"?((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{2,45}(?:%\d{1,5})?)\"?"
ROW = re.compile(
    r"\b(?P<event>(?:Tcp|Udp)Ip)(?:V6|IPV6)?,\s{0,20}(?P<type>[A-Za-z][\w ]{1,24}),(?P<between>[^\n]{0,336}?),"
    rf"\s{{0,8}}(?P<pid>\d{{1,7}}|0x[0-9A-Fa-f]{{1,8}}),\s{{0,8}}(?P<size>\d{{1,9}}),\s{{0,8}}{ADDRESS},\s{{0,8}}{ADDRESS},"
    r"\s{0,8}(?P<to>\d{1,5}),\s{0,8}(?P<port>\d{1,5})\b"
)
MOST = 800
"""Characters of a row."""
MADE = frozenset(("connect", "accept"))
"""Types of rows that tell of a handshake that is over."""
MOVED = ("send", "recv", "receive", "tcpcopy")
"""How types of rows begin that tell of data only."""
FILETIME = re.compile(r"\b(1[23]\d{16})\b")


@dataclass(frozen=True, slots=True)
class KernelRow:
    """One row. `local` is the own end of the connection; `size` its payload in bytes; `time_ns` UTC, 0 where the clock is no FILETIME."""

    time_ns: int
    line: int
    protocol: str
    type: str
    pid: int
    size: int
    local: Endpoint
    remote: Endpoint


@dataclass(slots=True, kw_only=True)
class KernelCsvLog(Log):
    """The rows of one output."""

    title: ClassVar[str] = "TCP/IP kernel logger"

    rows: list[KernelRow] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """What happened to connections; data is left out."""
        for one in self.rows:
            if one.time_ns and not one.type.lower().startswith(MOVED):
                ends = f"{end_text(one.local)} to {end_text(one.remote)}"
                yield Event(one.time_ns, f"{one.protocol.upper()} {one.type}, {ends}", one.line, pid=one.pid)

    def anchors(self) -> Iterator[Anchor]:
        """Handshakes that are over."""
        for one in self.rows:
            if one.time_ns and one.protocol == "tcp" and one.type.lower() in MADE:
                yield Anchor(one.time_ns, one.line, "tcp-connect", pair_key(end_text(one.local), end_text(one.remote)))


def find(text: LogText) -> KernelCsvLog | None:
    """The rows in a text; None for none."""
    log = KernelCsvLog(file=text.file, in_utc=True)
    for match in find_near(ROW, text.whole, places(text.whole, "TcpIp", "UdpIp"), 0, MOST):
        row = _row(match, text)
        if row:
            log.rows.append(row)
    return log if log.rows else None


def _row(match: re.Match[str], text: LogText) -> KernelRow | None:
    # The own end comes second in each event, except in datagrams that arrive: there the sender does.
    groups = match.groups()
    target, source = read_address(groups[5]), read_address(groups[6])
    ports = int(match["to"]), int(match["port"])
    if not target or not source or max(ports) > 0xFFFF:
        return None
    local, remote = (source, ports[1]), (target, ports[0])
    protocol, kind = match["event"][:3].lower(), match["type"].strip()
    if protocol == "udp" and kind.lower().startswith("rec"):
        local, remote = remote, local
    clock = FILETIME.search(match["between"])
    pid = match["pid"]
    return KernelRow(
        from_filetime(int(clock[1])) if clock else 0,
        text.line_at(match.start()),
        protocol,
        kind,
        int(pid, 16) if pid.startswith("0x") else int(pid),
        int(match["size"]),
        local,
        remote,
    )
