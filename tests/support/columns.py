"""Columns of the packet table against tshark's fields, frame by frame, innermost header against innermost header.

Takes a capture, gives for each column how often both agree and a line for each frame where they do not. A packet that an
ICMP error quotes is no header of the frame: tshark shows its fields last, and they are left out here, but for its ports.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.oracle import number, tshark_rows
from tests.support.tables import read_closed
from wireproof.conversations import CaptureTables
from wireproof.table.schema import LAYERS

FIELDS = (
    "frame.number", "frame.protocols",
    "ip.ttl", "ip.dsfield", "ip.id", "ip.proto", "ip.src", "ip.dst", "ipv6.hlim", "ipv6.tclass", "ipv6.src", "ipv6.dst",
    "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.window_size_value", "tcp.len",
    "udp.srcport", "udp.dstport", "udp.length", "icmp.type", "icmp.code", "icmpv6.type", "icmpv6.code", "arp.opcode",
)  # fmt: skip
ERRORS = {"icmp": {3, 4, 5, 11, 12}, "icmpv6": {1, 2, 3, 4}}
TRANSPORTS = {"tcp", "udp", "icmp", "icmpv6"}
TCP_COLUMNS = {"seq": "tcp.seq_raw", "ack": "tcp.ack_raw", "window": "tcp.window_size_value", "length": "tcp.len"}


@dataclass(slots=True)
class Agreement:
    """Counts by column over any number of captures."""

    equal: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)

    def add(self, where: str, column: str, theirs: object, ours: object) -> None:
        """Compare one value."""
        self.compared[column] += 1
        self.equal[column] += theirs == ours
        if theirs != ours:
            self.different.append(f"{where} {column}: tshark {theirs}, wireproof {ours}")


class Frame:
    """What tshark says of one frame: all values of each field, and its protocols before and behind an ICMP error."""

    def __init__(self, values: list[str]) -> None:
        self.fields = dict(zip(FIELDS, values, strict=True))
        self.number = int(self.fields["frame.number"])
        protocols = self.fields["frame.protocols"].split(":")
        self.own, self.quoted = protocols, list[str]()
        for kind, errors in ERRORS.items():
            value = self.fields[f"{kind}.type"].rpartition(",")[2]
            if value and int(value) in errors:
                place = len(protocols) - protocols[::-1].index(kind)
                self.own, self.quoted = protocols[:place], protocols[place:]

    def value(self, name: str) -> str:
        """The innermost value of a field that is not quoted."""
        values = self.fields[name].split(",")
        behind = self.quoted.count(name.partition(".")[0])
        return values[-1 - behind] if len(values) > behind else ""

    def ends(self, protocols: list[str], last: bool = False) -> tuple[str, int, str, int]:
        """Addresses and ports of the innermost packet among these protocols."""
        version = [name for name in protocols if name in {"ip", "ipv6"}][-1]
        transport = [name for name in protocols if name in {"tcp", "udp"}][-1]
        names = (f"{version}.src", f"{transport}.srcport", f"{version}.dst", f"{transport}.dstport")
        found = [self.fields[name].rpartition(",")[2] if last else self.value(name) for name in names]
        return found[0], number(found[1]), found[2], number(found[3])


def compare_columns(agreement: Agreement, tshark: str, path: Path) -> None:
    """Add one capture. Frames that complete a fragmented packet are compared by the packet.

    Left out are captures whose frames tshark numbers otherwise, because it counts blocks that are no packets.
    """
    tables = read_closed(path)
    derived = {outer: row for row, outer in tables.packets.outer.items()}
    frames = [Frame(values) for values in tshark_rows(tshark, path, FIELDS, occurrence="a")]
    if len(frames) != tables.packets.frames:
        return
    for frame in frames:
        row = derived.get(frame.number - 1, frame.number - 1)
        compare_frame(agreement, f"{path.name} frame {frame.number}", frame, tables, row)


def compare_frame(agreement: Agreement, where: str, frame: Frame, tables: CaptureTables, row: int) -> None:
    """Add the columns of one row."""
    packets, layers = tables.packets, int(tables.packets.layers[row])
    versions = [name for name in frame.own if name in {"ip", "ipv6"}]
    has_ip = bool(layers & (LAYERS["ipv4"] | LAYERS["ipv6"]))
    agreement.add(where, "has IP", bool(versions), has_ip)
    if versions and has_ip:
        names = ("ip.ttl", "ip.dsfield") if versions[-1] == "ip" else ("ipv6.hlim", "ipv6.tclass")
        theirs = tuple(number(frame.value(name)) for name in names)
        agreement.add(where, "ttl and tos", theirs, (int(packets.ttl[row]), int(packets.tos[row])))
        if versions[-1] == "ip":
            agreement.add(where, "ip_id", number(frame.value("ip.id")), int(packets.ip_id[row]))
    if "arp" in frame.own and frame.value("arp.opcode"):
        agreement.add(where, "arp", number(frame.value("arp.opcode")), int(packets.code[row]))
    inner = [name for name in frame.own if name in TRANSPORTS or name in {"ip", "ipv6"}]
    if inner and inner[-1] in TRANSPORTS:
        compare_transport(agreement, where, frame, tables, row)


def compare_transport(agreement: Agreement, where: str, frame: Frame, tables: CaptureTables, row: int) -> None:
    """Add the columns that depend on the transport header."""
    packets = tables.packets
    kind = [name for name in frame.own if name in TRANSPORTS][-1]
    if kind == "tcp" and frame.value("tcp.len"):
        for column, name in TCP_COLUMNS.items():
            agreement.add(where, column, number(frame.value(name)), int(getattr(packets, column)[row]))
        agreement.add(where, "flags", number(frame.value("tcp.flags")) & 0x1FF, int(packets.flags[row]))
    elif kind == "udp" and frame.value("udp.length") not in {"", "0"}:
        agreement.add(where, "udp length", number(frame.value("udp.length")), int(packets.length[row]) + 8)
    elif kind in ERRORS:
        theirs = number(frame.value(f"{kind}.type")) << 8 | number(frame.value(f"{kind}.code"))
        agreement.add(where, "icmp code", theirs, int(packets.code[row]))
    quoted = {"tcp", "udp"} & set(frame.quoted)
    if kind in {"tcp", "udp"}:
        agreement.add(where, "endpoints", frame.ends(frame.own), ends_of(tables, row))
    elif quoted and {"ip", "ipv6"} & set(frame.quoted):
        agreement.add(where, "quoted endpoints", frame.ends(frame.quoted, last=True), ends_of(tables, row))


def ends_of(tables: CaptureTables, row: int) -> tuple[str, int, str, int]:
    """Addresses and ports of a row's conversation, the row's sender first."""
    conversation = int(tables.packets.conversation[row])
    if conversation < 0:
        return "", 0, "", 0
    talk, side = tables.conversations[conversation], int(tables.packets.direction[row])
    ports = [int(talk.facts["sides"][which]["port"]) for which in (side, 1 - side)]
    return talk.address(side), ports[0], talk.address(1 - side), ports[1]
