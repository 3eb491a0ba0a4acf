"""What the TCP/IP stack, AFD and PktMon of Windows say in a trace, as Network Monitor, `netsh trace convert` and tracefmt print it.

Takes a text; gives typed events. A record starts with its number, time and process (Network Monitor) or with processor, process and time
in brackets (the others), wherever on a line that is. Wordings: the manifest of Microsoft-Windows-TCPIP. Lines that tell nothing that
somebody asks for are counted only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import ClassVar

from wireproof.logs.endpoint_text import Endpoint, end_text, read_address, read_dotted, read_endpoint
from wireproof.logs.log import Anchor, Event, Log, pair_key
from wireproof.logs.stamps import is_day_first, read_clock, read_date
from wireproof.logs.text import LogText

MONITOR_HEAD = (
    r"(?<![\d.])(?P<number>\d{1,9})[ \t]+(?P<clock>\d{1,2}:\d\d:\d\d(?:\.\d{1,9})?(?:[ \u00a0\u202f][AP]M)?)"
    r"(?:[ \t]+(?P<date>\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}))?(?:[ \t]+(?P<since>\d{1,9}\.\d{3,9}))?"
    r"[ \t]+(?P<process>[^\s(][^\n(]{0,60}?)[ \t]+\((?P<owner>\d{1,7})\)"
)
"""Columns of Network Monitor: frame number, time, date, time offset, process name with its id."""
PRINTED_HEAD = (
    r"\[\d{1,4}\](?P<printed_owner>[0-9A-Fa-f]{4,8})\.[0-9A-Fa-f]{4,8}::"
    r"(?P<printed_date>\d{4}[-/]\d\d[-/]\d\d|\d\d/\d\d/\d{4})[- ](?P<printed_clock>\d\d:\d\d:\d\d\.\d{1,9})[ \t]+"
    r"\[(?P<provider>[^\]\n]{1,80})\]"
)
HEAD = re.compile(f"{MONITOR_HEAD}|{PRINTED_HEAD}")
PROVIDERS = frozenset(("Microsoft-Windows-TCPIP", "Microsoft-Windows-Winsock-AFD", "Microsoft-Windows-PktMon"))
BODY_MOST = 2000
DATES = 10_000
"""Records whose dates tell whether the day comes first."""
WRAPPED = 5
"""Lines that one record may be broken into."""
WHOLE = re.compile(r"(?:\.|Status [\w -]{1,60})\s*$")
"""How a record ends."""
BODY = re.compile(r"(?:TCPIP_MicrosoftWindowsTCPIP|\w{0,20}WindowsWinsockAFD):(?P<body>[^\n]{0,2000})")

KINDS: tuple[tuple[str, str], ...] = (
    ("requested to connect", "connect-requested"),
    ("is going to output SYN", "syn-sent"),
    ("connect proceeding", "connect-proceeding"),
    ("connect completed", "connect-completed"),
    ("retransmitting connect attempt", "connect-retransmitted"),
    ("connect failed: connect-request timeout expired", "connect-timeout"),
    ("connect failed: received RST", "connect-refused"),
    ("connect attempt failed with status", "connect-failed"),
    ("connect failed:", "connect-failed"),
    ("terminating: retransmission timeout expired", "retransmission-timeout"),
    ("terminating: keep-alive timeout expired", "keepalive-timeout"),
    ("terminating:", "terminating"),
    ("connection terminated: received RST", "reset-received"),
    ("connection terminated: received SYN", "syn-received-in-state"),
    ("shutdown initiated", "shutdown"),
    ("close issued", "close"),
    ("abort issued", "abort"),
    ("transition from", "state"),
    ("Send Retransmit round", "retransmit-round"),
    ("retransmitting data", "retransmitted"),
    ("Sent data with number of bytes", "data-sent"),
    ("Received data with number of bytes", "data-received"),
    ("entering SYN attack", "syn-attack-entered"),
    ("leaving SYN attack", "syn-attack-left"),
    ("land attack has dropped", "land-attack"),
    ("released port number", "port-released"),
    ("acquired port number", "port-acquired"),
    ("weak reference on port number", "port-shared"),
    ("created with status", "endpoint-created"),
    (") bound", "bound"),
    (") closed", "endpoint-closed"),
    ("exists. State", "rundown"),
    ("Network layer", "network-drop"),
    ("Transport (", "transport-drop"),
    ("Drop: PktGroupId", "pktmon-drop"),
    ("closesocket:", "afd-close"),
    ("connect:", "afd-connect"),
    ("bind:", "afd-bind"),
    ("socket:", "afd-socket"),
    ("abort:", "afd-abort"),
)
"""What an event is, by words that only it has; the first that fits."""
PHRASE = re.compile("|".join(re.escape(words) for words, _ in KINDS))
KIND_OF = dict(KINDS)

HEX = r"(?: \(0x[0-9A-Fa-f]{1,8}\))?"
LOCAL_REMOTE = re.compile(rf"local=([^\s(),]{{1,60}}){HEX} remote=([^\s(),]{{1,60}}){HEX}")
FROM_TO = re.compile(rf"Source = ([^\s,]{{1,60}}){HEX}, Destination = ([^\s,]{{1,60}}?){HEX}\.\s")
ADDRESSES = re.compile(
    r"SourceAddress = ([^\s,]{1,60}?)\.?(?: Null)?\.? DestAddress = ([^\s,]{1,60}?)\.?(?: Null)?\.?(?:\s|$)"
)
SOCKADDR = re.compile(rf"sockaddr=([^\s(),]{{1,60}}){HEX}|Address ([^\s(),]{{1,60}}),")
DROPPED_IP = re.compile(r"\bip6?: ([0-9A-Fa-f.:]{3,60}) > ([0-9A-Fa-f.:]{3,60}):")
REASON = re.compile(r"Reason = (?:\d{1,5}\()?([^.)\n]{1,120})|DropReason ([^,\n]{1,120})")
STATUS = re.compile(r"shutdown initiated \(([^)]{1,80})\)|[Ss]tatus ?=? ([\w x-]{1,80}?)[.\s]*$")
PID = re.compile(r"\bPID ?= ?(\d{1,7})")
OBJECT = re.compile(r"(?:[Cc]onnection|Tcb|TCB|[Ee]ndpoint)(?: =)? 0x([0-9A-Fa-f]{4,16})")
NUMBER = re.compile(
    r"port number (\d{1,5})|number of bytes = (\d{1,10})|RexmitCount = (\d{1,4})|Round = (\d{1,4})|Detected = (\d{1,9})"
)
RTO = re.compile(r"RTO = (\d{1,7})")
PROTOCOL = re.compile(r"Protocol (?:= )?(?:\d{1,3}\()?(TCP|UDP|ICMP)")
SENT = re.compile(r"Direction (?:= )?(?:\d\()?(?:Send|Tx)")
ANCHOR_KINDS = {
    "syn-sent": "tcp-syn",
    "connect-completed": "tcp-connect",
    "connect-refused": "tcp-reset",
    "reset-received": "tcp-reset",
}
"""Kinds of events that a capture shows at the same moment."""
UNTOLD = frozenset(
    ("state", "port-shared", "afd-socket", "afd-bind", "connect-proceeding", "data-sent", "data-received")
)
"""Kinds that are too many, or say too little, for a timeline."""
NOBODY = frozenset((0, 4))
"""Idle and System: in their context work of every process runs."""


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One event. `pid` is the process that the event names or whose call it is, 0 for none; `process` its name where columns tell it.

    `tie` names the connection or endpoint object, which other events have too. Of drops, `local` and `remote` are the ends as the event
    orders them: source and destination. `count` is a port, a number of bytes, retransmissions or attacks; `rto_ms` as the event has it.
    """

    time_ns: int
    line: int
    kind: str
    text: str
    number: int = 0
    pid: int = 0
    process: str = ""
    tie: str = ""
    local: Endpoint | None = None
    remote: Endpoint | None = None
    status: str = ""
    reason: str = ""
    protocol: str = "tcp"
    count: int = 0
    rto_ms: int = 0
    is_sent: bool = False
    since_s: float | None = None
    """Seconds since the trace began, where that column stands."""


