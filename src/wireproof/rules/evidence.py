"""What rules share when they write down a finding: evidence rows, conversation labels, Wireshark filters, wording of figures.

Knows the case's tables, decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wireproof.finding import Evidence
from wireproof.finding import Talk as TalkLabel

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.conversations import Talk
    from wireproof.logs.log import Log


def frame(point: Point, row: int, note: str = "", mark: str = "") -> Evidence:
    """Evidence for one row of a point's packet table."""
    return Evidence(point.name, point.packets.number(int(row)), note, mark)


def log_line(log: Log, line: int, note: str = "", mark: str = "", text: str = "") -> Evidence:
    """Evidence for one line of a log, counted from 1, with what it says where the line itself does not show it."""
    return Evidence(log.file, 0, note, mark, line, text)


def stored(point: Point, row_plus_one: int, note: str = "", mark: str = "") -> list[Evidence]:
    """Evidence for a `*_row` fact, which holds row + 1; nothing when it is 0."""
    return [frame(point, int(row_plus_one) - 1, note, mark)] if row_plus_one else []


def label(talk: Talk, others: Iterable[tuple[str, Talk]] = ()) -> TalkLabel:
    """The conversation's label, with `seen_as` for other points that show other addresses."""
    mine = (talk.client_endpoint, talk.server_endpoint)
    seen = tuple(
        (name, (other.client_endpoint, other.server_endpoint))
        for name, other in others
        if (other.client_endpoint, other.server_endpoint) != mine
    )
    return TalkLabel(talk.protocol, *mine, seen_as=seen)


def display_filter(talk: Talk) -> str:
    """A Wireshark display filter that shows this conversation and nothing else."""
    family = "ip" if talk.facts["version"] == 4 else "ipv6"
    parts = [f"{family}.addr=={talk.address(talk.client_side)}", f"{family}.addr=={talk.address(1 - talk.client_side)}"]
    if talk.protocol in ("tcp", "udp"):
        ports = sorted({int(talk.client["port"]), int(talk.server["port"])})
        parts += [f"{talk.protocol}.port=={port}" for port in ports]
    else:
        parts.append(talk.protocol)
    return " && ".join(parts)


def seconds(value_s: float) -> str:
    """A duration in words of the size that people use: 480 µs, 31 ms, 2.5 s, 3 min 20 s, 2 h 0 min."""
    if value_s < 0:
        return "-" + seconds(-value_s)
    if value_s < 0.001:
        return f"{value_s * 1e6:.0f} µs"
    if value_s < 1:
        return f"{value_s * 1e3:.3g} ms" if value_s < 0.1 else f"{value_s * 1e3:.0f} ms"
    if value_s < 120:
        return f"{value_s:.3g} s"
    minutes, rest = divmod(round(value_s), 60)
    return f"{minutes} min {rest} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 segment`, `2,000 segments`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def joined(items: Iterable[object], most: int = 5) -> str:
    """`1921, 1975, 2071 and 3 more`."""
    texts = [str(item) for item in items]
    if len(texts) <= 1:
        return "".join(texts)
    if len(texts) > most:
        return f"{', '.join(texts[: most - 1])} and {len(texts) - most + 1} more"
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def sentence(words: str) -> str:
    """The words with a capital at their start."""
    return words[:1].upper() + words[1:]


def server_filter(talk: Talk) -> str:
    """A Wireshark display filter that shows every conversation with this conversation's server endpoint."""
    family = "ip" if talk.facts["version"] == 4 else "ipv6"
    address = talk.address(1 - talk.client_side)
    return f"{family}.addr=={address} && {talk.protocol}.port=={int(talk.server['port'])}"


def client_filter(talk: Talk) -> str:
    """A Wireshark display filter that shows everything that this conversation's client sent or received."""
    family = "ip" if talk.facts["version"] == 4 else "ipv6"
    return f"{family}.addr=={talk.address(talk.client_side)} && {talk.protocol}"
