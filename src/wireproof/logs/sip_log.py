"""SIP logs of Lync and OCS: the messages in SIPStack and S4 traces of servers and in UCCAPI logs of clients, and the failures they tell.

Takes a text; gives a `SipLog`. Messages are put together again as bytes, as they went over the wire. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.limits import limit, raise_limit
from wireproof.logs.log import Anchor, Event, Log
from wireproof.logs.sip_log_fields import START, Fields, part_fields, read_fields
from wireproof.logs.sip_log_records import RECORD_MOST, Record, split_records
from wireproof.logs.text import LogText
from wireproof.wire.sip import parameters, unpack_sip

RECORDS = limit("sip-log.records", 500_000, "a busy Front End server writes some hundred SIP records a second")
PACKET = re.compile(
    r"(Sending Packet|Data Received)[ \t]*-[ \t]*(\S{1,300}) \((?:From|To) Local Address:[ \t]*([^\s)]{1,300})\)[ \t]*(\d{1,9}) bytes:[ \t]*"
)
MANAGED = re.compile(
    r"(?:>{3,20}|<{3,20})(?P<way>Outgoing|Incoming) SipMessage c=\[[^\]\n]{0,120}\],?[ \t]*(?P<local>\S{1,300}?)(?:->|<-)(?P<peer>\S{1,300})[ \t]*\n?"
)
"""How the managed stack (S4) begins a message."""
MANAGED_END = re.compile(r"\n?-{3,20}EndOf(?:Outgoing|Incoming) SipMessage")
NOT_SIP = {"Trace-Correlation-Id", "Instance-Id", "Direction", "Peer", "Message-Type", "Start-Line", "Message-Body"}
CODE = re.compile(r"0[xX]([0-9A-Fa-f]{1,8})(?:[ \t(]+([A-Za-z][A-Za-z0-9_]{2,60}))?")
TOLD = re.compile(r"Result[ \t:]*(0[xX][0-9A-Fa-f]{8}\([A-Za-z0-9_]{3,60}\))")


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One SIP message: when, at which line, by which process, in which direction, between which endpoints ("" where not told), its bytes.

    Endpoints are `address:port` or `name:port`. `stated` is how many bytes the log says it had, 0 where it does not say. `client` tells a
    message in the log of a client from one in a server's.
    """

    time_ns: int
    line: int
    pid: int
    outgoing: bool
    local: str
    peer: str
    data: bytes
    stated: int = 0
    client: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure that a server's log tells: of a connection, or of a message.

    `code` is the result code as it stands in the log (an HRESULT), 0 without; `code_name` its name there. `named` are the parameters of its
    data, such as `fqdn` and `winsock-code`. `call_id`, `cseq` and `start_line` are of the message it is about.
    """

    time_ns: int
    line: int
    pid: int
    level: str
    kind: str
    text: str
    code: int = 0
    code_name: str = ""
    peer: str = ""
    peer_ip: str = ""
    peer_fqdn: str = ""
    local: str = ""
    call_id: str = ""
    cseq: str = ""
    start_line: str = ""
    named: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def winsock(self) -> str:
        """The Winsock error in decimal: as told, or the low half of 0x8007xxxx; "" without."""
        told = self.named.get("winsock-code", "")
        return told or (str(self.code & 0xFFFF) if self.code >> 16 == 0x8007 and self.code & 0xFFFF >= 10_000 else "")


@dataclass(slots=True, kw_only=True)
class SipLog(Log):
    """The SIP messages of one log in its order, and the failures between them."""

    title: ClassVar[str] = "SIP log"

    messages: list[LoggedMessage] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """Messages and failures."""
        for message in self.messages:
            start = message.data.partition(b"\r\n")[0].decode("utf-8", "replace")[:120]
            way = "to" if message.outgoing else "from"
            ends = f" {way} {message.peer}" if message.peer else ""
            yield Event(message.time_ns, f"{start}{ends}", message.line, pid=message.pid)
        for trouble in self.troubles:
            code = f" (0x{trouble.code:08x} {trouble.code_name})".replace(" )", ")") if trouble.code else ""
            yield Event(trouble.time_ns, f"{trouble.text[:160]}{code}", trouble.line, pid=trouble.pid)

    def anchors(self) -> Iterator[Anchor]:
        """SIP messages by Call-ID, CSeq, and method or status, and the data that carried them by the connection's ends."""
        for message in self.messages:
            if message.peer:
                sender = "own" if message.outgoing else "peer"
                yield Anchor(
                    message.time_ns, message.line, "tcp-data", (message.peer, message.local, sender, str(message.line))
                )
            head = unpack_sip(message.data)
            if head is None or not head.first("call-id") or not head.first("cseq"):
                continue
            number, method = head.cseq
            key = (head.first("call-id"), f"{number} {method}", str(head.status) if head.status else head.method)
            yield Anchor(message.time_ns, message.line, "sip", key)