@dataclass(slots=True, kw_only=True)
class TcpipTraceLog(Log):
    """The trace lines of one text, in its order. `passed` counts events that were left out because nobody asks for them."""

    title: ClassVar[str] = "TCP/IP trace"

    records: list[TraceEvent] = field(default_factory=list)
    passed: int = 0

    def events(self) -> Iterator[Event]:
        """What happened to connections and packets; what only names objects is left out."""
        for one in self.records:
            if one.time_ns and one.kind not in UNTOLD:
                yield Event(one.time_ns, one.text, one.line, one.number, one.pid)

    def anchors(self) -> Iterator[Anchor]:
        """SYNs that left, handshakes that were completed and resets that came."""
        for one in self.records:
            kind = ANCHOR_KINDS.get(one.kind)
            if kind and one.time_ns and one.local and one.remote:
                yield Anchor(one.time_ns, one.line, kind, pair_key(end_text(one.local), end_text(one.remote)))

    def of(self, *kinds: str) -> list[TraceEvent]:
        """Its events of these kinds."""
        return [one for one in self.records if one.kind in kinds]


def find(text: LogText) -> TcpipTraceLog | None:
    """The trace lines in a text; None for none."""
    whole = text.whole
    log = TcpipTraceLog(file=text.file)
    found = HEAD.finditer(whole)
    first = list(islice(found, DATES))
    heads = chain(first, found)
    head = next(heads, None)
    day_first = is_day_first({match["date"] for match in first if match["date"]})
    while head is not None:
        follower = next(heads, None)
        end = min(follower.start() if follower else len(whole), head.end() + BODY_MOST)
        body = _body(head, whole, end)
        if body:
            line = text.line_at(head.start())
            event = _event(head, body, whole[head.end() : end], line, day_first=day_first)
            if event:
                log.records.append(event)
            else:
                log.passed += 1
        head = follower
    if log.records and not any(one.time_ns for one in log.records):
        log.notes.append("the trace lines carry a time of day and no date")
    return log if log.records or log.passed else None


