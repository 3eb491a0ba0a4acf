"""What the Info column says of a packet, in Wireshark's words: TCP, UDP, ICMP, ARP, DNS, and the first words of messages above.

Takes the text; gives a `Said`. Numbers are as printed; what is not there stays None. Knows no other record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wireproof.capture.listing.ports import port_number

TCP, UDP, ICMP, ICMPV6, ARP, DNS, ABOVE = "tcp", "udp", "icmp", "icmpv6", "arp", "dns", "above"

FLAGS = {
    "FIN": 1,
    "SYN": 2,
    "RST": 4,
    "PSH": 8,
    "ACK": 16,
    "URG": 32,
    "ECN": 64,
    "ECE": 64,
    "CWR": 128,
    "NS": 256,
    "AE": 256,
}
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


@dataclass(slots=True)
class Said:
    """What one record says of its packet. `kind` is the lowest protocol above IP that is sure, ABOVE for a message over TCP.

    `seq`, `ack`, `window`, `payload` (bytes of TCP or UDP) are None where the words do not give them; `scaled` says that the window
    is in bytes. `tags` are Wireshark's remarks in brackets; `words` is what is said of the message.
    """

    kind: str
    source_port: int | None = None
    target_port: int | None = None
    flags: int | None = None
    seq: int | None = None
    ack: int | None = None
    window: int | None = None
    scaled: bool = True
    payload: int | None = None
    mss: int | None = None
    scale: int | None = None
    shift: int | None = None
    sack_permitted: bool = False
    stamps: tuple[int, int] | None = None
    sacked: list[tuple[int, int]] = field(default_factory=list)
    tags: str = ""
    words: str = ""
    ip_id: int = 0
    ttl: int = 0
    code: tuple[int, int] = (0, 0)
    rest: tuple[int, int] = (0, 0)
    addresses: tuple[str, str] = ("", "")
    macs: tuple[str, str] = ("", "")

    def has(self, *tags: str) -> bool:
        """Whether Wireshark, Network Monitor or tcpdump remarked one of these on the record."""
        return any(tag in self.tags for tag in tags)


_TAGS = re.compile(
    r"\[(?:TCP|Bad|SynReTransmit|ReTransmit|Keep)[^\]\n]{0,60}\]|\[(?:Unreassembled Packet|TCP segment of a reassembled PDU)\]"
)
_SEGMENT = re.compile(
    r"(?P<source>[\w.()-]{1,40}) ?(?:>|→|->) ?(?P<target>[\w.()-]{1,40}) \[(?P<flags><None>|[A-Za-z]{2,8}(?:, ?[A-Za-z]{2,8}){0,8})\](?P<rest>.*)"
)
_FIELD = re.compile(r"\b(Seq|Ack|Win|Len|MSS|WS|TSV|TSval|TSER|TSecr|SLE|SRE)=(\d{1,20})")
_DATAGRAM = re.compile(r"Source port: *(?P<source>[\w.() -]{1,40}?) +Destination port: *(?P<target>[\w.()-]{1,40})")
_ARROW = re.compile(
    r"^(?P<source>[\w.()-]{1,40}) ?(?:>|→|->) ?(?P<target>[\w.()-]{1,40})(?: +Len=(?P<payload>\d{1,6}))?(?=\s|$)"
)

UDP_PROTOCOLS = {
    "UDP": 0, "DNS": 53, "MDNS": 5353, "LLMNR": 5355, "NBNS": 137, "NBDS": 138, "DHCP": 67, "BOOTP": 67, "NTP": 123, "SNMP": 161,
    "SSDP": 1900, "STUN": 0, "CLASSIC-STUN": 0, "ISAKMP": 500, "TFTP": 69, "RADIUS": 1812, "SYSLOG": 514, "TEREDO": 3544,
    "DHCPV6": 547, "QUIC": 443, "RTP": 0, "RTCP": 0, "UDPENCAP": 4500, "GQUIC": 443, "CLDAP": 389, "RIP": 520, "L2TP": 1701,
}  # fmt: skip
"""Protocols that a record names in place of UDP, with the port of the side that is asked; 0 where there is none."""
NOT_TCP = {
    "ICMP", "ICMPV6", "ARP", "STP", "CDP", "LLDP", "IGMP", "IGMPV2", "IGMPV3", "ESP", "GRE", "OSPF", "HSRP", "VRRP", "EIGRP", "PIM",
    "EAPOL", "LACP", "LOOP", "SCTP", "IP", "IPV4", "IPV6", "AH", "RARP", "MLD", "LLC", "802.11", "RSTP", "DTP", "VTP", "PVST+",
    "ETHERNET", "NETEVENT", "FRAME", "IPX", "TEREDO", "6IN4", "VXLAN", "GTP", "BROWSER", "MIPV6", "USB", "IPCP", "LCP",
}  # fmt: skip
"""Protocols of which a record says nothing that makes a TCP segment or a UDP datagram."""


def read_info(protocol: str, info: str) -> Said | None:
    """What the Info of a record of `protocol` says; None for protocols of which nothing can be made."""
    name = protocol.upper()
    tags = " ".join(_TAGS.findall(info))
    bare = _TAGS.sub(" ", info).strip()
    said = _read_segment(bare)
    if said is None and name in ("ICMP", "ICMPV6"):
        said = read_icmp(bare, version=6 if name == "ICMPV6" else 4)
    elif said is None and name == "ARP":
        said = read_arp(bare)
    elif said is None and name in UDP_PROTOCOLS:
        said = _read_datagram(name, bare)
    elif said is None and name not in NOT_TCP:
        said = _read_datagram(name, bare) if _DATAGRAM.search(bare[:200]) else Said(ABOVE, words=bare)
    if said is not None:
        said.tags = tags
    return said


def _read_segment(info: str) -> Said | None:
    found = _SEGMENT.search(info[:2000])
    if found is None:
        return None
    flags = sum({FLAGS.get(name.strip().upper(), 0) for name in found["flags"].split(",")})
    if not flags and found["flags"] != "<None>":
        return None
    said = Said(TCP, port_number(found["source"]), port_number(found["target"]), flags)
    _take_fields(said, found["rest"])
    said.words = found["rest"] if "Seq=" not in found["rest"] else ""
    return said


def _take_fields(said: Said, rest: str) -> None:
    fields: dict[str, int] = {}
    edges = []
    for name, value in _FIELD.findall(rest):
        if name in ("SLE", "SRE"):
            edges.append(int(value))
        else:
            fields.setdefault(name, int(value))
    said.seq, said.window, said.payload = fields.get("Seq"), fields.get("Win"), fields.get("Len")
    said.ack = fields.get("Ack") if said.flags and said.flags & ACK else None
    said.mss, said.scale = fields.get("MSS"), fields.get("WS")
    said.sack_permitted = "SACK_PERM" in rest
    stamp = fields.get("TSval", fields.get("TSV"))
    if stamp is not None:
        said.stamps = (stamp, fields.get("TSecr", fields.get("TSER", 0)))
    said.sacked = list(zip(edges[::2], edges[1::2], strict=False))


def _read_datagram(name: str, info: str) -> Said:
    found = _DATAGRAM.search(info[:200]) or _ARROW.match(info[:200])
    said = Said(DNS if name in ("DNS", "MDNS", "LLMNR") else UDP, words=info)
    if found:
        said.source_port, said.target_port = port_number(found["source"]), port_number(found["target"])
        payload = found.groupdict().get("payload")
        said.payload = int(payload) if payload else None
    return said


def _number(text: str) -> int:
    return int(text, 16 if text.startswith("0x") else 10)


_ECHO = re.compile(
    r"Echo \(ping\) (request|reply)(?: +\(?id=(0x[0-9a-fA-F]{1,4}|\d{1,5}))?(?:,? +seq(?:\(be/le\))?=(0x[0-9a-fA-F]{1,4}|\d{1,5}))?(?:[^,]*,? ttl=(\d{1,3}))?"
)
_UNREACHABLE = (
    ("port", 3), ("fragmentation", 4), ("network administratively", 9), ("host administratively", 10),
    ("communication administratively", 13), ("protocol", 2), ("host unreachable", 1), ("network", 0), ("host", 1),
)  # fmt: skip
_UNREACHABLE_6 = (("no route", 0), ("administratively", 1), ("beyond scope", 2), ("address", 3), ("port", 4))
_NEIGHBOUR = {
    "neighbor solicitation": 135,
    "neighbor advertisement": 136,
    "router solicitation": 133,
    "router advertisement": 134,
}


def read_icmp(info: str, version: int = 4) -> Said | None:
    """ICMP by its words: echoes with identifier and sequence number, errors with type and code."""
    said = Said(ICMP if version == 4 else ICMPV6, words=info)
    low = info.lower()
    found = _ECHO.search(info[:300])
    if found:
        kinds = (8, 0) if version == 4 else (128, 129)
        said.code = (kinds[found[1] == "reply"], 0)
        said.rest = (_number(found[2] or "1"), _number(found[3] or "0"))
        said.ttl = min(int(found[4] or 0), 255)
        return said
    if "destination unreachable" in low:
        codes = _UNREACHABLE if version == 4 else _UNREACHABLE_6
        said.code = (3 if version == 4 else 1, next((code for words, code in codes if words in low), 0))
    elif "time-to-live exceeded" in low or "time exceeded" in low:
        said.code = (11 if version == 4 else 3, 1 if "reassembly" in low else 0)
    elif "packet too big" in low:
        said.code = (2, 0)
    elif "redirect" in low and version == 4:
        said.code = (5, 1)
    else:
        kind = next((number for words, number in _NEIGHBOUR.items() if words in low), None)
        if kind is None or version == 4:
            return None
        said.code = (kind, 0)
    return said


_IPV4 = r"(\d{1,3}(?:\.\d{1,3}){3})"
_WHO_HAS = re.compile(
    rf"(?:Request )?[Ww]ho[ -]has {_IPV4}(?: \([^)]*\))?\?? *(?:\(Broadcast\) *)?,? *(?:[Tt]ell {_IPV4})?"
)
_IS_AT = re.compile(rf"{_IPV4} is[ -]at ((?:[0-9A-Fa-f]{{2}}[:-]){{5}}[0-9A-Fa-f]{{2}})")
_OWN = re.compile(rf"(?:Gratuitous ARP|ARP Announcement) for {_IPV4}(?: \((Request|Reply)\))?")
_ASKS = re.compile(rf"Request, {_IPV4} asks for {_IPV4}")
_ANSWERS = re.compile(rf"Response, {_IPV4} at ((?:[0-9A-Fa-f]{{2}}[:-]){{5}}[0-9A-Fa-f]{{2}})")


NOBODY = "0.0.0.0"  # noqa: S104 - what a probe says of its sender (RFC 5227), no socket


def read_arp(info: str) -> Said | None:
    """ARP requests and replies in the words of Wireshark, Network Monitor and tcpdump; `addresses` are (sender, target)."""
    text = info[:300]
    if found := _IS_AT.search(text) or _ANSWERS.search(text):
        return Said(
            ARP, code=(2, 0), addresses=(found[1], ""), macs=(found[2].replace("-", ":").lower(), ""), words=info
        )
    if found := _WHO_HAS.search(text):
        return Said(ARP, code=(1, 0), addresses=(found[2] or NOBODY, found[1]), words=info)
    if found := _ASKS.search(text):
        return Said(ARP, code=(1, 0), addresses=(found[1], found[2]), words=info)
    if found := _OWN.search(text):
        return Said(ARP, code=(2 if found[2] == "Reply" else 1, 0), addresses=(found[1], found[1]), words=info)
    return None
