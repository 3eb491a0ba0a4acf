"""What tshark decrypts of a capture with given keys: its words for keys, its TLS streams, the clear bytes of each.

Takes an `Entry`; needs tshark on PATH. Knows nothing of wireproof. Used by compare_decrypted.py.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TSHARK_LIMIT_S = 300
Bytes2 = tuple[bytes, bytes]
"""What the client and what the server said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One capture, its keys, and what tshark has to be told besides."""

    file: Path
    keys: tuple[Path, ...] = ()
    passwords: tuple[str, ...] = ()
    tshark: tuple[str, ...] = ()


ESCAPED = re.compile(rb"\\x([0-9a-fA-F]{2})")


def key_log(data: bytes, capture: Path) -> bytes:
    """A key log as it is; one as Zeek's scripts hold it (hexadecimal escapes, randoms without their first four bytes) as a usual one."""
    if rb"\x" not in data:
        return data.rstrip(b"\n") + b"\n"
    told = subprocess.run(
        ("tshark", "-n", "-r", str(capture), "-Y", "tls.handshake.type == 1", "-T", "fields", "-e", "tls.handshake.random"),
        capture_output=True, text=True, check=False, timeout=TSHARK_LIMIT_S,
    )  # fmt: skip
    found = b""
    for line in data.splitlines():
        numbers = bytes(int(digits, 16) for digits in ESCAPED.findall(line))
        random, secret = numbers[:28].hex(), numbers[28:76].hex()
        found += b"".join(
            f"CLIENT_RANDOM {whole} {secret}\n".encode()
            for whole in told.stdout.split()
            if random and whole.endswith(random)
        )
    return found


def key_arguments(entry: Entry, folder: Path) -> list[str]:
    """Tshark's words for keys: all logs as one file, each private key by its own entry."""
    words: list[str] = []
    logs = b""
    for path in entry.keys:
        data = path.read_bytes()
        if data.startswith((b"-----", b"Bag Attributes", b"\x30")):
            password = entry.passwords[0] if entry.passwords else ""
            words += ["-o", f'uat:rsa_keys:"{path.resolve()}","{password}"']
        else:
            logs += key_log(data, entry.file)
    if logs:
        (folder / "all.keys").write_bytes(logs)
        words += ["-o", f"tls.keylog_file:{folder / 'all.keys'}"]
    return words


def run_tshark(entry: Entry, words: Sequence[str], folder: Path) -> str:
    """Tshark's output on the capture with its keys; two passes, for streams whose segments came out of order."""
    command = ["tshark", "-n", "-r", str(entry.file), "-o", "tcp.reassemble_out_of_order:TRUE"]
    command += [*key_arguments(entry, folder), *entry.tshark, *words]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=TSHARK_LIMIT_S, errors="replace"
    )
    return done.stdout


def first_frames(entry: Entry, folder: Path) -> dict[int, int]:
    """The first frame of every TCP stream that holds TLS, by tshark's stream number."""
    told = run_tshark(
        entry, ["-2", "-T", "fields", "-e", "tcp.stream", "-e", "frame.number", "-e", "tls.record", "-Y", "tcp"], folder
    )
    first: dict[int, int] = {}
    secure: set[int] = set()
    for line in told.splitlines():
        streams, frame, tls = line.split("\t")
        # Further numbers are those of packets that the clear bytes hold.
        stream = int(streams.partition(",")[0])
        first.setdefault(stream, int(frame))
        if tls:
            secure.add(stream)
    return {stream: frame for stream, frame in first.items() if stream in secure}


@dataclass(slots=True)
class Followed:
    """What tshark shows of one stream: the port of node 0, and (node, bytes) in order."""

    port: int = -1
    parts: list[tuple[int, bytes]] = field(default_factory=list)

    def said(self, client_port: int) -> Bytes2:
        """The client's and the server's bytes."""
        first, second = (b"".join(data for node, data in self.parts if node == wanted) for wanted in (0, 1))
        return (first, second) if self.port == client_port else (second, first)


def follow(entry: Entry, streams: Iterable[int], folder: Path) -> dict[int, Followed]:
    """What tshark shows of each of these streams."""
    words = [word for stream in streams for word in ("-z", f"follow,tls,raw,{stream}")]
    found: dict[int, Followed] = {}
    here = Followed()
    for line in run_tshark(entry, ["-q", *words], folder).splitlines() if words else ():
        if line.startswith("Filter: tcp.stream eq "):
            here = found[int(line.rpartition(" ")[2])] = Followed()
        elif line.startswith("Node 0: "):
            here.port = int(line.rpartition(":")[2])
        elif line and line[0] in "0123456789abcdef\t":
            here.parts.append((int(line[0] == "\t"), bytes.fromhex(line.strip())))
    return found
