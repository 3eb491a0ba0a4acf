"""What Network Monitor's frame summary says of a packet: `TCP:Flags=......S., SrcPort=…, DstPort=…, PayloadLen=…, Seq=…, Ack=…, Win=…`.

Takes the description column, or a line of a detail tree; gives a `Said`. Knows no other record.
"""

from __future__ import annotations

import re

from wireproof.capture.listing.info import ABOVE, ACK, DNS, NOT_TCP, TCP, UDP, UDP_PROTOCOLS, Said, read_arp, read_icmp
from wireproof.capture.listing.ports import port_number

_BITS = {"C": 128, "E": 64, "U": 32, "A": 16, "P": 8, "R": 4, "S": 2, "F": 1}
_SEGMENT = re.compile(
    r"Flags=(?P<flags>[.CEUAPRSF]{6,8}), SrcPort=(?P<source>[^,\n]{1,60}), DstPort=(?P<target>[^,\n]{1,60}), "
    r"PayloadLen=(?P<payload>\d{1,7}), Seq=(?P<seq>\d{1,10})(?: - \d{1,10})?, Ack=(?P<ack>\d{1,10}), Win=(?P<window>\d{1,7})(?P<rest>[^\n]{0,80})"
)
_SCALE = re.compile(r"scale factor 0x([0-9A-Fa-f]{1,2})")
_DATAGRAM = re.compile(
    r"SrcPort ?= ?(?P<source>[^,\n]{1,60}), DstPort ?= ?(?P<target>[^,\n]{1,60}), Length ?= ?(?P<length>\d{1,5})"
)
_TAGS = re.compile(r"\[[A-Za-z][^\]\n]{2,40}\]")


def read_summary(protocol: str, info: str) -> Said | None:
    """What a description says; None for protocols of which nothing can be made."""
    name = protocol.upper()
    words = info.partition(":")[2].strip()
    tags = " ".join(_TAGS.findall(words[:200]))
    said = read_segment_line(words)
    if said is None and (found := _DATAGRAM.search(words[:300])):
        said = Said(UDP, port_number(found["source"]), port_number(found["target"]), payload=int(found["length"]))
    elif said is None and name == "ARP":
        said = read_arp(words)
    elif said is None and name in ("ICMP", "ICMPV6"):
        said = _read_icmp(words, 6 if name == "ICMPV6" else 4)
    elif said is None and name in UDP_PROTOCOLS:
        said = Said(DNS if name in ("DNS", "LLMNR") else UDP, words=words)
    elif said is None and name not in NOT_TCP:
        said = Said(ABOVE, words=re.sub(r"\s*\{[^{}]{1,200}\}$", "", words))
    if said is not None:
        said.tags = tags
    return said


def read_segment_line(text: str) -> Said | None:
    """The segment of a summary's or a detail tree's TCP line; None where there is none."""
    found = _SEGMENT.search(text[:600])
    if found is None:
        return None
    said = Said(TCP, port_number(found["source"]), port_number(found["target"]))
    said.flags = sum(_BITS.get(letter, 0) for letter in found["flags"])
    said.seq, said.payload = int(found["seq"]), int(found["payload"])
    # A SYN without ACK may still carry a number in the field: devices forget to clear it when they rewrite.
    said.ack = int(found["ack"]) if said.flags & ACK or int(found["ack"]) else None
    said.window, said.scaled = int(found["window"]), False
    scale = _SCALE.search(found["rest"])
    if scale and said.flags & 2:
        said.shift = min(int(scale[1], 16), 14)
    return said


def _read_icmp(words: str, version: int) -> Said | None:
    text = words.replace("Echo Request", "Echo (ping) request").replace("Echo Reply", "Echo (ping) reply")
    return read_icmp(text, version)
