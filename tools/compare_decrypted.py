"""Compare what wireproof decrypts with what tshark decrypts with the same keys: the clear bytes of both sides, session by session.

    python tools/compare_decrypted.py CAPTURE --key FILE [--key FILE ...] [--password WORD]
    python tools/compare_decrypted.py --table TABLE.toml --folder CAPTURES
    python tools/compare_decrypted.py --messages ...              also what both read in the clear: the exported capture beside tshark's own
    python tools/compare_decrypted.py --sessions ...              also one line for every session

A table is TOML: `[[capture]]` with `file`, `keys` (both below the folder), and where needed `passwords`, `tshark` (more words for its
command line, such as "-d" and "tcp.port==3389,tpkt"). Needs tshark on PATH.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.compare_datagrams import compare_datagrams  # noqa: E402  the repository has to be on the path first
from tools.compare_exported import Difference, compare_messages  # noqa: E402
from tools.tshark_clear import Bytes2, Entry, first_frames, follow, key_arguments, key_log, run_tshark  # noqa: E402
from wireproof.conversations import CaptureTables, read_capture  # noqa: E402
from wireproof.decrypt.build import open_tls  # noqa: E402
from wireproof.decrypt.clear import Clear  # noqa: E402
from wireproof.decrypt.keys.files import read_keys  # noqa: E402
from wireproof.decrypt.keys.ring import KeyRing  # noqa: E402
from wireproof.errors import KeyMaterialError  # noqa: E402
from wireproof.export.run import export_clear  # noqa: E402
from wireproof.streams.stream import Stream  # noqa: E402

TLS_KEY_LOG = 0x544C534B


@dataclass(frozen=True, slots=True)
class Compared:
    """One session: its conversation (-1: wireproof has none), what both read, and why wireproof read no more."""

    conversation: int
    ours: Bytes2
    theirs: Bytes2
    status: str
    reason: str
    text: str = ""

    @property
    def verdict(self) -> str:
        """The word for it: "equal", "more" or "less" where one begins with the other, "differs"; "neither" where both read nothing."""
        if self.ours == self.theirs:
            return "equal" if any(self.ours) else "neither"
        pairs = list(zip(self.ours, self.theirs, strict=True))
        if all(mine.startswith(other) for mine, other in pairs):
            return "more"
        return "less" if all(other.startswith(mine) for mine, other in pairs) else "differs"


@dataclass(slots=True)
class Result:
    """All sessions of one capture; `messages` is None where no exported capture was compared."""

    entry: Entry
    sessions: list[Compared] = field(default_factory=list)
    messages: Difference | None = None
    note: str = ""

    def count(self, *verdicts: str) -> int:
        """Sessions of these verdicts."""
        return sum(session.verdict in verdicts for session in self.sessions)


# --- wireproof --------------------------------------------------------------------------------------------------------


def build_ring(entry: Entry, tables: CaptureTables) -> tuple[KeyRing, list[str]]:
    """Every key of the entry, and those that the capture carries itself; and why a file gave none."""
    ring, refused = KeyRing(), []
    for path in entry.keys:
        data = path.read_bytes()
        # Private keys in DER may hold the two bytes of an escape by chance.
        known = key_log(data, entry.file) if data.isascii() else data
        try:
            read_keys(known, path.name, entry.passwords).add_to(ring, path.name)
        except KeyMaterialError as error:
            refused.append(str(error))
    for kind, data in tables.capture.secrets:
        if kind == TLS_KEY_LOG:
            read_keys(data, "embedded").add_to(ring, "embedded")
    return ring, refused


def all_of(stream: Stream) -> bytes:
    """Every byte of a clear stream that there is; gaps are left out."""
    found, at = [], stream.next_after(0)
    while at is not None:
        data = stream.read(at, 1 << 20)
        if not data:
            break
        found.append(data)
        at = stream.next_after(at + len(data))
    return b"".join(found)


def our_bytes(clear: Clear, conversation: int) -> Bytes2:
    """What the client and the server said in a conversation, as wireproof reads it."""
    talk = clear.talks.get(conversation)
    if talk is None:
        return b"", b""
    return all_of(talk.streams[talk.client_side]), all_of(talk.streams[1 - talk.client_side])


# --- both -------------------------------------------------------------------------------------------------------------


def compare_capture(entry: Entry, messages: bool = False) -> Result:
    """Both programs on one capture."""
    result = Result(entry)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = read_capture(entry.file)
        with tables.capture:
            ring, refused = build_ring(entry, tables)
            result.note = "; ".join(refused)
            clear = open_tls(tables, ring, every=True)
            first = first_frames(entry, folder)
            theirs: dict[int, Bytes2] = {}
            for stream, followed in follow(entry, first, folder).items():
                number = int(tables.packets.conversation[first[stream] - 1])
                theirs[number] = followed.said(int(tables.conversations[number].client_endpoint.rpartition(":")[2]))
            apart = compare_datagrams(clear, tables, lambda words: run_tshark(entry, words, folder))
            result.sessions += compare_sessions(clear, theirs, apart)
            if messages and clear:
                result.messages = export_and_compare(entry, tables, clear, folder)
    return result


def export_and_compare(entry: Entry, tables: CaptureTables, clear: Clear, folder: Path) -> Difference:
    """Export the opened sessions and let tshark read the result."""
    path = folder / "clear.pcapng"
    export_clear(tables, clear, path)
    servers = {int(tables.conversations[number].server_endpoint.rpartition(":")[2]) for number in clear.talks}
    return compare_messages(entry.file, [*key_arguments(entry, folder), *entry.tshark], path, servers)


def compare_sessions(clear: Clear, theirs: dict[int, Bytes2], apart: dict[int, Bytes2]) -> Iterator[Compared]:
    """One line for every conversation in which either program sees TLS; `apart` holds (ours, theirs) of DTLS and QUIC."""
    outcomes = {outcome.conversation: outcome for outcome in clear.outcomes}
    for conversation in sorted(outcomes.keys() | theirs.keys() | apart.keys()):
        ours, other = our_bytes(clear, conversation), theirs.get(conversation, (b"", b""))
        if conversation in apart:
            ours, other = (apart[conversation][0], b""), (apart[conversation][1], b"")
        outcome = outcomes.get(conversation)
        if outcome is None:
            yield Compared(conversation, ours, other, "unseen", "")
        else:
            yield Compared(conversation, ours, other, outcome.status, outcome.reason, outcome.text)


def tell(result: Result) -> str:
    """The sessions of a capture in a few words: `equal 2, neither (forward-secrecy) 1`."""
    words = Counter(session.verdict + (f" ({session.reason})" if session.reason else "") for session in result.sessions)
    return ", ".join(f"{word} {count}" for word, count in sorted(words.items())) or "none"


def render(results: Sequence[Result], folder: Path | None) -> str:
    """All results as a Markdown table."""
    lines = [
        "| capture | sessions | equal | not | how | messages: equal, missing, more |",
        "|---|---:|---:|---:|---|---|",
    ]
    for result in results:
        file = result.entry.file
        name = file.relative_to(folder) if folder and file.is_relative_to(folder) else file.name
        equal, apart = result.count("equal", "neither"), result.count("more", "less", "differs")
        how = tell(result) + (f"; {result.note}" if result.note else "")
        told = f"{result.messages.equal}, {result.messages.missing}, {result.messages.more}" if result.messages else ""
        lines.append(f"| {name} | {len(result.sessions)} | {equal} | {apart} | {how} | {told} |")
    total = Counter(session.verdict for result in results for session in result.sessions)
    lines += [
        "",
        f"{len(results)} captures, {sum(total.values())} sessions: "
        + ", ".join(f"{word} {count}" for word, count in total.most_common()),
    ]
    return "\n".join(lines)


def render_sessions(result: Result) -> str:
    """A line for each session of a capture."""
    lines = [f"{result.entry.file.name}:"]
    for one in result.sessions:
        sizes = [f"{len(mine)}/{len(other)}" for mine, other in zip(one.ours, one.theirs, strict=True)]
        lines.append(
            f"  {one.conversation}: {one.verdict}, client {sizes[0]}, server {sizes[1]}, {one.status} {one.reason} {one.text}"
        )
    if result.messages:
        lines += [
            f"  {name} {value[:60]!r}: tshark {theirs}, wireproof {ours}"
            for (name, value), theirs, ours in result.messages.apart
        ]
    return "\n".join(lines)


def load_table(table: Path, folder: Path) -> list[Entry]:
    """The captures of a TOML table that are there."""
    rows = tomllib.loads(table.read_text(encoding="utf-8"))["capture"]
    entries = [
        Entry(
            folder / row["file"],
            tuple(folder / key for key in row.get("keys", ())),
            tuple(row.get("passwords", ())),
            tuple(row.get("tshark", ())),
        )
        for row in rows
    ]
    return [entry for entry in entries if entry.file.exists()]


def main() -> int:
    """Parse the command line, compare, print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("captures", nargs="*", type=Path)
    parser.add_argument("--key", action="append", type=Path, default=[], help="key file for the captures named")
    parser.add_argument("--password", action="append", default=[], help="password of the key files; of test keys only")
    parser.add_argument("--table", type=Path, help="TOML table of captures and keys")
    parser.add_argument("--folder", type=Path, default=Path(), help="folder that the table's paths are below")
    parser.add_argument("--messages", action="store_true", help="also compare messages of the exported capture")
    parser.add_argument("--sessions", action="store_true", help="also list every session")
    options = parser.parse_args()
    entries = [Entry(path, tuple(options.key), tuple(options.password)) for path in options.captures]
    entries += load_table(options.table, options.folder) if options.table else []
    results = []
    for entry in entries:
        result = compare_capture(entry, options.messages)
        results.append(result)
        if options.sessions:
            print(render_sessions(result), flush=True)
    print(render(results, options.folder))
    return int(any(result.count("less", "differs") for result in results))


if __name__ == "__main__":
    sys.exit(main())
