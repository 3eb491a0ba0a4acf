"""Plain conversations taken for opened ones, exports of them, and what another reading finds in the file that was written.

Takes frames; gives tables, `Clear` objects, and the streams of a capture as pieces of bytes.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from examples.packets import TCP, Ethernet, IPv4, mss
from tests.support.files import SECOND, Frame, write_pcap
from tests.support.packets import IPv6
from wireproof.conversations import CaptureTables
from wireproof.conversations import read_capture as read_unclosed
from wireproof.decrypt.clear import Clear, ClearTalk
from wireproof.decrypt.outcome import Outcome, Status
from wireproof.export import Exported, ExportOptions, export_clear
from wireproof.streams import open_streams

MACS = ("02:00:00:00:00:0a", "02:00:00:00:00:0b")
HOSTS, HOSTS6 = ("10.1.1.1", "10.1.1.2"), ("2001:db8::1", "2001:db8::2")
PORTS = (40000, 8443)
ISNS = (2**32 - 2000, 5000)
"""The client's numbers wrap within any stream of some length."""


_OPEN: list[CaptureTables] = []


def read_capture(path: Path) -> CaptureTables:
    """The tables of a capture, which stays open until `close_all`."""
    tables = read_unclosed(path)
    _OPEN.append(tables)
    return tables


def close_all() -> None:
    """Close every capture that was read here."""
    while _OPEN:
        _OPEN.pop().capture.close()


def segment(
    up: bool,
    flags: str,
    start: int = 0,
    ack: int = 0,
    data: bytes = b"",
    *,
    v6: bool = False,
    ports: Sequence[int] = PORTS,
) -> bytes:
    """A frame of one conversation; `start` and `ack` are offsets in the streams, of which -1 is the SYN."""
    own, peer = ISNS if up else ISNS[::-1]
    hosts, macs, both = (HOSTS6 if v6 else HOSTS), MACS, tuple(ports)
    if not up:
        hosts, macs, both = hosts[::-1], macs[::-1], both[::-1]
    seq = own + 1 + start - ("S" in flags)
    options = mss(1440 if v6 else 1460) if "S" in flags else b""
    number = (peer + 1 + ack) % 2**32 if "A" in flags else 0
    tcp = TCP(both[0], both[1], seq % 2**32, number, flags, options=options, payload=data)
    packet = IPv6(*hosts, tcp) if v6 else IPv4(*hosts, tcp)
    return bytes(Ethernet(*macs, packet))


def handshake(**form: Any) -> list[bytes]:
    """SYN, SYN/ACK, ACK."""
    return [segment(True, "S", **form), segment(False, "SA", **form), segment(True, "A", **form)]


def timed(frames: Iterable[bytes], gap_ns: int = 1_000_001) -> list[Frame]:
    """Frames at even distances."""
    return [Frame(1_700_000_000 * SECOND + gap_ns * place, data) for place, data in enumerate(frames)]


def read_made(folder: Path, frames: Iterable[bytes], link_type: int = 1, name: str = "made.pcap") -> CaptureTables:
    """The tables of a capture of these frames, which stays open."""
    return read_capture(write_pcap(folder / name, timed(frames), link_type=link_type, nanoseconds=True))


def clear_of(
    tables: CaptureTables,
    numbers: Sequence[int] | None = None,
    begins: tuple[int, int] = (0, 0),
    **outcome: Any,
) -> Clear:
    """Conversations as if they had been opened: what they say is their clear content, behind `begins` plain bytes a side."""
    chosen = np.flatnonzero(tables.conversations.is_tcp) if numbers is None else np.array(numbers)
    said = {"status": Status.DECRYPTED, **outcome}
    talks = {}
    for talk in open_streams(tables, chosen):
        for stream, begin in zip(talk.sides, begins, strict=True):
            kept = stream.starts >= begin
            stream.starts, stream.ends = stream.starts[kept] - begin, stream.ends[kept] - begin
            stream.piece_rows, stream._at = stream.piece_rows[kept], stream._at[kept]
            stream.preload(b"", 0)
        own = Outcome(conversation=talk.conversation, **said)
        talks[talk.conversation] = ClearTalk(
            talk.conversation, talk.client_side, talk.sides, ({}, {}), own, begins=begins
        )
    return Clear(talks, [talk.outcome for talk in talks.values()])


def export(
    folder: Path,
    frames: Iterable[bytes],
    name: str = "clear.pcapng",
    clear: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[Exported, CaptureTables]:
    """Export a capture of these frames with all TCP conversations opened; gives the result and the tables of what was written."""
    tables = read_made(folder, frames)
    result = export_clear(tables, clear_of(tables, **(clear or {})), folder / name, ExportOptions(**options))
    tables.capture.close()
    return result, read_capture(folder / name)


def said(tables: CaptureTables, number: int = 0) -> list[list[tuple[int, bytes]]]:
    """What each side of a conversation said: (offset, bytes) of each stretch without a gap, the client's side first."""
    talk = next(iter(open_streams(tables, [number])))
    found = []
    for stream in (talk.client, talk.server):
        own: list[tuple[int, bytes]] = []
        at = stream.next_after(0)
        while at is not None:
            data = stream.read(at, 1 << 20)
            own.append((at, data))
            at = stream.next_after(at + len(data))
        found.append(own)
    return found


QUIET = "tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags"


def complaints(program: Callable[[str], str], path: Path, display: str = QUIET) -> list[str]:
    """The frames that tshark has something to say about."""
    checks = [part for name in ("tcp", "ip") for part in ("-o", f"{name}.check_checksum:TRUE")]
    command = [program("tshark"), "-n", "-r", str(path), *checks, "-Y", display]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
