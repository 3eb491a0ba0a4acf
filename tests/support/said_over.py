"""TCP segments of one client and one server with chosen sequence numbers, lengths and order, as a capture file.

For tests of what is made of streams: a simulated stack would choose the segments itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from examples.packets import TCP, UDP, Ethernet, IPv4
from tests.support.files import write_pcap
from tests.support.tables import spaced
from wireproof.conversations import CaptureTables, read_capture

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
HEADERS = 54
"""Bytes of a frame before the payload of its TCP segment without options."""
ISN = {"client": 1000, "server": 5000}


def segment(
    by: str,
    start: int,
    payload: bytes = b"",
    flags: str = "PA",
    isn: int | None = None,
    ports: tuple[int, int] = (50001, 80),
) -> bytes:
    """One frame. `start` is the offset in the sender's stream of its first byte; a SYN stands at -1."""
    client = by == "client"
    seq = (ISN[by] if isn is None else isn) + 1 + start
    addresses = (CLIENT, SERVER) if client else (SERVER, CLIENT)
    source, target = ports if client else ports[::-1]
    tcp = TCP(source, target, seq, 0 if flags == "S" else 1, flags, payload=payload)
    return bytes(Ethernet(*(MACS if client else MACS[::-1]), IPv4(*addresses, tcp)))


def handshake(isn: int = ISN["client"], ports: tuple[int, int] = (50001, 80)) -> list[bytes]:
    """SYN, SYN/ACK and ACK."""
    return [
        segment("client", -1, flags="S", isn=isn, ports=ports),
        segment("server", -1, flags="SA", ports=ports),
        segment("client", 0, flags="A", isn=isn, ports=ports),
    ]


def said(lines: Sequence[tuple[str, bytes]], ports: tuple[int, int] = (50001, 80), size: int = 1400) -> list[bytes]:
    """A handshake and then what each side says in turn, in segments of at most `size` bytes."""
    frames, at = handshake(ports=ports), {"client": 0, "server": 0}
    for by, data in lines:
        for start in range(0, len(data), size):
            part = data[start : start + size]
            frames.append(segment(by, at[by], part, ports=ports))
            at[by] += len(part)
    return frames


def datagram(by: str, payload: bytes, ports: tuple[int, int] = (50001, 53)) -> bytes:
    """One UDP datagram of the client or the server."""
    client = by == "client"
    addresses = (CLIENT, SERVER) if client else (SERVER, CLIENT)
    source, target = ports if client else ports[::-1]
    return bytes(Ethernet(*(MACS if client else MACS[::-1]), IPv4(*addresses, UDP(source, target, payload))))


def opened(folder: Path, frames: Sequence[bytes], **form: Any) -> AbstractContextManager[CaptureTables]:
    """The frames written as a capture and read, the file open for as long as the context lasts."""
    tables = read_capture(write_pcap(folder / "said.pcap", spaced(frames), **form))
    return _Open(tables)


class _Open(AbstractContextManager[CaptureTables]):
    def __init__(self, tables: CaptureTables) -> None:
        self._tables = tables

    def __enter__(self) -> CaptureTables:
        return self._tables

    def __exit__(self, *_: object) -> None:
        self._tables.capture.close()