def find(text: LogText) -> SipLog | None:
    """The log in a text; None where it holds no message and no failure."""
    log = SipLog(file=text.file)
    packet: tuple[Record, re.Match[str]] | None = None
    cut: list[int] = []
    for count, record in enumerate(split_records(text.whole)):
        if count >= RECORDS.value:
            log.notes.append(
                f"SIP records after the first {int(RECORDS.value):,}, from line {text.line_at(record.offset):,} on, were not read; "
                + raise_limit(RECORDS)
            )
            break
        cut += [text.line_at(record.offset)] if record.cut else []
        if record.client:
            packet = _take_client(log, record, text.line_at(record.offset), packet)
        else:
            _take_server(log, record, text)
    if not log.messages and not log.troubles and not log.notes:
        return None
    if cut:
        log.notes.append(
            f"records longer than {RECORD_MOST:,} characters, of which the rest was not read: {len(cut):,}, the first in line {cut[0]:,}"
        )
    log.messages.sort(key=lambda message: message.line)
    return log


def _take_server(log: SipLog, record: Record, text: LogText) -> None:
    managed = MANAGED.search(record.text[:2048])
    if managed:
        _take_managed(log, record, text, managed)
        return
    body = record.text if record.begun else record.text.partition("\n")[2]
    fields = read_fields(body, record.ended)
    start = fields.first("start-line")
    if START.match(start):
        log.messages.append(_message(record, _line_of(record, text, "Start-Line:"), fields, start))
    elif record.level in {"ERROR", "WARN", "WARNING", "FATAL"} and (fields.first("logtype") or fields.first("text")):
        log.troubles.append(_trouble(record, _line_of(record, text, "Result-Code:", "Text:"), fields))


def _take_managed(log: SipLog, record: Record, text: LogText, managed: re.Match[str]) -> None:
    """Take a message of the managed stack, which stands there as it went over the wire."""
    end = MANAGED_END.search(record.text, managed.end())
    start, _, more = _first_line(record.text[managed.end() : end.start() if end else None])
    if not START.match(start):
        return
    fields = read_fields(more, end is not None)
    line = text.line_at(record.text_offset + managed.end())
    data = _bytes(start.strip(), fields.pairs, fields.body)
    outgoing = managed["way"] == "Outgoing"
    log.messages.append(
        LoggedMessage(record.time_ns, line, record.pid, outgoing, managed["local"], managed["peer"], data)
    )


def _line_of(record: Record, text: LogText, *names: str) -> int:
    """The line of a record that tells most: the first of these fields, else where it begins."""
    found = (place for name in names if (place := record.text.find(name)) >= 0)
    place = next(found, -1)
    return text.line_at(record.text_offset + place if place >= 0 else record.offset)


def _message(record: Record, line: int, fields: Fields, start: str) -> LoggedMessage:
    headers = [pair for pair in fields.pairs if pair[0] not in NOT_SIP]
    outgoing = fields.first("direction").lower().startswith("out")
    local, peer = fields.first("local-ip"), fields.first("peer")
    return LoggedMessage(
        record.time_ns, line, record.pid, outgoing, local, peer, _bytes(start.strip(), headers, fields.body)
    )


def _bytes(start: str, headers: list[tuple[str, str]], body: str) -> bytes:
    """The message as it went over the wire, as far as the log has it."""
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", body.replace("\n", "\r\n")]).encode("utf-8", "replace")


def _trouble(record: Record, line: int, fields: Fields) -> Trouble:
    named = {name: value.strip() for name, value in parameters(";" + fields.first("data")).items()}
    told = TOLD.search(record.text[:1000])
    code = CODE.search(fields.first("result-code") or (told[1] if told else ""))
    return Trouble(
        record.time_ns,
        line,
        record.pid,
        (fields.first("severity") or record.level).lower(),
        fields.first("logtype").lower(),
        fields.first("text"),
        int(code[1], 16) if code else 0,
        (code[2] or "") if code else "",
        fields.first("peer"),
        fields.first("peer-ip"),
        fields.first("peer-fqdn").strip() or named.get("fqdn", ""),
        fields.first("local-ip"),
        fields.first("sip-call-id"),
        fields.first("sip-cseq"),
        fields.first("sip-start-line"),
        named,
    )


def _take_client(
    log: SipLog, record: Record, line: int, packet: tuple[Record, re.Match[str]] | None
) -> tuple[Record, re.Match[str]] | None:
    """Take a client's record; the announcement of a packet waits for the record that holds the message."""
    announced = PACKET.match(record.text.lstrip())
    if announced:
        packet = (record, announced)
        rest = record.text.lstrip()[announced.end() :].lstrip()
        if not rest:
            return packet
    else:
        rest = record.text
    start, _, more = _first_line(rest)
    if not START.match(start):
        return packet if not announced and packet and packet[0].tid != record.tid else None
    if packet is None:
        return None
    said = packet[1]
    fields = read_fields(more, record.ended)
    data = _bytes(start.strip(), fields.pairs, fields.body)
    outgoing = said[1].startswith("Sending")
    log.messages.append(
        LoggedMessage(record.time_ns, line, record.pid, outgoing, said[3], said[2], data, int(said[4]), client=True)
    )
    return None


def _first_line(text: str) -> tuple[str, str, str]:
    """The start line, a separator, and the rest; parted too where the fields run on behind it on one line."""
    line, end, rest = text.lstrip().partition("\n")
    run = re.match(
        r"([A-Z]{3,32} \S{1,4096} SIP/2\.0|SIP/2\.0 [1-6]\d\d(?: [A-Za-z][A-Za-z'/ -]{0,60}?)?)[ \t]+(?=[A-Z][A-Za-z-]{1,40}: )",
        line,
    )
    if run:
        return run[1], "\n", part_fields(line[run.end() :]) + end + rest
    return line, end, rest
