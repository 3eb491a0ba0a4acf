"""One packet of a listing on its way to a frame: its record, what that says, and what its connection settles.

Knows no text and no bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wireproof.capture.listing.info import ABOVE, ACK, FIN, SYN, TCP, Said
from wireproof.capture.listing.records import Record

HALF, ALL = 1 << 31, 1 << 32


@dataclass(slots=True)
class Packet:
    """A record and what it says. `seq`, `ack` and `window` are as a frame carries them; None until they are settled.

    `payload` is bytes above TCP or UDP, `data` what is known of them, `raw` the whole frame where it was dumped, `quoted` the packet that
    an ICMP error is about. `guessed` says that the record leaves the length open and nothing around it settles it. `beneath` is where in
    the text the record stands with what is printed beneath it; (0, 0) where nothing is. `ports_made_up` says that the record and those
    around it leave a datagram's ports open, `maybe_of` names the connections that a message may belong to, by their first packets' places,
    where there are several.
    """

    record: Record
    said: Said
    time_ns: int = 0
    side: int = 0
    seq: int | None = None
    ack: int | None = None
    window: int = 0
    payload: int | None = None
    start: int = 0
    guessed: bool = False
    data: bytes = b""
    quoted: Packet | None = None
    raw: bytes = b""
    beneath: tuple[int, int] = (0, 0)
    ports_made_up: bool = False
    maybe_of: list[int] = field(default_factory=list)

    @property
    def is_tcp(self) -> bool:
        """Whether it is a segment, or a message that came in one."""
        return self.said.kind in (TCP, ABOVE)

    @property
    def flags(self) -> int:
        """TCP flags; of a message whose record names none the one that every segment after the SYN has."""
        return ACK if self.said.flags is None else self.said.flags

    @property
    def taken(self) -> int:
        """Sequence numbers that it takes."""
        return (self.payload or 0) + bool(self.flags & SYN) + bool(self.flags & FIN)

    @property
    def ends(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """(address, port) of sender and receiver."""
        return (self.record.source, self.said.source_port or 0), (self.record.target, self.said.target_port or 0)


@dataclass(slots=True)
class Connection:
    """The packets of one TCP connection in order. `ends[0]` sent the first of them; `bases` are added to relative numbers.

    `syns` counts the SYNs that ask for it, `syn_seq` is the number that the last of them prints.
    """

    ends: tuple[tuple[str, int], tuple[str, int]]
    packets: list[Packet] = field(default_factory=list)
    bases: tuple[int, int] = (0, 0)
    syns: int = 0
    syn_seq: int | None = None


def signed(number: int) -> int:
    """A difference of two sequence numbers as it was meant (RFC 9293 section 3.4)."""
    return (number + HALF) % ALL - HALF