def _body(head: re.Match[str], whole: str, end: int) -> str:
    """What an event says; "" where the record is a packet or of a provider that is not read."""
    rest = _unwrapped(whole[head.end() : end])
    if head["provider"]:
        return rest.strip() if head["provider"] in PROVIDERS else ""
    match = BODY.search(rest)
    return match["body"].strip() if match else ""


def _unwrapped(text: str) -> str:
    """A record up to its line's end, or further where mail or a terminal broke the line within the sentence."""
    first, *more = text.split("\n", WRAPPED)
    for line in more[: WRAPPED - 1]:
        if not line.strip() or WHOLE.search(first):
            break
        first = f"{first.rstrip()} {line.strip()}"
    return first


def _event(head: re.Match[str], body: str, rest: str, line: int, *, day_first: bool) -> TraceEvent | None:
    phrase = PHRASE.search(body)
    if phrase is None:
        return None
    kind = KIND_OF[phrase[0]]
    local, remote = _ends(kind, body, rest)
    owner = int(head["owner"] or 0) or int(head["printed_owner"] or "0", 16)
    named = PID.search(body)
    pid = int(named[1]) if named else owner if owner not in NOBODY and not kind.endswith("drop") else 0
    tie, count, protocol, rto = OBJECT.search(body), NUMBER.search(body), PROTOCOL.search(body), RTO.search(body)
    return TraceEvent(
        _time_ns(head, day_first=day_first),
        line,
        kind,
        " ".join(body.split()),
        number=int(head["number"] or 0),
        pid=pid,
        process=(head["process"] or "") if pid and owner == pid else "",
        tie=tie[1].lstrip("0").lower() if tie else "",
        local=local,
        remote=remote,
        status=_first(STATUS, body),
        reason=_first(REASON, body).strip(),
        protocol=protocol[1].lower() if protocol else _pktmon_protocol(rest),
        count=int(next(filter(None, count.groups()))) if count else 0,
        rto_ms=int(rto[1]) if rto else 0,
        is_sent=bool(SENT.search(body)),
        since_s=float(head["since"]) if head["since"] else None,
    )


def _pktmon_protocol(rest: str) -> str:
    return "udp" if ": UDP," in rest[:BODY_MOST] else "tcp"


def _first(pattern: re.Pattern[str], body: str) -> str:
    """The group that matched; "" for none."""
    match = pattern.search(body)
    return next((group for group in match.groups() if group), "") if match else ""


def _time_ns(head: re.Match[str], *, day_first: bool) -> int:
    """Nanoseconds since 1970 on the wall; 0 without a date. Where seconds are whole, the offset since the start tells no more."""
    day = head["printed_date"] or head["date"]
    clock = head["printed_clock"] or head["clock"]
    start, since = read_date(day, day_first=day_first) if day else None, read_clock(clock)
    return start + since if start is not None and since is not None else 0


def _ends(kind: str, body: str, rest: str) -> tuple[Endpoint | None, Endpoint | None]:
    """Both ends as far as an event names them; with port 0 where it names addresses only."""
    match = LOCAL_REMOTE.search(body) or FROM_TO.search(body)
    if match:
        return read_endpoint(match[1]), read_endpoint(match[2])
    match = ADDRESSES.search(body)
    if match:
        return _bare(match[1]), _bare(match[2])
    if kind == "pktmon-drop":
        match = DROPPED_IP.search(rest[:BODY_MOST])
        return (read_dotted(match[1]), read_dotted(match[2])) if match else (None, None)
    match = SOCKADDR.search(body)
    end = read_endpoint(match[1] or match[2]) if match else None
    return (None, end) if kind == "afd-connect" else (end, None)


def _bare(text: str) -> Endpoint | None:
    address = read_address(text)
    return (address, 0) if address else None
