"""Figures and short phrases as people read them, shared by all renderers.

Takes numbers and plain values of an outline; gives text. Knows no case and no format.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Owner, Severity

if TYPE_CHECKING:
    from wireproof.report.captures import CaptureItem
    from wireproof.report.outline import EvidenceRow, FindingItem, Outline
    from wireproof.report.sightings import Sighting

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration(value_s: float) -> str:
    """480 µs, 31.2 ms, 2.50 s, 3 min 20 s, 2 h 05 min; a minus sign in front of negative ones."""
    if value_s < 0:
        return "-" + duration(-value_s)
    if value_s < 0.001:
        return f"{value_s * 1e6:.0f} µs"
    if value_s < 1:
        return f"{value_s * 1e3:.{1 if value_s < 0.1 else 0}f} ms"
    if value_s < 120:
        return f"{value_s:.{2 if value_s < 10 else 1}f} s"
    minutes, seconds = divmod(round(value_s), 60)
    if minutes < 120:
        return f"{minutes} min {seconds:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def zone(value_s: float) -> str:
    """Seconds east of UTC as `+01:00`."""
    minutes = round(abs(value_s) / 60)
    return f"{'-' if value_s < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 packet`, `4,452 packets`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(value: int) -> str:
    """912 B, 48.1 kB, 3.2 MB in powers of 1000."""
    if value < 1000:
        return f"{value} B"
    amount = float(value)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5 or unit == "GB":
            break
    return f"{amount:.{1 if amount < 100 else 0}f} {unit}"


def moment(time_ns: int) -> str:
    """`2013-01-08 09:18:53 UTC`."""
    return (EPOCH + timedelta(microseconds=time_ns // 1000)).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso_time(time_ns: int) -> str:
    """`2013-01-08T09:18:53.832000Z`, to the microsecond."""
    return (EPOCH + timedelta(microseconds=time_ns // 1000)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def packet_time(time_s: float) -> str:
    """Seconds since the capture's start as Wireshark's Time column shows them."""
    return f"{time_s:.6f}"


def clock(item: CaptureItem) -> str:
    """How a capture's clock stands against the first one's."""
    offset, bound = abs(item.clock_offset_s), item.clock_bound_s
    if not item.clock_known and not offset:
        return "clock not comparable"
    if bound is not None and offset <= bound:
        text = f"clock agrees within {duration(bound)}"
    else:
        text = f"clock {duration(offset)} {'behind' if item.clock_offset_s > 0 else 'ahead'}"
        text += f" (± {duration(bound)})" if bound is not None else ""
    if not item.clock_known:
        return text + " (a guess: frames match in one direction only)"
    if abs(item.clock_drift_ppm) >= 1:
        text += f", drifts {item.clock_drift_ppm:+.0f} ppm"
    return text


def place(finding: Finding) -> str:
    """Where a finding is, in which direction, and in which conversation, as one line; "" when it says none."""
    parts = [finding.where] if finding.where else []
    if finding.toward and "between" in finding.where:
        parts.append(f"toward the {finding.toward}")
    if finding.talk:
        client, server = map(_with_process, (finding.talk.client, finding.talk.server), finding.talk.owners)
        parts.append(f"{finding.talk.protocol.upper()} {client} → {server}")
    return " · ".join(parts)


def _with_process(end: str, owner: Owner | None) -> str:
    return f"{end} [{owner.label}]" if owner else end


def aliases(finding: Finding) -> list[str]:
    """The conversation as other captures show it, one line each."""
    seen_as = finding.talk.seen_as if finding.talk else ()
    return [f"in {name}: {client} → {server}" for name, (client, server) in seen_as]


def filters_of(finding: Finding) -> dict[str, list[str]]:
    """Each Wireshark filter once, with the captures that it is for."""
    captures: dict[str, list[str]] = {}
    for name, words in finding.filters.items():
        captures.setdefault(words, []).append(name)
    return captures


def sighting(seen: Sighting) -> str:
    """`in server 13591` for a frame that another capture has too, or what became of it there."""
    if seen.line is not None:
        return f"in {seen.capture} {seen.line.number}"
    return {
        "lost": f"not in {seen.capture}",
        "absent": f"not in {seen.capture}",
        "not sent": f"not sent at {seen.capture}",
        "cut otherwise": f"in {seen.capture}, cut otherwise",
        "not captured": f"passed {seen.capture} uncaptured",
        "out of time": f"{seen.capture} not capturing",
    }.get(seen.state, f"{seen.state} at {seen.capture}")


def row_remark(row: EvidenceRow) -> str:
    """A row's note, and the same frame at the other points where the note does not say so itself."""
    told = (sighting(seen) for seen in row.sightings if not _says(row.note, seen))
    return " · ".join(filter(None, [row.note, *told]))


def _says(note: str, seen: Sighting) -> bool:
    if seen.line is not None:
        return f"{seen.capture} {seen.line.number}" in note
    return seen.state in ("lost", "absent") and "never arrive" in note


def frame_list(item: FindingItem, name_captures: bool, most: int = 8) -> str:
    """`Frames 285, 287 and 2 more`, those of each capture by themselves when `name_captures`."""
    groups = []
    for capture, rows in groupby(item.rows, key=lambda row: row.capture):
        numbers = [str(row.log_line or row.number) for row in rows]
        shown = ", ".join(numbers[:most]) + (f" and {len(numbers) - most} more" if len(numbers) > most else "")
        word = "Frame" if len(numbers) == 1 else "Frames"
        groups.append(f"{word} {shown}" + (f" of {capture}" if name_captures else ""))
    return "; ".join(groups)


def headline(report: Outline) -> str:
    """One line: how many findings of which severity, or that nothing was found."""
    if not report.items:
        return "Nothing found"
    counts = [
        count(report.count(severity), noun, plural)
        for severity, noun, plural in (
            (Severity.ERROR, "error", "errors"),
            (Severity.WARNING, "warning", "warnings"),
            (Severity.INFO, "remark", "remarks"),
        )
        if report.count(severity)
    ]
    only_remarks = report.count(Severity.INFO) == len(report.items)
    return ("Nothing wrong found, " if only_remarks else "") + ", ".join(counts)


def quiet_line(report: Outline) -> str:
    """What there is to say when nothing was found: how much was looked at."""
    if not report.captures:
        return f"Nothing found in {_listed([base_name(file) for file in report.logs]) or 'what was given'}."
    names = _listed([item.name for item in report.captures])
    talks = max(item.conversations for item in report.captures)
    lasting = max(item.duration_s for item in report.captures)
    looked_at = f"{count(total_packets(report), 'packet')} of {names}"
    return f"Nothing found in {looked_at} ({count(talks, 'conversation')}, {duration(lasting)})."


def _listed(names: list[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def base_name(file: str) -> str:
    """A file without its folders, written with either slash."""
    return file.replace("\\", "/").rpartition("/")[2]


def total_packets(report: Outline) -> int:
    """Frames of all captures together."""
    return sum(item.packets for item in report.captures)
