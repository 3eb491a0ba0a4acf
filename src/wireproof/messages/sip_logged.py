"""SIP messages that a log holds, in the form of those of captures: rules read both alike.

Takes a `SipLog`; gives a table whose rows are the log's lines, counted from 1, and whose conversations are its pairs of ends. Judges nothing.
"""

from __future__ import annotations

import bisect
import functools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from wireproof.messages.table import MessageTable
from wireproof.wire.sip import SipHead, parameters, split_uri, unpack_sip

if TYPE_CHECKING:
    from wireproof.logs.sip_log import LoggedMessage, SipLog, Trouble
    from wireproof.messages.sip import SipMessage

LOOK_BACK = 200
"""Requests before a response without Call-ID among which its own is looked for."""
HERE, THERE = 0, 1
"""Sides of a logged conversation: the program that wrote the log, and its peer."""


@dataclass(frozen=True, slots=True)
class LoggedTalk:
    """A conversation as a log names it: `local` and `peer` are `address:port`, or `name:port`, "" where not told."""

    local: str
    peer: str
    pid: int
    client: bool


@dataclass(frozen=True, eq=False)
class LoggedSip:
    """The SIP messages of one log. A message's `row` is its line; its `conversation` is the index in `talks`; side 0 wrote the log.

    `guessed` holds the lines of responses without Call-ID or CSeq, which took those of the request that has their Via.
    """

    log: SipLog
    messages: MessageTable[SipMessage]
    talks: list[LoggedTalk]
    guessed: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The log's file without its folders."""
        return self.log.file.replace("\\", "/").rpartition("/")[2]

    def talk(self, message: SipMessage) -> LoggedTalk:
        """The conversation of a message."""
        return self.talks[message.conversation]

    def endpoint(self, message: SipMessage, side: int) -> str:
        """`address:port` of a side of its conversation, "" where the log does not tell."""
        talk = self.talk(message)
        return talk.local if side == HERE else talk.peer

    def troubles_between(self, begin_ns: int, end_ns: int) -> list[Trouble]:
        """The failures that the log tells from one time to another, both in its own clock."""
        begin = bisect.bisect_left(self._by_time, begin_ns, key=lambda trouble: trouble.time_ns)
        end = bisect.bisect_right(self._by_time, end_ns, key=lambda trouble: trouble.time_ns)
        return self._by_time[begin:end]

    @functools.cached_property
    def _by_time(self) -> list[Trouble]:
        return sorted(self.log.troubles, key=lambda trouble: trouble.time_ns)


Read: TypeAlias = "tuple[LoggedMessage, SipHead]"


def build_logged_sip(log: SipLog) -> LoggedSip:
    """The table of one log."""
    # Rules know this module at every start; what reads SIP is for cases that have such a log.
    from wireproof.messages.sip import SipMessage, pair_messages

    guessed: list[int] = []
    locals_ = _local_ends(log)
    talks: dict[LoggedTalk, int] = {}
    rows = []
    for message, head in _completed(log.messages, guessed):
        local = message.local or locals_.get((message.pid, message.peer), "")
        talk = LoggedTalk(local, message.peer, message.pid, message.client)
        rows.append(_row(message, head, talks.setdefault(talk, len(talks))))
    # A record may be written late; the order of lines is that in which the program saw the messages.
    return LoggedSip(log, MessageTable(SipMessage, pair_messages(rows)), list(talks), frozenset(guessed))


def _row(message: LoggedMessage, head: SipHead, conversation: int) -> SipMessage:
    body = message.data[head.size :]
    cut = bool(message.stated and len(message.data) < 0.9 * message.stated)
    headers = {name: values for name, values in head.headers.items() if name != "content-length"}
    kind = head.first("content-type")
    if not kind or (kind.lower().startswith("multipart/") and body.lstrip().startswith((b"v=", b"o="))):
        # What people copy from a log often lacks the header, or the frame of the parts.
        headers["content-type"] = ["application/sdp"] if b"m=" in body else []
        headers = {name: values for name, values in headers.items() if values}
    side = HERE if message.outgoing else THERE
    from wireproof.messages.sip import describe_message

    return describe_message(
        _transport(head),
        {
            "conversation": conversation,
            "side": side,
            "row": message.line,
            "last_row": message.line,
            "time_ns": message.time_ns,
            "cut": cut,
        },
        replace(head, headers=headers),
        body,
    )


def _transport(head: SipHead) -> str:
    """`tls`, `tcp` or `udp`, by the first Via."""
    return head.first("via").partition(" ")[0].rpartition("/")[2].lower()[:8]


def _completed(messages: list[LoggedMessage], guessed: list[int]) -> Iterator[Read]:
    """The messages, those responses completed that lack Call-ID, CSeq or peer; `guessed` gains the lines of these."""
    # The heads of all would be larger than the log.
    known: deque[Read] = deque(maxlen=LOOK_BACK)
    for message in messages:
        head = unpack_sip(message.data)
        if head is None:
            continue
        lacks = not head.first("call-id") or not head.first("cseq")
        asked = _request_of(known, message, head) if head.status and (lacks or not message.peer) else None
        known.append(_told_by(asked, message, head) if asked else (message, head))
        guessed += [message.line] if asked and lacks else []
        yield known[-1]


def _told_by(asked: Read, message: LoggedMessage, head: SipHead) -> Read:
    """A response with what it must have in common with its request."""
    headers = dict(head.headers)
    for name in ("call-id", "cseq", "from"):
        headers.setdefault(name, asked[1].headers.get(name, [""]))
    ends = replace(message, peer=message.peer or asked[0].peer, local=message.local or asked[0].local)
    return ends, replace(head, headers=headers)


def _request_of(known: Sequence[Read], answer: LoggedMessage, head: SipHead) -> Read | None:
    """The last request of the other direction, by the same process, that a response may answer by Via (or Call-ID and CSeq), To and From."""
    for asked, request in reversed(known):
        if request.status or asked.outgoing == answer.outgoing or asked.pid != answer.pid:
            continue
        if all(own == other for own, other in _compared(request, head)):
            return asked, request
    return None


def _compared(request: SipHead, response: SipHead) -> Iterator[tuple[object, object]]:
    """What a response repeats of its request (RFC 3261 section 8.2.6.2), as far as both have it."""
    told = [name for name in ("call-id", "cseq") if response.first(name)]
    if response.first("via") or len(told) < 2:
        yield _via(request), _via(response)
    for name in told:
        yield request.first(name), response.first(name)
    yield split_uri(request.first("to")), split_uri(response.first("to"))
    if response.first("from"):
        yield (
            parameters(request.first("from")).get("tag", ""),
            parameters(response.first("from")).get("tag", ""),
        )


def _via(head: SipHead) -> tuple[str, str]:
    """Transport and sender of the first Via, and its branch."""
    first = head.first("via").partition(",")[0]
    return first.partition(";")[0].strip().lower(), parameters(first).get("branch", "")


def _local_ends(log: SipLog) -> dict[tuple[int, str], str]:
    """Own endpoints by process and peer, as records of connections name them."""
    return {(trouble.pid, trouble.peer_ip): trouble.local for trouble in log.troubles if trouble.local}
