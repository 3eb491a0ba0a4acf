"""The opened sessions of one capture, as those see them that read what was said and those that write it to a file.

Holds clear streams and outcomes; opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wireproof.decrypt.outcome import Outcome
    from wireproof.decrypt.quic.streams import QuicStream
    from wireproof.streams.stream import Stream, TalkStreams


class OpenedRecord(NamedTuple):
    """One record that was encrypted and is no application data: handshake, alert, ChangeCipherSpec.

    `start` and `end` are its place in the stream that it was read from (see `Beginning.sources`), header included. `kind` is the content
    type (in TLS 1.3 the inner one), `data` its clear content.
    """

    start: int
    end: int
    kind: int
    data: bytes


@dataclass(slots=True)
class ClearTalk:
    """One conversation whose application data could be read, or a part of it.

    `streams` holds what each side (0 and 1) said inside: offset 0 is the first byte of application data, each record is one piece whose
    row is that of the packet which completed the record, and what could not be read is a gap. `opened` holds by side the
    other records that were encrypted, by their place in the stream. `begins` is the offset at which TLS begins in each side's raw stream:
    what stands before is plain (STARTTLS, CONNECT). `ends` is where TLS stops and plain bytes go on (a TDS login), -1 for never; those
    bytes stand in the clear stream too.
    """

    conversation: int
    client_side: int
    streams: tuple[Stream, Stream]
    opened: tuple[dict[int, OpenedRecord], dict[int, OpenedRecord]]
    outcome: Outcome
    inside: str = ""
    begins: tuple[int, int] = (0, 0)
    ends: tuple[int, int] = (-1, -1)

    def talk(self) -> TalkStreams:
        """Both clear streams, as parsers take them."""
        from wireproof.streams.stream import TalkStreams

        return TalkStreams(self.conversation, self.streams, self.client_side)


class ClearDatagram(NamedTuple):
    """One record of DTLS that was encrypted: the packet it stands in, who sent it (side 0 or 1), its content type and clear content."""

    row: int
    side: int
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ClearDatagrams:
    """One DTLS conversation of which records could be read: all of them in the order of the capture, handshake and alerts included."""

    conversation: int
    datagrams: list[ClearDatagram]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ClearQuic:
    """One QUIC conversation of which packets could be read.

    `streams` holds what was said in each stream, by its number and by side (0 or 1); a side that said nothing there has no entry. `messages` are
    unreliable datagrams (RFC 9221) as (row, side, bytes). `closes` tells how the connection was closed: (row, side, error code, reason).
    """

    conversation: int
    client_side: int
    streams: dict[tuple[int, int], QuicStream]
    messages: list[tuple[int, int, bytes]]
    closes: list[tuple[int, int, int, str]]
    outcome: Outcome


@dataclass(slots=True)
class Clear:
    """All TLS sessions of one capture: those that could be opened by conversation, and the outcome of every one, in order of time."""

    talks: dict[int, ClearTalk] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    datagrams: dict[int, ClearDatagrams] = field(default_factory=dict)
    """What was said inside DTLS, by conversation."""
    nested: dict[int, ClearTalk] = field(default_factory=dict)
    """What was said in sessions inside those of `talks`, by conversation; each `begins` in the clear streams of the outer one."""
    quic: dict[int, ClearQuic] = field(default_factory=dict)
    """What was said inside QUIC, by conversation."""

    def __bool__(self) -> bool:
        return bool(self.talks)

    def inside(self) -> list[tuple[TalkStreams, int]]:
        """The clear streams of each opened session, and its suite."""
        return [(one.talk(), one.outcome.suite) for one in (*self.talks.values(), *self.nested.values())]
