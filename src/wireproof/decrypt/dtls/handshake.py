"""Handshake messages of DTLS: put together from fragments, in whatever order these come, and read as those of TLS.

Takes fragments of both sides; gives a `Handshake` that keys are made from. Cookies and retransmissions leave no trace. Opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.decrypt.handshake_parts import CLIENT_HELLO, HELLO_REQUEST, MESSAGE_MOST, SERVER_HELLO, Handshake
from wireproof.wire.dtls import HELLO_VERIFY_REQUEST, Fragment, as_tls_client_hello, as_tls_server_hello
from wireproof.wire.tls import FINISHED

MESSAGES_MOST, PIECES_MOST = 64, 4096
"""Messages of one side that are held, and pieces of one message; a flight has ten messages."""
SERVER_HELLO_DONE = 14


@dataclass(slots=True)
class _Begun:
    kind: int
    length: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    held: int = 0

    def add(self, fragment: Fragment) -> bytes | None:
        """Take a piece; gives the whole body once nothing is missing."""
        known = self.pieces.get(fragment.offset, b"")
        if len(fragment.data) > len(known) or fragment.offset not in self.pieces:
            if len(self.pieces) >= PIECES_MOST:
                return None
            self.held += len(fragment.data) - len(known)
            self.pieces[fragment.offset] = fragment.data
        return self._join() if self.held >= self.length else None

    def _join(self) -> bytes | None:
        body = bytearray()
        for offset, piece in sorted(self.pieces.items()):
            if offset > len(body):
                return None
            body += piece[len(body) - offset :]
        return bytes(body) if len(body) == self.length else None


class Flight:
    """All that one side said in one handshake, by message number. `news` counts messages that became whole."""

    def __init__(self) -> None:
        self._begun: dict[int, _Begun] = {}
        self.whole: dict[int, tuple[int, bytes]] = {}
        self.news = 0

    def add(self, fragment: Fragment) -> bool:
        """Take a fragment; tells whether it completed a message."""
        number = fragment.message
        if number in self.whole or fragment.length > MESSAGE_MOST or len(self.whole) >= MESSAGES_MOST:
            return False
        begun = self._begun.get(number)
        if begun is None or (begun.kind, begun.length) != (fragment.kind, fragment.length):
            if len(self._begun) >= MESSAGES_MOST:
                return False
            begun = self._begun[number] = _Begun(fragment.kind, fragment.length)
        body = begun.add(fragment)
        if body is None:
            return False
        del self._begun[number]
        self.whole[number] = (fragment.kind, body)
        self.news += 1
        return True

    def messages(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, type and body of each message, in order."""
        for number in sorted(self.whole):
            kind, body = self.whole[number]
            yield number, kind, body

    def lacks(self) -> bool:
        """Whether a message between others is missing or not whole."""
        numbers = self.whole.keys() | self._begun.keys()
        return bool(self._begun) or (bool(numbers) and max(numbers) - min(numbers) >= len(numbers))


@dataclass(slots=True)
class DtlsHandshake(Handshake):
    """A handshake of DTLS as one of TLS. What the extended master secret hashes keeps DTLS's headers (RFC 6347 section 4.2.6)."""

    wire_version: int = 0
    _original: bytes = b""

    def take_message(self, role: int, number: int, kind: int, body: bytes) -> None:
        """Note a message of the client (0) or the server (1)."""
        if kind in (HELLO_REQUEST, HELLO_VERIFY_REQUEST, FINISHED):
            return
        size = len(body).to_bytes(3, "big")
        self._original = bytes([kind]) + size + number.to_bytes(2, "big") + bytes(3) + size + body
        if kind == SERVER_HELLO:
            self.wire_version = int.from_bytes(body[:2], "big")
            body = as_tls_server_hello(body)
        elif kind == CLIENT_HELLO:
            body = as_tls_client_hello(body)
        self.take(role, bytes([kind]) + len(body).to_bytes(3, "big") + body)

    def _keep(self, role: int, message: bytes) -> None:
        # The form of DTLS is what is hashed. With slots, `super()` without arguments finds another class.
        super(DtlsHandshake, self)._keep(role, self._original or message)


def build_handshake(flights: tuple[Flight, Flight]) -> DtlsHandshake:
    """The handshake that the client's and the server's messages make, as far as they are there."""
    found = DtlsHandshake()
    for role, flight in enumerate(flights):
        for number, kind, body in flight.messages():
            found.take_message(role, number, kind, body)
    found.lacks = found.lacks or any(flight.lacks() for flight in flights)
    return found
