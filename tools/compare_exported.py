"""Compare what tshark reads in an exported clear capture with what it reads in the original when it decrypts that itself.

Takes a capture, its keys and the clear capture made of it; gives counts of message fields that are not the same. Used by
compare_decrypted.py --messages.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FIELDS = (
    "http.request.method", "http.request.uri", "http.host", "http.response.code", "http.content_type", "http2.type", "http2.streamid",
    "http2.header.value", "sip.Method", "sip.Status-Code", "sip.Call-ID", "ldap.messageID", "ldap.protocolOp", "smb2.cmd",
    "smb2.msg_id", "rdp.rt_cookie", "rdp.negReq.requestedProtocols", "rdp.negReq.selectedProtocol", "rdp.client.name",
    "rdp.pduType", "tpkt.length", "t125.ConnectMCSPDU", "t125.userData", "credssp.negoToken",
    "ntlmssp.messagetype", "kerberos.msg_type", "kerberos.CNameString", "imap.request", "smtp.req.command", "xmpp.id",
)  # fmt: skip
TSHARK_LIMIT_S = 300
CARRIED = re.compile(r"tls:(?!x509|pk|tls)([a-z0-9_-]+)")
SPOKEN_AS = {"data-text-lines": "http", "media": "http", "cotp": "tpkt"}
"""What a protocol that tshark shows inside TLS is called where a port is given to it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Counts of (field, value) in one capture, and what tshark found inside TLS by the server's port."""

    values: Counter[tuple[str, str]]
    inside: dict[int, str]


def read_messages(path: Path, words: Sequence[str]) -> Reading:
    """What tshark reads of every frame; `words` are keys and ports for its command line."""
    command = ["tshark", "-n", "-2", "-r", str(path), "-o", "tcp.reassemble_out_of_order:TRUE", *words, "-T", "fields"]
    command += ["-E", "occurrence=a", "-E", "aggregator=\x1f", "-e", "frame.protocols", "-e", "tcp.port", "-Y", "tcp"]
    for name in FIELDS:
        command += ["-e", name]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=TSHARK_LIMIT_S, errors="replace"
    )
    if done.returncode and not done.stdout:
        raise RuntimeError(f"tshark: {done.stderr}")
    values: Counter[tuple[str, str]] = Counter()
    carried: dict[int, Counter[str]] = defaultdict(Counter)
    for line in done.stdout.splitlines():
        protocols, ports, *told = line.split("\t")
        for name, cell in zip(FIELDS, told, strict=False):
            values.update((name, value) for value in cell.split("\x1f") if value)
        if found := CARRIED.search(protocols):
            for port in ports.split("\x1f"):
                carried[int(port)][SPOKEN_AS.get(found[1], found[1])] += 1
    return Reading(values, {port: counts.most_common(1)[0][0] for port, counts in carried.items()})


def port_words(inside: dict[int, str], servers: set[int]) -> list[str]:
    """Tell tshark what servers' ports of the clear capture speak; what it found in the original is its own opinion."""
    known = {port: name for port, name in inside.items() if port in servers and name not in {"data", "tls"}}
    return [word for port, name in sorted(known.items()) for word in ("-d", f"tcp.port=={port},{name}")]


@dataclass(frozen=True, slots=True)
class Difference:
    """How many values both have, and each that one has more often: ((field, value), tshark's count, ours)."""

    equal: int
    apart: list[tuple[tuple[str, str], int, int]]

    @property
    def missing(self) -> int:
        """Values that tshark finds when it decrypts, and not in the exported capture."""
        return sum(max(theirs - ours, 0) for _, theirs, ours in self.apart)

    @property
    def more(self) -> int:
        """Values that only the exported capture shows: plain bytes before TLS, answers that end with their connection."""
        return sum(max(ours - theirs, 0) for _, theirs, ours in self.apart)


def compare_messages(original: Path, words: Sequence[str], clear: Path, servers: set[int]) -> Difference:
    """Both captures as tshark reads them. `servers` are the ports of opened conversations' servers."""
    theirs = read_messages(original, words)
    ours = read_messages(clear, port_words(theirs.inside, servers))
    keys = theirs.values.keys() | ours.values.keys()
    equal = sum(min(theirs.values[key], ours.values[key]) for key in keys)
    apart = [
        (key, theirs.values[key], ours.values[key]) for key in sorted(keys) if theirs.values[key] != ours.values[key]
    ]
    return Difference(equal, apart)
