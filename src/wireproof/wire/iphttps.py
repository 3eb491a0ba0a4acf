"""The inside of an IP-HTTPS tunnel (MS-IPHTTPS 2.2): HTTP heads, then IPv6 packets one after the other, told apart by their length.

Takes the bytes of one direction in pieces of any size; gives heads and packets. Knows neither TLS nor captures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.wire.http import Head, content_length, is_chunked, unpack_head

IPV6_HEADER = 40
HEAD_MOST = 16_384
ENDLESS = 1 << 32
"""A Content-Length from here on is the tunnel's own, which never ends (MS-IPHTTPS 2.2.1 has 18446744073709551615)."""
UPPER = frozenset({0, 6, 17, 41, 43, 44, 50, 51, 58, 59, 60, 132, 135, 139})
"""Next headers that may follow an IPv6 header."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One IPv6 packet, complete with the piece that was given with `row`."""

    data: bytes
    row: int


@dataclass(frozen=True, slots=True)
class TunnelHead:
    """One HTTP head with the rows that it began and ended in."""

    head: Head
    first_row: int
    row: int


@dataclass(slots=True)
class TunnelReader:
    """Reads one direction. `open` once packets may follow; set it where the beginning is not known.

    `trouble` tells why nothing more is read, empty while all is well.
    """

    open: bool = False
    trouble: str = ""
    _data: bytearray = field(default_factory=bytearray)
    _first_row: int = -1
    _skip: int = 0

    def take(self, piece: bytes, row: int) -> Iterator[Packet | TunnelHead]:
        """What a further piece completes."""
        if self.trouble:
            return
        if not self._data:
            self._first_row = row
        self._data += piece
        at = 0
        while at < len(self._data) and not self.trouble:
            if self._skip:
                step = min(self._skip, len(self._data) - at)
                self._skip -= step
                at += step
                continue
            size, found = self._next(at, row)
            if not size:
                break
            at += size
            self._first_row = row
            if found:
                yield found
        del self._data[:at]

    def forget(self) -> None:
        """The capture lacks bytes: what began before them is given up."""
        self._data.clear()
        self._skip = 0

    def _next(self, at: int, row: int) -> tuple[int, Packet | TunnelHead | None]:
        """Length of what begins at `at`, 0 while it is not complete."""
        if self.open and self._data[at] >> 4 == 6:
            return self._packet(at, row)
        return self._head(at, row)

    def _packet(self, at: int, row: int) -> tuple[int, Packet | None]:
        if len(self._data) < at + IPV6_HEADER:
            return 0, None
        size = IPV6_HEADER + int.from_bytes(self._data[at + 4 : at + 6], "big")
        if self._data[at + 6] not in UPPER:
            self.trouble = "what follows is no IPv6 packet"
            return 0, None
        if len(self._data) < at + size:
            return 0, None
        return size, Packet(bytes(self._data[at : at + size]), row)

    def _head(self, at: int, row: int) -> tuple[int, TunnelHead | None]:
        if self._data[at] not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n":
            self.trouble = "what follows is neither HTTP nor an IPv6 packet"
            return 0, None
        end = self._data.find(b"\r\n\r\n", at)
        if end < 0:
            if len(self._data) - at > HEAD_MOST:
                self.trouble = "an HTTP head without end"
            return 0, None
        head = unpack_head(bytes(self._data[at : end + 4]))
        if head is None:
            self.trouble = "what follows is neither HTTP nor an IPv6 packet"
            return 0, None
        self._take_head(head)
        return end + 4 - at, TunnelHead(head, self._first_row, row)

    def _take_head(self, head: Head) -> None:
        length = content_length(head)
        if is_tunnel_head(head):
            self.open = True
        elif is_chunked(head):
            self.trouble = "an HTTP body in chunks"
        elif length > 0:
            self._skip = length


def is_tunnel_head(head: Head) -> bool:
    """Whether packets follow this head: the POST with a length without end, or a 200 response that states none or such a one."""
    length = content_length(head)
    if head.status:
        return head.status == 200 and (length < 0 or length >= ENDLESS)
    return head.method == "POST" and (length >= ENDLESS or is_tunnel_target(head.target))


def is_tunnel_request(head: Head) -> bool:
    """Whether a client asks for a tunnel with this head."""
    return not head.status and is_tunnel_head(head)


def is_tunnel_target(target: str) -> bool:
    """Whether a POST is for a tunnel: MS-IPHTTPS has /IPTLS in its example, Windows is configured with /IPHTTPS."""
    path = target.partition("?")[0].rstrip("/").rpartition("/")[2]
    return path.casefold() in {"iphttps", "iptls"}


def measure_packets(data: bytes) -> int:
    """How many of these bytes whole IPv6 packets take, one after the other from the first on; 0 when none begins here."""
    at = 0
    while at + IPV6_HEADER <= len(data) and data[at] >> 4 == 6 and data[at + 6] in UPPER:
        size = IPV6_HEADER + int.from_bytes(data[at + 4 : at + 6], "big")
        if at + size > len(data):
            break
        at += size
    return at
