"""Protocols of records whose protocol column is not printed, told by the first words of what they say.

Takes the records of a text; sets `protocol` and `info`. Also tells which protocols a text of records names. Knows no connection.
"""

from __future__ import annotations

import re
from itertools import islice

from wireproof.capture.listing.info import NOT_TCP, UDP_PROTOCOLS
from wireproof.capture.listing.records import WIRESHARK, Record, find_records
from wireproof.capture.listing.ties import SERVICE_PORTS

_PORT_NAME = re.compile(r"^(?:>|→|->) ?[\w.()-]{1,40} \[[A-Z]")
"""What stands behind the word taken for a protocol where it is the name of a port."""
_OPENING = re.compile(r"^(?:Who has |Gratuitous ARP for |Standard query |Echo \(ping\) |Client Hello\b|Server Hello\b)")
"""How records begin whose first word is no protocol's name."""
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("TCP", re.compile(r"[\w.()-]{1,40} ?(?:>|→|->) ?[\w.()-]{1,40} \[[A-Z]")),
    ("UDP", re.compile(r"[\w.()-]{1,40} ?(?:>|→|->) ?[\w.()-]{1,40} {1,2}Len=|Source port:")),
    ("ARP", re.compile(r"Who has |\d is at [0-9a-f]|Gratuitous ARP|ARP Announcement")),
    ("ICMP", re.compile(r"Echo \(ping\)|Destination unreachable|Time-to-live exceeded")),
    ("DNS", re.compile(r"Standard query")),
    ("HTTP", re.compile(r"HTTP/1\.[01](?:\s|$)|Continuation or non-HTTP")),
    ("SMTP", re.compile(r"^(?:\[[^\]\n]{1,60}\] ?)?[CS]: ")),
    (
        "TLSv1",
        re.compile(r"\b(?:Client|Server) Hello\b|\bChange Cipher Spec\b|\bApplication Data\b|\bEncrypted Alert\b"),
    ),
)
GROUPS = {"224.0.0.251": "MDNS", "ff02::fb": "MDNS", "224.0.0.252": "LLMNR", "ff02::1:3": "LLMNR"}
"""Whom questions of these protocols are sent to, in the words of DNS (RFC 6762, RFC 4795)."""
OTHER = "?"
LOOKED_AT = 1000
KNOWN = {name.upper() for name in (*SERVICE_PORTS, *UDP_PROTOCOLS, *NOT_TCP, "TCP", "TLS")}


def name_protocols(records: list[Record]) -> None:
    """Where some record has a port or the first word of its message in place of a protocol, name those of all that have none."""
    if not any(map(_lacks_protocol, records)):
        return
    for record in records:
        if record.style != WIRESHARK or _is_known(record.protocol):
            continue
        record.info = f"{record.protocol} {record.info}".strip()
        record.protocol = protocol_of(record.info, record.target)


def protocol_of(words: str, target: str) -> str:
    """The protocol of a message with these words to an address; OTHER where they don't tell."""
    name = next((name for name, beginning in _WORDS if beginning.search(words[:300])), OTHER)
    return GROUPS.get(target, name) if name == "DNS" else name


def _lacks_protocol(record: Record) -> bool:
    if not record.protocol or _PORT_NAME.match(record.info):
        return True
    return _OPENING.match(f"{record.protocol} {record.info}") is not None


def protocols_of(text: str, most: int = 4) -> list[str]:
    """Protocols that the records of a text name, of those that are known."""
    named = (record.protocol for record in islice(find_records(text), LOOKED_AT) if record.target)
    return list(dict.fromkeys(name for name in named if _is_known(name)))[:most]


def _is_known(name: str) -> bool:
    first = name.upper().partition("/")[0]
    return first in KNOWN or first.startswith(("TLSV", "SSLV"))
