"""Lines of tcpdump: `12:00:00.000001 IP 10.0.0.1.1099 > 10.0.0.2.80: Flags [S], seq 1, win 65535, options [mss 1460], length 0`.

Takes plain text; gives `Record`s with what they say. Frames have no numbers there, except with `--number`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wireproof.capture.listing.info import ARP, DNS, TCP, UDP, Said, read_arp, read_icmp
from wireproof.capture.listing.ports import port_number
from wireproof.capture.listing.records import IPV4, MAC, TCPDUMP, Record
from wireproof.capture.listing.times import CLOCK, unpack_times

_END = rf"(?:{IPV4}|[0-9A-Fa-f:]{{2,45}}(?=[. ])|[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}?)(?:\.[\w-]{{1,20}})?"
LINE = re.compile(
    rf"^[ \t]*(?:(?P<number>\d{{1,9}})[ \t]{{1,4}})?(?P<time>(?:\d{{4}}-\d\d-\d\d )?{CLOCK}|\d{{9,10}}\.\d{{6,9}})[ \t]{{1,4}}"
    rf"(?:(?:[\w.-]{{1,16}} +(?:In|Out|B|M|P) +)?(?P<macs>{MAC} (?:\(oui [^)\n]{{1,40}}\) )?> (?:{MAC}|Broadcast)(?: \(oui [^)\n]{{1,40}}\))?, )?)"
    rf"(?:ethertype [^,\n]{{1,30}}, length (?P<length>\d{{1,6}}): )?"
    rf"(?:(?P<family>IP6?|ARP)\b,? ?(?P<head>\([^\n]{{1,300}}?\)\s{{1,12}})?)?(?P<rest>[^\n]{{1,1500}})$",
    re.MULTILINE,
)
SIGN = re.compile(
    rf"^[ \t]*(?:\d{{1,9}}[ \t]{{1,4}})?(?:\d{{4}}-\d\d-\d\d )?(?:{CLOCK}|\d{{9,10}}\.\d{{6,9}})[ \t][^\n]{{0,200}}?\b(?:IP6? |ethertype )",
    re.MULTILINE,
)
_ENDS = re.compile(r"(?P<source>[\w.:-]{2,120}) > (?P<target>[\w.:-]{2,120}?): (?P<info>.*)")
_FLAGS = re.compile(r"(?:Flags )?\[(?P<flags>[SFRPUWE.|none]{1,8})\](?P<rest>.*)")
_BITS = {"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "U": 32, "E": 64, "W": 128}
_SEQ = re.compile(r"\bseq (\d{1,10})(?::(\d{1,10}))?")
_NUMBER = {name: re.compile(rf"\b{name} (\d{{1,10}})") for name in ("ack", "win", "length", "mss", "wscale")}
_STAMPS = re.compile(r"\bTS val (\d{1,10}) ecr (\d{1,10})")
_SACK = re.compile(r"\{(\d{1,10}):(\d{1,10})\}")
_HEAD_ID, _HEAD_TTL = re.compile(r"\bid (\d{1,5})"), re.compile(r"\bttl (\d{1,3})")
_QUERY = re.compile(r"^(?P<id>\d{1,5})[+*|$%-]{0,4} ")


def find_lines(text: str) -> Iterator[tuple[Record, Said]]:
    """Every line of tcpdump in a text, with what it says."""
    if not SIGN.search(text):
        return
    for match in LINE.finditer(text):
        family, rest = match["family"] or "", match["rest"].strip()
        if not family and not match["length"]:
            continue
        made = (
            _read_arp(rest) if family == "ARP" or rest.startswith(("Request who-has", "Reply ")) else _read_packet(rest)
        )
        if made is None:
            continue
        source, target, said = made
        head = match["head"] or ""
        said.ip_id, said.ttl = _first(_HEAD_ID, head), min(_first(_HEAD_TTL, head), 255)
        number = int(match["number"]) if match["number"] else None
        clocks = unpack_times([match["time"]])
        record = Record(match.start(), match.end(), TCPDUMP, number, clocks, source, target, said.kind.upper(), rest)
        record.length = int(match["length"]) if match["length"] else None
        yield record, said


def _first(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0


def _read_arp(text: str) -> tuple[str, str, Said] | None:
    said = read_arp(text)
    if said is None:
        return None
    if said.kind == ARP and said.code[0] == 2:
        return said.macs[0], "", said
    return "", "Broadcast", said


def _read_packet(text: str) -> tuple[str, str, Said] | None:
    found = _ENDS.match(text)
    if found is None:
        return None
    info = found["info"]
    if info.startswith("ICMP"):
        said = _read_icmp(info)
        return (found["source"], found["target"], said) if said else None
    source, source_port = _split_port(found["source"])
    target, target_port = _split_port(found["target"])
    if source_port is None or target_port is None:
        return None
    flags = _FLAGS.match(info)
    said = _read_segment(flags["flags"], flags["rest"]) if flags else _read_datagram(info, (source_port, target_port))
    said.source_port, said.target_port = source_port, target_port
    return source, target, said


def _split_port(end: str) -> tuple[str, int | None]:
    address, _, port = end.rpartition(".")
    if re.fullmatch(IPV4, end):
        return end, None
    return address, port_number(port)


def _read_segment(flags: str, rest: str) -> Said:
    said = Said(TCP, flags=sum(_BITS.get(letter, 0) for letter in flags) if flags != "none" else 0, scaled=False)
    seq = _SEQ.search(rest)
    numbers = {name: int(found[1]) for name, pattern in _NUMBER.items() if (found := pattern.search(rest))}
    said.ack, said.window = numbers.get("ack"), numbers.get("win")
    said.payload, said.mss = numbers.get("length"), numbers.get("mss")
    said.shift = min(numbers["wscale"], 14) if "wscale" in numbers else None
    said.sack_permitted = "sackOK" in rest
    if seq:
        said.seq = int(seq[1])
    stamps = _STAMPS.search(rest)
    said.stamps = (int(stamps[1]), int(stamps[2])) if stamps else None
    if "sack" in rest:
        said.sacked = [(int(left), int(right)) for left, right in _SACK.findall(rest[:600])]
    said.words = rest.partition(": ")[2]
    return said


def _read_datagram(info: str, ports: tuple[int, int]) -> Said:
    length = _NUMBER["length"].search(info)
    said = Said(UDP, payload=int(length[1]) if length else None, words=info)
    if _QUERY.match(info) and 53 in ports:
        said.kind = DNS
        found = re.search(r"\((\d{1,5})\)$", info)
        said.payload = int(found[1]) if found else None
    return said


def _read_icmp(info: str) -> Said | None:
    text = info.partition(",")[0] + "," + info.partition(",")[2]
    text = re.sub(
        r"ICMP6?,? ?(?:echo|ping) (request|reply), id (\d+), seq (\d+)",
        r"Echo (ping) \1 id=\2, seq=\3",
        text,
        flags=re.IGNORECASE,
    )
    version = 6 if info.startswith("ICMP6") else 4
    words = re.sub(r"ICMP6?,? ?", "", text)
    if re.search(r"\budp port \S+ unreachable|\btcp port \S+ unreachable", words):
        words = "Destination unreachable (Port unreachable)"
    elif re.search(r"\bneed to frag", words):
        words = "Destination unreachable (Fragmentation needed)"
    elif "unreachable" in words and "estination" not in words:
        words = f"Destination unreachable ({words})"
    elif "time exceeded" in words:
        words = "Time-to-live exceeded"
    return read_icmp(words, version)
