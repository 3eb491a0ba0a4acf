"""From plain text to listings whose packets are ready to become frames, and what has to be said about them.

Takes plain text; gives `Finished` listings: frames, their numbers and times, notes. Knows no file.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.capture.listing.build import Addresses, build_frame, is_address, shows_options
from wireproof.capture.listing.connections import make_connections
from wireproof.capture.listing.details import add_details
from wireproof.capture.listing.flows import leaves_windows_open, settle, settle_scales
from wireproof.capture.listing.info import ABOVE, ACK, ARP, DNS, SYN, TCP, UDP, Said, read_info
from wireproof.capture.listing.lengths import take_lengths
from wireproof.capture.listing.messages import message_bytes, stated_size
from wireproof.capture.listing.packet import Connection, Packet
from wireproof.capture.listing.queries import fill_datagrams
from wireproof.capture.listing.quotes import quote_refused
from wireproof.capture.listing.records import NETMON, Record, find_records, settle_cells
from wireproof.capture.listing.split import DAYTIME, NONE, SECONDS, Listing, split_listings
from wireproof.capture.listing.summary import read_summary
from wireproof.capture.listing.tcpdump import find_lines
from wireproof.capture.listing.ties import is_lost, tie_messages
from wireproof.capture.listing.trees import find_trees
from wireproof.capture.listing.unnamed import name_protocols
from wireproof.capture.listing.unwrap import unwrap
from wireproof.limits import limit

RECORDS = limit(
    "listing.records",
    500_000,
    "a listing of more packets is no longer text that somebody pasted; its capture is what to ask for",
)
LONGEST_FRAME = 1 << 20
"""No adapter hands up more at a time."""
MOST_BENEATH = 8 << 20
"""Characters of trees that are kept for those who read more of them than headers."""
_GLUE = re.compile(r"^(\d{1,3}(?:\.\d{1,3}){2}\.)(\d{2,6})((?:\.\d{1,3}){3})$")
_TREE_ADDRESSES = re.compile(r"Ipv[46]: Src = ([0-9A-Fa-f.:]{2,45}), Dest = ([0-9A-Fa-f.:]{2,45})")


@dataclass(slots=True)
class Finished:
    """One listing as frames: bytes known, length on the wire, time and number of each; `notes` are sentences for the user.

    `processes` are the id and name that the process column has for each. `unknown` names header fields that are not printed, as
    `Capture.unknown` does. `beneath` holds by place of the frame the line (from 1) of its record in the plain text, and the text from
    there to the next one. `loose` are places as `Capture.loose_rows` has them.
    """

    place: str
    frames: list[bytes]
    lengths: list[int]
    times: list[int]
    numbers: list[int]
    processes: list[tuple[int, str] | None] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    beneath: dict[int, tuple[int, str]] = field(default_factory=dict)
    loose: list[int] = field(default_factory=list)


def assemble(text: str) -> list[Finished]:
    """Every listing in a plain text."""
    text = unwrap(text)
    packets, unread = _read_packets(text)
    finished = [
        _finish(listing, text, unread if place == 0 else 0)
        for place, listing in enumerate(split_listings(text, packets))
    ]
    return [one for one in finished if one.frames]


def _read_packets(text: str) -> tuple[list[Packet], int]:
    """The packets of all records in the order of the text, and how many records say nothing that makes a packet."""
    records = []
    for record in find_records(text):
        records.append(record)
        if len(records) >= RECORDS.value:
            break
    _part_glued(records)
    name_protocols(records)
    settle_cells(records)
    packets, unread = [], 0
    for record in records:
        said = (
            read_summary(record.protocol, record.info)
            if record.style == NETMON
            else read_info(record.protocol, record.info)
        )
        if said is None or not record.target or not _has_addresses(record, said):
            unread += 1
            continue
        _take_cells(record, said)
        _bound(record, said)
        packets.append(Packet(record, said))
    for record, said in find_trees(text, records):
        _bound(record, said)
        records.append(record)
        packets.append(Packet(record, said))
    records.sort(key=lambda record: record.at)
    known = len(packets)
    packets = add_details(text, records, packets)
    unread -= len(packets) - known
    if not packets:
        for record, said in itertools.islice(find_lines(text), int(RECORDS.value)):
            _bound(record, said)
            packets.append(Packet(record, said))
    return packets, unread


def _bound(record: Record, said: Said) -> None:
    """Keep numbers within what a frame can hold: a damaged text may print any."""
    record.length = min(record.length, LONGEST_FRAME) if record.length else None
    said.payload = None if said.payload is None else min(said.payload, LONGEST_FRAME)
    said.source_port = None if said.source_port is None else said.source_port & 0xFFFF
    said.target_port = None if said.target_port is None else said.target_port & 0xFFFF
    said.rest = (said.rest[0] & 0xFFFF, said.rest[1] & 0xFFFF)


def _has_addresses(record: Record, said: Said) -> bool:
    """Whether both ends are addresses of the layer that the packet needs: only ARP goes between adapters."""
    return said.kind == ARP or not re.search(
        r"_[0-9A-Fa-f]{2}:|^(?:[0-9A-Fa-f]{2}[:-]){5}|^Broadcast$", f"{record.source}\n{record.target}", re.MULTILINE
    )


def _take_cells(record: Record, said: Said) -> None:
    """Take what further columns say and the words leave out."""
    cells = record.cells
    if not cells or said.kind == ARP:
        return
    said.ip_id = cells.get("ip_id", said.ip_id)
    said.ttl = cells.get("ttl", said.ttl) & 0xFF
    if said.kind not in (ABOVE, TCP, UDP, DNS):
        return
    ports = ("source_port", "target_port")
    for name in (*ports, "seq", "ack", "payload", "window") if said.kind in (ABOVE, TCP) else ports:
        value = cells.get(name)
        if value is not None and getattr(said, name) is None and not (name == "ack" and said.flags == 2):
            setattr(said, name, value)
    if said.kind == ABOVE and said.source_port is not None and said.target_port is not None:
        said.kind, said.flags = TCP, ACK


def _part_glued(records: list[Record]) -> None:
    """Take two addresses apart between which the space was lost, where other records show both."""
    known = {record.source for record in records if record.target} | {record.target for record in records}
    for record in records:
        found = _GLUE.match(record.source) if not record.target else None
        if found is None:
            continue
        for cut in range(1, len(found[2])):
            one, other = found[1] + found[2][:cut], found[2][cut:] + found[3]
            if one in known and other in known:
                record.source, record.target = one, other
                break


def _finish(listing: Listing, text: str, unread: int) -> Finished:
    packets = listing.packets
    _answer_arps(packets)
    for packet in packets:
        packet.said.payload = stated_size(packet.said.words) if packet.said.payload is None else packet.said.payload
    take_lengths(packets)
    made_up_ports = tie_messages(packets) + fill_datagrams(packets)
    unread += sum(map(is_lost, packets))
    # Any of the connections that a message may belong to may lack it.
    loose = {id(packets[place]) for packet in packets for place in packet.maybe_of}
    listing.packets = packets = [p for p in packets if not is_lost(p)]
    connections = make_connections(packets)
    settle_scales(connections, has_length=any(p.record.length for p in packets))
    of_packet: dict[int, Connection] = {}
    for connection in connections:
        for packet in connection.packets:
            packet.data = message_bytes(packet)
        settle(connection)
        for packet in connection.packets:
            of_packet[id(packet)] = connection
            packet.data = message_bytes(packet)
    quote_refused(packets)
    addresses = Addresses(_names_in(text, packets))
    built = [build_frame(packet, addresses, of_packet.get(id(packet))) for packet in packets]
    numbers = [p.record.number for p in packets]
    finished = Finished(
        listing.place,
        [frame for frame, _ in built],
        [length for _, length in built],
        [p.time_ns for p in packets],
        [number or 0 for number in numbers] if None not in numbers else list(range(1, len(packets) + 1)),
    )
    if not packets:
        return finished
    finished.processes = [p.record.process for p in packets]
    finished.unknown = _unknown_fields(listing, connections)
    finished.beneath = _take_beneath(text, packets)
    finished.loose = [place for place, packet in enumerate(packets) if packet.maybe_of or id(packet) in loose]
    finished.notes = list(_tell(listing, addresses, made_up_ports, unread))
    return finished


def _take_beneath(text: str, packets: list[Packet]) -> dict[int, tuple[int, str]]:
    """What stands beneath each record, by its place, as far as it is kept."""
    found: dict[int, tuple[int, str]] = {}
    line, counted, left = 1, 0, MOST_BENEATH
    for place, packet in sorted(enumerate(packets), key=lambda one: one[1].beneath):
        start, end = packet.beneath
        if end <= start or (left := left - (end - start)) < 0:
            continue
        line += text.count("\n", counted, start)
        counted = start
        found[place] = (line, text[start:end])
    return found


def _unknown_fields(listing: Listing, connections: list[Connection]) -> frozenset[str]:
    """Header fields that the listing does not print for every packet, and those that were made up."""
    ip = [p for p in listing.packets if p.said.kind != ARP]
    unknown = {"tos"} | (set() if all(p.raw for p in ip) else {"contents"})
    unknown |= set() if all(p.said.ttl or p.raw for p in ip) else {"ttl"}
    unknown |= set() if all(p.said.ip_id or p.raw for p in ip) else {"ip_id"}
    unknown |= set() if all(map(shows_options, (p for p in ip if p.is_tcp and p.flags & SYN))) else {"options"}
    unknown |= {"window"} if any(map(leaves_windows_open, connections)) else set()
    unknown |= set() if all(p.record.length or p.raw for p in ip) else {"length"}
    unknown |= {"time"} if listing.kind == NONE else set()
    unknown |= {"sequence_shift"} if any(c.bases != (0, 0) for c in connections) else set()
    return frozenset(unknown)


def _answer_arps(packets: list[Packet]) -> None:
    """Give each ARP reply the address of who asked, which its words leave out."""
    asked: dict[str, str] = {}
    for packet in packets:
        said = packet.said
        if said.kind != ARP:
            continue
        if said.code[0] == 1:
            asked[said.addresses[1]] = said.addresses[0]
        elif not said.addresses[1]:
            said.addresses = (said.addresses[0], asked.get(said.addresses[0], ""))


def _names_in(text: str, packets: list[Packet]) -> dict[str, str]:
    """Addresses of names, where a detail tree of a record shows them."""
    ends = {end for p in packets for end in (p.record.source, p.record.target)}
    wanted = {name.lower() for name in ends if re.search(r"[A-Za-z]", name) and ":" not in name}
    if not wanted:
        return {}
    names: dict[str, str] = {}
    ordered = sorted(packets, key=lambda p: p.record.end)
    for tree in _TREE_ADDRESSES.finditer(text):
        place = bisect.bisect_right(ordered, tree.start(), key=lambda p: p.record.end)
        if place:
            record = ordered[place - 1].record
            for name, address in ((record.source, tree[1]), (record.target, tree[2])):
                if name.lower() in wanted and is_address(address):
                    names.setdefault(name.lower(), address)
    return names


def _tell(listing: Listing, addresses: Addresses, made_up_ports: int, unread: int) -> Iterator[str]:
    """What users should know of a listing, a sentence each."""
    packets = listing.packets
    columns = ", ".join(_columns(listing))
    yield (
        f"a listing of {len(packets)} packets in the words of {listing.style}, with {columns}; it can't carry the data of messages, header "
        "fields that are not printed, and checksums, so nothing is said of those"
    )
    guessed = sum(p.guessed for p in packets)
    if guessed:
        yield f"the lengths of {guessed} segments are not printed and nothing around them settles them; they are estimated"
    if loose := sum(bool(p.maybe_of) for p in packets):
        yield (
            f"{loose} messages name no ports, and several connections of their hosts may have carried them; each is taken for one of these, "
            "and nothing is said that rests on the choice"
        )
    if made_up_ports:
        yield f"the ports of {made_up_ports} packets are not printed; those shown are the service's and a made-up one"
    if addresses.made_up:
        shown = ", ".join(f"{name} as {address}" for name, address in list(addresses.made_up.items())[:5])
        yield f"names without addresses are shown with made-up ones: {shown}"
    if listing.kind == SECONDS:
        yield "times are seconds from some start that the listing does not give; the date shown means nothing"
    elif listing.kind == DAYTIME:
        yield "times are times of day without a date, in a time zone that the listing does not give"
    elif listing.kind == NONE:
        yield "the listing gives no times"
    else:
        yield "the time zone of the listing's times is not given; they are taken as UTC"
    if unsure := next((p.record.clocks.open_date for p in packets if p.record.clocks.open_date), ""):
        yield f"no date tells whether the day or the month comes first; {unsure} is taken as month first"
    if listing.repeated:
        yield f"{listing.repeated} records are printed twice and taken once"
    if unread:
        yield f"{unread} records are of protocols of which a listing says too little to make a packet; they are left out"


def _columns(listing: Listing) -> list[str]:
    packets = listing.packets
    found = ["number"] if packets[0].record.number is not None else []
    found.append(
        {SECONDS: "seconds between packets" if listing.is_delta else "seconds", NONE: "no time"}.get(
            listing.kind, listing.kind
        )
    )
    found += ["addresses", "protocol"]
    found += ["length"] if any(p.record.length for p in packets) else []
    cells = sorted({name for p in packets for name in p.record.cells} - {"length", "other"})
    found += [name.replace("_", " ") for name in cells]
    found += ["process"] if any(p.record.process for p in packets) else []
    return [*found, "summary"]
