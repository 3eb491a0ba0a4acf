"""What was said inside DTLS as plain UDP datagrams, as a source of frames: one a record of application data.

Takes the DTLS conversations that could be read; gives datagrams of the same ends and times, and the rows that they stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.datagrams import read_payloads
from wireproof.export.batches import Made
from wireproof.export.carriers import Carriers
from wireproof.export.comments import describe_session
from wireproof.export.ends import find_ends
from wireproof.export.events import EVENT
from wireproof.export.segments import UDP, Payloads, Segments
from wireproof.wire.tls import APPLICATION_DATA

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import Clear, ClearDatagram, ClearDatagrams
    from wireproof.export.comments import Comments

FIRST_DTLS, LAST_DTLS = 20, 63
"""First bytes of DTLS among what else goes over the same ports, such as STUN and media (RFC 9443 section 3)."""

Ints = NDArray[np.int64]
Hide = Callable[[Sequence[bytes]], list[bytes]]


class UdpTalk(NamedTuple):
    """A DTLS conversation to write: which one, and the side that is the client."""

    conversation: int
    client_side: int


def find_spoken(clear: Clear) -> list[ClearDatagrams]:
    """The DTLS conversations in which application data could be read; of others there is nothing to write in clear."""
    return [
        clear.datagrams[number]
        for number in sorted(clear.datagrams)
        if any(_is_said(one) for one in clear.datagrams[number].datagrams)
    ]


def _is_said(one: ClearDatagram) -> bool:
    return one.kind == APPLICATION_DATA and bool(one.data)


def find_dtls_rows(tables: CaptureTables, spoken: Sequence[ClearDatagrams]) -> Ints:
    """The packets of these conversations that hold DTLS, read or not: what else goes between the same ports stays."""
    return np.array(
        [
            payload.row
            for one in spoken
            for payload in read_payloads(tables, one.conversation)
            if payload.data and FIRST_DTLS <= payload.data[0] <= LAST_DTLS
        ],
        np.int64,
    )


def udp_talks(tables: CaptureTables, spoken: Sequence[ClearDatagrams]) -> list[UdpTalk]:
    """These conversations as their ends are looked up."""
    clients = tables.conversations.facts["client"]
    return [UdpTalk(one.conversation, int(clients[one.conversation])) for one in spoken]


class ClearUdp:
    """Datagrams to write; `mapped` holds the ports that servers' are written as, by conversation. `written` counts those that were made."""

    def __init__(
        self,
        tables: CaptureTables,
        spoken: Sequence[ClearDatagrams],
        mapped: Mapping[int, int],
        comments: Comments,
        hide: Hide | None,
    ) -> None:
        records = [
            (2 * place + one.side, one.row, one.data)
            for place, session in enumerate(spoken)
            for one in session.datagrams
            if _is_said(one)
        ]
        self._data = [data for _, _, data in records]
        ends = find_ends(tables, udp_talks(tables, spoken), mapped)
        self._events = np.zeros(len(records), EVENT)
        self._events["stream"] = [stream for stream, _, _ in records]
        rows = np.array([row for _, row, _ in records], np.int64)
        self._events["row"] = rows
        self._events["ident"] = tables.packets.ip_id[rows] - ends.ident[self._events["stream"]]
        self.times: Ints = tables.packets.time_ns[rows]
        self.sizes = np.array([len(data) for data in self._data], np.int64)
        self.written = 0
        self._packets, self._comments, self._hide = tables.packets, comments, hide
        self._segments = Segments(ends, UDP)
        _, first = np.unique(self._events["stream"] >> 1, return_index=True)
        told = zip(first.tolist(), spoken, strict=True)
        self._said = {place: describe_session(session.outcome) for place, session in told}

    def make(self, indexes: Ints) -> Made:
        """The datagrams at these places."""
        chosen = indexes.tolist()
        data = [self._data[place] for place in chosen]
        data = self._hide(data) if self._hide else data
        events, rows, sizes = self._events[indexes], self._events["row"][indexes], self.sizes[indexes]
        payloads = Payloads(b"".join(data), np.cumsum(sizes) - sizes, sizes)
        heads, ends = self._segments.pack_heads(events, payloads, self._packets.ttl[rows], self._packets.tos[rows])
        self.written += len(chosen)
        said: dict[int, Sequence[str]] = dict(self._comments.of_rows(rows))
        for place, index in enumerate(chosen):
            if index in self._said:
                said[place] = [self._said[index], *said.get(place, ())]
        carriers = Carriers(rows, np.arange(1, len(rows) + 1))
        originals, written = np.diff(ends, prepend=0) + sizes, np.ones(len(chosen), bool)
        return Made(heads, ends, *payloads, originals, carriers, written, said)
