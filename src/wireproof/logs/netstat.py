"""What `netstat` lists on Windows: sockets, their states, and the processes that own them.

Takes a text; gives sockets. Rows are told by their shape, so that any language and rows that run together are read: what waits for
connections has no peer, whatever its state is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.endpoint_text import ANY, Endpoint, is_local_only, read_address, read_endpoint
from wireproof.logs.log import Log
from wireproof.logs.scan import find_at, places
from wireproof.logs.text import LogText

ROW = re.compile(
    r"\b(?P<protocol>TCP|UDP)(?:v6)?[ \t]+(?P<local>\S{1,60}:\d{1,5})[ \t]+(?P<remote>\S{1,255}:(?:\d{1,5}|\*))(?!\S)"
    r"(?:[ \t]+(?P<state>(?!(?:TCP|UDP)\b)(?:[^\W\d]|[^\x00-\x7f])[^\s\d\[\](){}<>:;,.]{2,24}))?(?:[ \t]+(?P<pid>\d{1,7})(?!\S))?"
)
OFFLOAD = re.compile(r"[ \t]+(InHost|Offloaded|Offloading|Uploading)\b")
PROGRAM = re.compile(r"(?:(?<=\s)(?P<service>[A-Za-z][\w$-]{1,60})\s+)?(?<!\S)\[(?P<program>[A-Za-z][^\]\n]{0,80})\]")
OWNED_BY_TEXT = 400
"""Characters behind a row in which `-b` names components and program."""
PROMPT = r"^(?:PS )?(?:[A-Za-z]:|\\\\)[^>\n]{0,200}>[ \t]*"
COMMAND = re.compile(
    PROMPT + r"netstat(?:\.exe)?(?P<options>(?:[ \t]+[-/][\w]+){1,6})?[^\n|]{0,40}(?P<pipe>\|[^\n]{0,200})?",
    re.IGNORECASE | re.MULTILINE,
)
"""A command behind its prompt. In prose it is advice, and nothing follows from what it does not show."""
NEXT_PROMPT = re.compile(r"[^\n]{0,200}\s*" + PROMPT, re.MULTILINE)
ASKED = re.compile(
    r"\|[ \t]*find(?:str)?(?:\.exe)?(?:[ \t]+/\w{1,8}){0,4}[ \t]+[\"']?[ \t]*:?(\d{1,5})[ \t]*[\"']?", re.IGNORECASE
)
"""A filter for one port and nothing else."""
BOUND = ("BOUND", "GEBUNDEN", "VINCULAD", "LIÉ", "ASSOCIAT")
"""How states begin of ports that are only reserved (`netstat -q`): they have no peer either, yet nothing waits on them."""
SAID_ALL, SAID_MOST, ENDPOINT_MAPPER = 3, 8, 135
"""So many ports in wait show that listening sockets were asked for; the endpoint mapper waits on every Windows host, and is among them
where the list was not shortened to what somebody found interesting."""
CUT = re.compile(r"^[ \t]*[\[(<]{0,2}[ \t]*(?:\.{3,}|\u2026|snip)", re.IGNORECASE | re.MULTILINE)
"""Marks that somebody left rows out."""


@dataclass(frozen=True, slots=True)
class Socket:
    """One row. `remote` is None for UDP and for what waits; `pid` -1 where the output has none; `program` and `service` are from `-b`."""

    protocol: str
    local: Endpoint
    remote: Endpoint | None
    state: str
    pid: int
    line: int
    program: str = ""
    service: str = ""

    @property
    def is_listening(self) -> bool:
        """Whether it takes what comes: TCP that waits for connections, or UDP."""
        return self.remote is None and not self.state.upper().startswith(BOUND)

    def listens_on(self, address: str, port: int) -> bool:
        """Whether a packet to this address and port reaches it. A socket on any IPv6 address may take IPv4 too, but lists that as well."""
        if not self.is_listening or self.local[1] != port:
            return False
        family = ":" in address
        return self.local[0] == address or (self.local[0] in ANY and (":" in self.local[0]) == family)


@dataclass(slots=True)
class Output:
    """The rows of one run of netstat; `command` is the line that it was started with, where that is shown."""

    sockets: list[Socket] = field(default_factory=list)
    command: str = ""
    filter: str = ""
    """What stands behind the pipe in the command."""
    is_empty: bool = False
    """Whether the next prompt follows the command at once: it was run, and showed nothing."""
    is_cut: bool = False
    """Whether dots between its rows show that rows were left out."""

    @property
    def lists_listeners(self) -> bool:
        """Whether what is not listed does not wait: several ports that wait are listed, and nothing was filtered out."""
        waiting = {one.local[1] for one in self.sockets if _waits(one)}
        has_all = len(waiting) >= SAID_ALL and (ENDPOINT_MAPPER in waiting or len(waiting) >= SAID_MOST)
        return not self.filter and not self.is_cut and has_all

    def leaves_out(self, port: int, protocol: str = "tcp") -> bool:
        """Whether nothing in it waits on this port, and it would show that; a filter for this very port shows it too."""
        if any(one.is_listening and one.local[1] == port and one.protocol == protocol for one in self.sockets):
            return False
        lists = self.lists_listeners and any(one.protocol == protocol for one in self.sockets)
        asked = ASKED.fullmatch(self.filter)
        return lists or (asked is not None and int(asked[1]) == port)


@dataclass(slots=True, kw_only=True)
class NetstatLog(Log):
    """Every run of netstat in one text."""

    title: ClassVar[str] = "netstat"

    outputs: list[Output] = field(default_factory=list)

    @property
    def sockets(self) -> Iterator[Socket]:
        """The rows of all runs."""
        return (one for output in self.outputs for one in output.sockets)

    def addresses(self) -> set[str]:
        """The host's own addresses, as far as rows show them."""
        return {one.local[0] for one in self.sockets if not is_local_only(one.local[0])}


