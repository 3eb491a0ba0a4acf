"""Everything of a capture that no opened conversation stands for: which rows are kept, and each as an Ethernet frame.

Takes a capture's tables and the conversations that are opened; gives rows, frames and counts of what can't be kept.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.link import ETHERNET, find_header, synthesise
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.export.options import ExportOptions
    from wireproof.export.redact.frames import FrameRedactor

SNAP_LENGTH = 262_144
"""The longest frame that libpcap takes."""
NOT_ASKED = "not asked for"
TUNNEL_STREAM = "the stream around a tunnel's packets"
NO_ETHERNET = "link type {} that Ethernet can't carry"
FRAGMENTS = "fragments of packets that are written in clear"
LOOSE_FRAGMENTS = "fragments, of which only whole packets are looked through for secrets"
IPV4_IDENT = slice(4, 6)

Ints = NDArray[np.int64]


Frame = tuple[bytes, int]
"""The bytes of a frame to write, and how many it had on the wire."""


def find_tunnels(tables: CaptureTables) -> tuple[Ints, Ints]:
    """(rows of packets from inside tunnels, conversations whose streams carry them); packets joined from fragments are neither."""
    packets = tables.packets
    inner = np.fromiter(packets.outer, np.int64, len(packets.outer))
    outer = np.fromiter(packets.outer.values(), np.int64, len(packets.outer))
    # What fragments make up is written as fragments, as it was captured.
    carried = packets.layers[outer] & LAYERS["fragment"] == 0
    conversations = np.array(sorted(set(packets.conversation[outer[carried]].tolist())), np.int64)
    return np.sort(inner[carried]), conversations[conversations >= 0]


def choose_rows(
    tables: CaptureTables, stood_for: NDArray[np.bool_], options: ExportOptions, left_out: Counter[str]
) -> tuple[Ints, Ints]:
    """Rows to keep as they are, those of the file and those from inside tunnels; `stood_for` tells of each row whether what is written in
    clear stands for it.
    """
    packets = tables.packets
    frames = np.arange(packets.frames)
    inner, tunnels = find_tunnels(tables)
    replaced = stood_for[: packets.frames].copy()
    if options.redact:
        # What a tunnel carries stands in its own frames, and what fragments make up is written whole.
        inner = np.fromiter(packets.outer, np.int64, len(packets.outer))
        inner = np.sort(inner[packets.layers[inner] & LAYERS["fragment"] == 0])
        loose = ~replaced & (packets.layers[: packets.frames] & LAYERS["fragment"] != 0)
        _count(left_out, LOOSE_FRAGMENTS, int(loose.sum()))
        replaced |= loose
    if options.redact or not options.tunnels:
        dropped = np.zeros(len(tables.conversations) + 1, bool)
        dropped[tunnels] = True
        stream = ~replaced & dropped[packets.conversation[: packets.frames]]
        _count(left_out, TUNNEL_STREAM, int(stream.sum()))
        replaced |= stream
    kept = frames[~replaced]
    if not options.others:
        _count(left_out, NOT_ASKED, len(kept))
        kept = kept[:0]
    fragments = _opened_fragments(tables, stood_for, kept)
    if len(fragments):
        left_out[FRAGMENTS] += len(fragments)
        kept = kept[~np.isin(kept, fragments)]
    return kept, inner[~stood_for[inner]]


def _count(left_out: Counter[str], reason: str, count: int) -> None:
    if count:
        left_out[reason] += count


def find_opened_rows(tables: CaptureTables, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows are TCP packets of opened conversations, which `opened` tells of each; ICMP errors about them are not."""
    packets = tables.packets
    layers = packets.layers[: packets.count]
    of_opened = np.append(opened, False)[packets.conversation[: packets.count]]
    return np.asarray(of_opened & (layers & (LAYERS["tcp"] | LAYERS["quoted"]) == LAYERS["tcp"]))


def _opened_fragments(tables: CaptureTables, stood_for: NDArray[np.bool_], kept: Ints) -> Ints:
    """Rows of fragments that make up packets that are written in clear: they would show what was encrypted once more."""
    packets = tables.packets
    joined = np.array([row for row, outer in packets.outer.items() if _is_fragment(tables, outer)], np.int64)
    joined = joined[stood_for[joined]]
    if not len(joined):
        return joined
    wanted = {_fragment_key(data) for data in tables.read_frames(joined)}
    rows = kept[packets.layers[kept] & LAYERS["fragment"] != 0]
    found = [
        row
        for begin in range(0, len(rows), 4096)
        for row, frame in zip(
            rows[begin : begin + 4096].tolist(), tables.read_frames(rows[begin : begin + 4096]), strict=True
        )
        if _fragment_key(frame[int(packets.network_at[row]) :]) in wanted
    ]
    return np.array(found, np.int64)


def _is_fragment(tables: CaptureTables, row: int) -> bool:
    return bool(tables.packets.layers[row] & LAYERS["fragment"])


def _fragment_key(packet: bytes) -> bytes:
    """What fragments of one packet have in common: addresses and identification; of IPv6 the addresses only."""
    return packet[12:20] + packet[IPV4_IDENT] if packet[:1] and packet[0] >> 4 == 4 else packet[8:40]


def make_frames(
    tables: CaptureTables, rows: Ints, left_out: Counter[str], redactor: FrameRedactor | None = None
) -> list[Frame | None]:
    """These rows as Ethernet frames, byte for byte where they are some but for what `redactor` blanks; None for one that can't be made one."""
    packets, capture = tables.packets, tables.capture
    interfaces = packets.interface[rows]
    types = capture.link_types[interfaces].tolist()
    checks = [interface.fcs_bytes for interface in capture.interfaces]
    originals = packets.original[rows].tolist()
    found: list[Frame | None] = []
    read = tables.read_frames(rows)
    for row, data, kind, original, interface in zip(
        rows.tolist(),
        redactor.hide(rows, read) if redactor else read,
        types,
        originals,
        interfaces.tolist(),
        strict=True,
    ):
        if row >= packets.frames:
            found.append(_inner(data, original))
            continue
        check = checks[interface] if interface < len(checks) else 0
        if check:
            cut = max(len(data) - max(original - check, 0), 0)
            data, original = data[: len(data) - cut], max(original - check, 0)  # noqa: PLW2901
        frame = _convert(data, original, kind)
        if frame is None:
            left_out[NO_ETHERNET.format(kind)] += 1
        found.append(frame)
    return found


def _inner(packet: bytes, original: int) -> Frame | None:
    header = synthesise(packet)
    return (header + packet, original + len(header)) if header else None


def _convert(data: bytes, original: int, link_type: int) -> Frame | None:
    if link_type == ETHERNET:
        return (data[:SNAP_LENGTH], original)
    found = find_header(data, link_type)
    if found is None:
        return None
    header, replaced = found
    whole = header + data[replaced:]
    return (whole[:SNAP_LENGTH], max(original + len(header) - replaced, len(whole)))
