"""Compare what wireproof decrypts of DTLS and QUIC with what tshark decrypts: records by packet, streams by number.

Takes what wireproof opened and a function that runs tshark on the same capture with the same keys; gives the same verdicts as for
TLS. Used by compare_decrypted.py.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import Clear

Ask = Callable[[Sequence[str]], str]
"""Runs tshark with some words more, and gives what it says."""
SOURCE = re.compile(r"(.*) \((\d+) bytes\):")
Both = tuple[list[bytes], list[bytes]]
"""What wireproof read and what tshark read, in the same order."""


def dtls_records(ask: Ask) -> dict[int, list[bytes]]:
    """The decrypted records of each frame, by its number: tshark shows each as a data source of its own."""
    found: dict[int, list[bytes]] = defaultdict(list)
    frame, inside = 0, False
    for line in ask(["-Y", "dtls", "-x", "-P", "-T", "text", "-o", 'gui.column.format:"No.","%m"']).splitlines():
        if line.strip().isdigit():
            frame, inside = int(line), False
        elif match := SOURCE.fullmatch(line):
            inside = match[1] == "Decrypted DTLS"
            if inside:
                found[frame].append(b"")
        elif inside and re.match(r"[0-9a-f]{4,}  ", line):
            found[frame][-1] += bytes.fromhex(line[6:53].replace(" ", ""))
    return dict(found)


def compare_dtls(clear: Clear, tables: CaptureTables, ask: Ask) -> dict[int, Both]:
    """The records of each conversation, in order of frames; handshake and alerts are among them on both sides."""
    told: dict[int, Both] = defaultdict(lambda: ([], []))
    theirs = dtls_records(ask)
    ours: dict[int, list[bytes]] = defaultdict(list)
    for opened in clear.datagrams.values():
        for one in opened.datagrams:
            ours[int(tables.packets.number(one.row))].append(one.data)
    for frame in sorted(theirs.keys() | ours.keys()):
        both = told[int(tables.packets.conversation[frame - 1])]
        both[0].extend(sorted(ours.get(frame, [])))
        both[1].extend(sorted(theirs.get(frame, [])))
    return dict(told)


@dataclass(slots=True)
class QuicTold:
    """One QUIC connection as tshark shows it: its first frame with a stream, and (offset, bytes) by stream and sender's port."""

    frame: int
    pieces: dict[tuple[int, int], list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))

    def said(self, stream: int, is_client: bool, client_port: int) -> bytes:
        """What one side said in a stream, up to the first gap; tshark shows what was sent again once more."""
        found = b""
        for (number, port), pieces in self.pieces.items():
            if number == stream and (port == client_port) == is_client:
                for offset, data in sorted(pieces):
                    if offset <= len(found) < offset + len(data):
                        found += data[len(found) - offset :]
        return found

    @property
    def streams(self) -> set[int]:
        """The numbers of its streams."""
        return {number for number, _ in self.pieces}


STREAM = re.compile(r"STREAM id=(\d+) .*?off=(\d+)")


def quic_streams(ask: Ask) -> dict[int, QuicTold]:
    """Every QUIC connection by tshark's number. In PDML each frame of QUIC stands for itself."""
    found: dict[int, QuicTold] = {}
    told = ask(["-Y", "quic.stream.stream_id", "-T", "pdml"])
    for packet in ET.fromstring(told).iter("packet") if told.strip() else ():
        values = {one.get("name"): one.get("show") for one in packet.iter("field")}
        frame, port = int(values["frame.number"] or 0), int(values["udp.srcport"] or 0)
        connection = found.setdefault(int(values["quic.connection.number"] or 0), QuicTold(frame))
        for one in packet.iter("field"):
            match = STREAM.match(one.get("showname") or "") if one.get("name") == "quic.frame" else None
            data = next(
                (child.get("value") for child in one.iter("field") if child.get("name") == "quic.stream_data"), ""
            )
            if match:
                connection.pieces[int(match[1]), port].append((int(match[2]), bytes.fromhex(data or "")))
    return found


def compare_quic(clear: Clear, tables: CaptureTables, ask: Ask) -> dict[int, Both]:
    """The bytes of every stream of each conversation, the client's before the server's."""
    told: dict[int, Both] = {}
    seen = {int(tables.packets.conversation[one.frame - 1]): one for one in quic_streams(ask).values()}
    for conversation in sorted(seen.keys() | clear.quic.keys()):
        opened, theirs = clear.quic.get(conversation), seen.get(conversation, QuicTold(0))
        talk = tables.conversations[conversation]
        client = opened.client_side if opened else talk.client_side
        port = int(talk.endpoint(client).rpartition(":")[2])
        both: Both = ([], [])
        for stream in sorted(theirs.streams | ({one for one, _ in opened.streams} if opened else set())):
            both[1].extend(theirs.said(stream, is_client, port) for is_client in (True, False))
            sides = [opened.streams.get((stream, side)) if opened else None for side in (client, 1 - client)]
            both[0].extend(one.data if one else b"" for one in sides)
        told[conversation] = both
    return told


def compare_datagrams(clear: Clear, tables: CaptureTables, ask: Ask) -> dict[int, tuple[bytes, bytes]]:
    """What both read of each conversation of DTLS and QUIC, each part behind its length; empty where nothing was read."""
    spoken = {
        outcome.inside == "quic" for outcome in clear.outcomes if not tables.conversations.is_tcp[outcome.conversation]
    }
    found: dict[int, Both] = compare_dtls(clear, tables, ask) if False in spoken else {}
    if True in spoken:
        found |= compare_quic(clear, tables, ask)
    return {number: (_packed(ours), _packed(theirs)) for number, (ours, theirs) in found.items()}


def _packed(parts: list[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts) if any(parts) else b""