def _waits(socket: Socket) -> bool:
    return socket.protocol == "tcp" and socket.is_listening


def find(text: LogText) -> NetstatLog | None:
    """The runs of netstat in a text; None for none."""
    whole = text.whole
    rows = list(find_at(ROW, whole, places(whole, "TCP", "UDP")))
    ran = COMMAND.finditer(whole) if text.has_any("netstat") else ()
    commands = [match for match in ran if match["options"] or match["pipe"]]
    log = NetstatLog(file=text.file)
    pending = commands[::-1]
    for turn, match in enumerate(rows):
        end = rows[turn + 1].start() if turn + 1 < len(rows) else len(whole)
        behind = whole[match.end() : min(end, match.end() + OWNED_BY_TEXT)].rstrip()
        socket = _socket(match, behind, text)
        if socket is None:
            continue
        while pending and pending[-1].start() < match.start():
            log.outputs.append(_output(pending.pop(), whole))
        if not log.outputs or _repeats(log.outputs[-1], socket):
            log.outputs.append(Output())
        log.outputs[-1].sockets.append(socket)
        log.outputs[-1].is_cut |= bool(behind and CUT.search(whole, match.end(), match.end() + len(behind)))
    # A command that asks for one port and shows no row says that nothing is there.
    log.outputs += [_output(match, whole) for match in pending[::-1]]
    log.outputs = [output for output in log.outputs if output.sockets or output.is_empty]
    return log if log.outputs else None


def _output(command: re.Match[str], whole: str) -> Output:
    pipe = (command["pipe"] or "").strip()
    words = command[0].partition(">")[2].strip()
    return Output(command=words, filter=pipe, is_empty=bool(pipe and NEXT_PROMPT.match(whole, command.end())))


def _repeats(output: Output, socket: Socket) -> bool:
    """Whether a row that waits stands in this output already: each stands there once, so that another run begins."""
    if not _waits(socket) or not output.sockets:
        return False
    first = next((one for one in output.sockets if _waits(one)), None)
    return first is not None and (first.local, first.state) == (socket.local, socket.state)


def _socket(match: re.Match[str], behind: str, text: LogText) -> Socket | None:
    local = read_endpoint(match["local"])
    if local is None:
        return None
    is_udp = match["protocol"] == "UDP"
    program = PROGRAM.search(behind) if "[" in behind else None
    pid = match["pid"]
    return Socket(
        match["protocol"].lower(),
        local,
        None if is_udp else _peer(match["remote"]),
        "" if is_udp else match["state"] or "",
        int(pid) if pid else -1,
        text.line_at(match.start()),
        program["program"] if program else "",
        (program["service"] or "") if program else "",
    )


def _peer(text: str) -> Endpoint | None:
    """The peer of a row; None for none. One that stands there by name keeps its name."""
    host, _, port = text.rpartition(":")
    if port in ("0", "*"):
        return None
    return read_address(host) or host, int(port)
