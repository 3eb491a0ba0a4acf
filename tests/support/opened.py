"""Captures of the lab as wireproof opens them: for each session what was read of both sides, and the outcome.

Takes captures and keys; gives `Opened`s in the order of the sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.tls_captures import Written, port_of
from tests.support.tls_lab import Session
from wireproof.conversations import CaptureTables, read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.keys.files import read_keys
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.streams.stream import Stream


@dataclass(frozen=True)
class Opened:
    """One session beside what wireproof read of it: `pieces` are (offset, bytes) of the client's and the server's clear stream."""

    session: Session
    outcome: Outcome
    pieces: tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]

    @property
    def said(self) -> tuple[bytes, bytes]:
        """All bytes that were read, without the gaps."""
        client, server = (b"".join(data for _, data in side) for side in self.pieces)
        return client, server

    @property
    def whole(self) -> bool:
        """Whether every byte of both sides was read, and nothing is said to be missing."""
        settled = self.outcome.status is Status.DECRYPTED and self.outcome.reason is Reason.NONE
        return settled and self.said == self.session.said and not self.outcome.unread

    @property
    def true(self) -> bool:
        """Whether every byte that was read stands where it was said; with gaps or without."""
        return all(
            said[at : at + len(data)] == data
            for said, side in zip(self.session.said, self.pieces, strict=True)
            for at, data in side
        )

    def told(self) -> str:
        """What became of it, for messages of failed tests."""
        sizes = " ".join(f"{len(mine)}/{len(said)}" for mine, said in zip(self.said, self.session.said, strict=True))
        return f"{self.session.name}: {self.outcome.status} {self.outcome.reason} {self.outcome.text} ({sizes})"


def ring_of(*keys: bytes, passwords: Sequence[str] = ()) -> KeyRing:
    """A ring of the keys in these files; empty ones are left out."""
    ring = KeyRing()
    for turn, data in enumerate(keys):
        if data:
            read_keys(data, f"keys{turn}", passwords).add_to(ring, f"keys{turn}")
    return ring


def log_of(sessions: Iterable[Session]) -> bytes:
    """The key logs of sessions as one."""
    return b"".join(session.key_log for session in sessions)


def private_keys_of(sessions: Iterable[Session]) -> list[bytes]:
    """The servers' RSA keys, each once."""
    return list(dict.fromkeys(session.private_key for session in sessions if session.private_key))


def pieces_of(stream: Stream) -> list[tuple[int, bytes]]:
    """Every run of bytes of a clear stream, with its offset."""
    found: list[tuple[int, bytes]] = []
    at = stream.next_after(0)
    while at is not None:
        data = stream.read(at, 1 << 20)
        assert data, f"nothing is read at {at}, where bytes are said to go on"
        if found and found[-1][0] + len(found[-1][1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + data)
        else:
            found.append((at, data))
        at = stream.next_after(at + len(data))
    return found


def opened_of(tables: CaptureTables, clear: Clear, sessions: Sequence[Session]) -> list[Opened]:
    """What became of each session, found by the client's port."""
    outcomes = {outcome.conversation: outcome for outcome in clear.outcomes}
    ports = {
        int(tables.conversations[number].client_endpoint.rpartition(":")[2]): number
        for number in range(len(tables.conversations))
    }
    found = []
    for turn, session in enumerate(sessions):
        number = ports[port_of(turn)]
        talk = clear.talks.get(number)
        client, server = (talk.streams[talk.client_side], talk.streams[1 - talk.client_side]) if talk else (None, None)
        pieces = (pieces_of(client) if client else [], pieces_of(server) if server else [])
        found.append(Opened(session, outcomes[number], pieces))
    return found


def open_file(path: Path, sessions: Sequence[Session], ring: KeyRing) -> list[Opened]:
    """Open a capture of these sessions with a ring of keys."""
    tables = read_capture(path)
    with tables.capture:
        return opened_of(tables, open_tls(tables, ring), sessions)


def open_written(written: Written, ring: KeyRing | None = None) -> list[Opened]:
    """Open a capture of the lab; with its own key log unless another ring is given."""
    return open_file(written.path, written.sessions, ring_of(written.key_log) if ring is None else ring)
