"""Compare wireproof's TCP marks with tshark's `tcp.analysis.*`, frame by frame, and print where they differ.

    python tools/compare_marks.py CAPTURE_OR_FOLDER...
    python tools/compare_marks.py --frames FOLDER             also list every differing frame
    python tools/compare_marks.py --keep TSHARK_OUTPUT FOLDER reuse tshark's answers from an earlier run

Takes captures and needs tshark on PATH; gives one table over all of them. docs/tcp-marks.md explains what is left.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wireproof.conversations import CaptureTables, read_capture
from wireproof.errors import CaptureFormatError
from wireproof.table.schema import LAYERS, MARKS

FIELDS = (
    "frame.number",
    *(f"tcp.analysis.{mark}" for mark in MARKS),
    "tcp.analysis.bytes_in_flight",
    "tcp.analysis.acks_frame",
)
TSHARK_LIMIT_S = 600


@dataclass(slots=True)
class Difference:
    """One frame whose marks are not the same."""

    file: str
    frame: int
    tshark: str
    wireproof: str

    def __str__(self) -> str:
        return f"{self.file} frame {self.frame}: tshark {self.tshark or '-'}, wireproof {self.wireproof or '-'}"


@dataclass(slots=True)
class Agreement:
    """Counts over any number of captures. `both`, `tshark` (only) and `wireproof` (only) count by mark."""

    captures: int = 0
    segments: int = 0
    unseen: int = 0
    both: Counter[str] = field(default_factory=Counter)
    tshark: Counter[str] = field(default_factory=Counter)
    wireproof: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, list[int]] = field(default_factory=lambda: {"in_flight": [0, 0], "acks_row": [0, 0]})
    differences: list[Difference] = field(default_factory=list)

    @property
    def marks(self) -> int:
        """How many marks either side set."""
        return self.both.total() + self.tshark.total() + self.wireproof.total()

    @property
    def share(self) -> float:
        """Marks that both set, of those that either set; 1 when there are none."""
        return self.both.total() / self.marks if self.marks else 1.0

    def number_share(self, name: str) -> float:
        """How often a number that tshark shows is the same."""
        equal, compared = self.numbers[name]
        return equal / compared if compared else 1.0


def ask_tshark(path: Path, keep: Path | None = None) -> list[list[str]]:
    """Tshark's FIELDS of every TCP segment that no ICMP error quotes; from `keep` where it was asked before."""
    kept = keep / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}.tsv" if keep else None
    if kept and kept.exists():
        text = kept.read_text(encoding="utf-8")
    else:
        command = [
            "tshark",
            "-r",
            str(path),
            "-n",
            "-Y",
            "tcp && !icmp && !icmpv6",
            "-T",
            "fields",
            "-E",
            "occurrence=l",
        ]
        for name in FIELDS:
            command += ["-e", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TSHARK_LIMIT_S)
        text = done.stdout
        if kept:
            kept.write_text(text, encoding="utf-8")
    return [line.split("\t") for line in text.split("\n")[:-1]]


def compare_capture(agreement: Agreement, path: Path, answers: Iterable[list[str]]) -> None:
    """Add one capture to an agreement. Raises CaptureFormatError when wireproof can't read it."""
    with_tables = read_capture(path)
    try:
        agreement.captures += 1
        compare_rows(agreement, path.name, with_tables, answers)
    finally:
        with_tables.capture.close()


def compare_rows(agreement: Agreement, name: str, tables: CaptureTables, answers: Iterable[list[str]]) -> None:
    """Add the segments of one capture. Those inside reassembled packets are looked up at the frame that completed them."""
    packets = tables.packets
    derived = {outer: row for row, outer in packets.outer.items()}
    for frame, *values in answers:
        outer = int(frame) - 1
        row = derived.get(outer, outer)
        if outer >= packets.frames or not packets.layers[row] & LAYERS["tcp"]:
            agreement.unseen += 1
            continue
        agreement.segments += 1
        marks = int(packets.marks[row])
        theirs = {mark for mark, value in zip(MARKS, values[: len(MARKS)], strict=True) if value}
        ours = {mark for mark, bit in MARKS.items() if marks & bit}
        agreement.both.update(theirs & ours)
        agreement.tshark.update(theirs - ours)
        agreement.wireproof.update(ours - theirs)
        if theirs != ours:
            shown = ("+".join(mark for mark in MARKS if mark in found) for found in (theirs, ours))
            agreement.differences.append(Difference(name, int(frame), *shown))
        compare_number(agreement.numbers["in_flight"], values[-2], int(packets.in_flight[row]))
        compare_number(agreement.numbers["acks_row"], values[-1], int(packets.acks_row[row]))


def compare_number(counts: list[int], theirs: str, ours: int) -> None:
    """Count a number that at least one side gives: [equal, compared]."""
    if theirs or ours:
        counts[0] += int(theirs or 0) == ours
        counts[1] += 1


def find_captures(places: Iterable[Path]) -> Iterator[Path]:
    """Files as given, and every file below the folders."""
    for place in places:
        if place.is_dir():
            yield from sorted(path for path in place.rglob("*") if path.is_file())
        else:
            yield place


def compare(places: Iterable[Path], keep: Path | None = None) -> Agreement:
    """Compare on every capture that both can read."""
    agreement = Agreement()
    for path in find_captures(places):
        try:
            compare_capture(agreement, path, ask_tshark(path, keep))
        except CaptureFormatError:
            continue
    return agreement


def render(agreement: Agreement) -> str:
    """The agreement as a Markdown table and the lines below it."""
    lines = ["| mark | both | only tshark | only wireproof |", "|---|---:|---:|---:|"]
    for mark in MARKS:
        both, theirs, ours = agreement.both[mark], agreement.tshark[mark], agreement.wireproof[mark]
        lines.append(f"| `{mark}` | {both:,} | {theirs:,} | {ours:,} |")
    both, theirs, ours = agreement.both.total(), agreement.tshark.total(), agreement.wireproof.total()
    lines += [f"| all | {both:,} | {theirs:,} | {ours:,} |", ""]
    lines.append(
        f"{agreement.captures:,} captures, {agreement.segments:,} segments: {agreement.share:.3%} of marks equal"
    )
    for name, (equal, compared) in agreement.numbers.items():
        lines.append(f"`{name}`: {equal:,} of {compared:,} equal ({agreement.number_share(name):.3%})")
    lines.append(f"TCP segments that tshark shows and wireproof does not decode: {agreement.unseen:,}")
    kinds = Counter((difference.tshark, difference.wireproof) for difference in agreement.differences)
    lines += ["", "| frames | tshark | wireproof |", "|---:|---|---|"]
    lines += [f"| {count} | {theirs or '-'} | {ours or '-'} |" for (theirs, ours), count in kinds.most_common()]
    return "\n".join(lines)


def main() -> int:
    """Parse the command line, compare, print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("captures", nargs="+", type=Path)
    parser.add_argument("--frames", action="store_true", help="list every differing frame")
    parser.add_argument("--keep", type=Path, help="folder for tshark's answers, reused by the next run")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    agreement = compare(options.captures, options.keep)
    print(render(agreement))
    if options.frames:
        print("\n".join(["", *map(str, agreement.differences)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
