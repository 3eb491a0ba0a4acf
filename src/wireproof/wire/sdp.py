"""Session descriptions (SDP, RFC 8866) with ICE candidates: RFC 8839, TCP (RFC 6544), and the forms that Lync and OCS send.

Takes the text of a body; gives its media with their transport addresses. Knows no SIP and judges nothing.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

PLAIN_V4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[1-9]?[0-9]|10[0-9])(?:\.(?!$)|$)){4}")
"""IPv4 in its only form without leading zeros: nothing to normalise, which saves most of the time that a description takes."""
MEDIA_MOST, CANDIDATES_MOST, LINES_MOST = 64, 256, 4096

TCP_TYPES = {"tcp-pass": "passive", "tcp-act": "active", "tcp-so": "so"}
"""Transports of Lync's candidates (MS-ICE2), which RFC 6544 writes as TCP with a `tcptype`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One transport address offered for media.

    `transport` is `udp` or `tcp`; `tcp_type` `active`, `passive` or `so` (RFC 6544). `kind` is `host`, `srflx`, `prflx`, `relay`, or
    `default` for the address of the m= and c= lines, "" where a form does not tell. `base` is the related address, "" without.
    """

    component: int
    transport: str
    address: str
    port: int
    kind: str = ""
    tcp_type: str = ""
    base: str = ""
    base_port: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """One m= section: what is sent (`audio`, `video`, `applicationsharing` …), its default address, and its candidates."""

    kind: str
    profile: str
    address: str
    port: int
    candidates: tuple[Candidate, ...] = ()
    ufrag: str = ""
    direction: str = "sendrecv"

    @property
    def transport(self) -> str:
        """`tcp` or `udp`, by the profile (`TCP/RTP/AVP`, `RTP/AVP` …)."""
        return "tcp" if self.profile.upper().startswith(("TCP", "TLS")) else "udp"

    @property
    def addresses(self) -> tuple[Candidate, ...]:
        """Default address and candidates; nothing where the section is refused with port 0 (RFC 3264 section 6)."""
        if not self.port:
            return ()
        default = Candidate(1, self.transport, self.address, self.port, "default")
        return ((default,) if self.address else ()) + self.candidates


def unpack_sdp(text: str) -> tuple[Media, ...]:
    """The media of a description, as far as it can be read."""
    blocks: list[list[tuple[str, str]]] = [[]]
    for line in text.splitlines()[:LINES_MOST]:
        name, equals, value = line.strip().partition("=")
        if len(name) != 1 or not equals:
            continue
        if name == "m":
            blocks.append([])
        blocks[-1].append((name, value.strip()))
    session = dict(reversed(blocks[0]))
    address = _connection(session.get("c", ""))
    found = (_media(block, address, blocks[0]) for block in blocks[1 : MEDIA_MOST + 1])
    return tuple(media for media in found if media)


def _connection(value: str) -> str:
    """The address of a c= line, in its shortest form."""
    words = value.split()
    return normal_address(words[2].partition("/")[0]) if len(words) >= 3 else ""


def normal_address(text: str) -> str:
    """An IP address in its shortest form; other text (a name) as it is, lower case."""
    if PLAIN_V4.fullmatch(text):
        return text
    try:
        return str(ipaddress.ip_address(text.strip("[]").partition("%")[0]))
    except ValueError:
        return text.lower()[:255]


def _media(block: list[tuple[str, str]], address: str, session: list[tuple[str, str]]) -> Media | None:
    words = block[0][1].split()
    port = _number(words[1].partition("/")[0]) if len(words) >= 3 else None
    if port is None:
        return None
    candidates: list[Candidate] = []
    ufrag, direction = "", "sendrecv"
    for name, value in (*session, *block):
        key, _, rest = value.partition(":")
        if name == "c":
            address = _connection(value) or address
        elif name != "a":
            continue
        elif key == "candidate" and len(candidates) < CANDIDATES_MOST:
            candidate = unpack_candidate(rest)
            candidates += [candidate] if candidate else []
        elif key == "ice-ufrag":
            ufrag = rest[:256]
        elif key in {"sendrecv", "sendonly", "recvonly", "inactive"}:
            direction = key
    return Media(words[0].lower()[:64], words[2][:64], address, port, tuple(candidates), ufrag, direction)


def unpack_candidate(value: str) -> Candidate | None:
    """What stands behind `a=candidate:`; None where it is none of the known forms."""
    words = value.split()[:64]
    if len(words) >= 7 and words[3].lower() in {"udp", "tcp"} and "typ" not in words[:7]:
        # The form of ICE draft 6 that OCS 2007 and Lync's first description use: user, component, password, transport, rank.
        words = [words[0], words[1], words[3], words[4], *words[5:]]
    if len(words) < 6:
        return None
    component, port = _number(words[1]), _number(words[5])
    transport = words[2].lower()
    if component is None or port is None or not transport.startswith(("udp", "tcp", "ssltcp", "tls")):
        return None
    rest = dict(zip(words[6::2], words[7::2], strict=False))
    return Candidate(
        component,
        "udp" if transport.startswith("udp") else "tcp",
        normal_address(words[4]),
        port,
        rest.get("typ", "").lower()[:16],
        TCP_TYPES.get(transport, rest.get("tcptype", "").lower()[:16]),
        normal_address(rest["raddr"]) if "raddr" in rest else "",
        _number(rest.get("rport", "")) or 0,
    )


def _number(text: str) -> int | None:
    """A number of up to five digits that fits a port."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None
    return number if number is not None and number < 65536 else None
