"""Shows how the time and the peak memory of `wireproof check` grow with packets and with conversations.

Takes series of captures that differ in size, gives a Markdown table each. The last column is the exponent between a row
and the one before: 1.0 is linear, 2.0 quadratic. The time of a 1,000-packet capture is taken off first.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harness import (
    DATA,
    RESULTS,
    BenchError,
    count_connections,
    count_packets,
    describe_machine,
    find_wireproof,
    render_table,
    spread,
    take_turns,
    write_section,
)

PACKETS = (75_000, 150_000, 300_000, 600_000, 1_200_000)
BULK_PACKETS = (*PACKETS[:-1], 1_000_000)
CONVERSATIONS = (5_000, 10_000, 20_000, 40_000)
SERIES = {
    "packets and conversations": ("packets", [f"short-{n}.pcap" for n in PACKETS]),
    "packets, 8 conversations": ("packets", [f"bulk-{n}.pcap" for n in BULK_PACKETS]),
    "conversations, about as many packets": ("conversations", [f"short-600000-{n}.pcap" for n in CONVERSATIONS]),
}
SMALL = "short-1000.pcap"


@dataclass(frozen=True, slots=True)
class Point:
    """One capture of a series and what it cost; `work` is the median time less that of the small capture."""

    packets: int
    conversations: int
    wall: list[float]
    work: float
    peak: float


def measure_series(paths: list[Path], small: Path, command: list[str], rounds: int) -> list[Point]:
    """Run the command on every capture of a series in turns."""
    costs = take_turns({str(path): [*command, str(path)] for path in (small, *paths)}, rounds)
    start = median(cost.wall for cost in costs[str(small)])
    points = []
    for path in paths:
        wall = [cost.wall for cost in costs[str(path)]]
        peak = median(cost.peak for cost in costs[str(path)])
        points.append(Point(count_packets(path), count_connections(path), wall, median(wall) - start, peak))
    return points


def exponent(point: Point, before: Point, against: str) -> str:
    """Growth between two points: log of the time's ratio over log of the size's ratio."""
    sizes = getattr(point, against) / getattr(before, against)
    if min(point.work, before.work) <= 0 or sizes <= 1:
        return "–"
    return f"{math.log(point.work / before.work) / math.log(sizes):.2f}"


def render_series(points: list[Point], against: str) -> str:
    """The table of a series."""
    heads = ("packets", "connections", "wall s", "µs / packet", "peak MiB", f"exponent in {against}")
    grown = ["", *(exponent(point, before, against) for before, point in itertools.pairwise(points))]
    rows = [
        (
            f"{point.packets:,}",
            f"{point.conversations:,}",
            spread(point.wall, 3),
            f"{point.work / point.packets * 1e6:.3f}",
            f"{point.peak:.0f}",
            slope,
        )
        for point, slope in zip(points, grown, strict=True)
    ]
    return render_table(heads, rows)


def main() -> None:
    """Parse the command line and measure every series whose captures exist."""
    parser = argparse.ArgumentParser(description="Growth of time and memory with the capture.")
    parser.add_argument("--data", type=Path, default=DATA, help="directory of the captures")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--command", help="measure this command instead; the capture is put at its end")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    given = parser.parse_args()
    wireproof = find_wireproof(given.wireproof)
    if not wireproof and not given.command:
        raise BenchError("wireproof is not installed")
    command = [*wireproof, "check", "--format", "json", "--output", "/dev/null"]
    if given.command:
        command = given.command.split()
    for name, (against, files) in SERIES.items():
        paths = [given.data / file for file in files]
        if missing := [path.name for path in (given.data / SMALL, *paths) if not path.exists()]:
            raise BenchError(f"no {', '.join(missing)} in {given.data}; README.md says how traffic.py makes them")
        table = render_series(measure_series(paths, given.data / SMALL, command, given.rounds), against)
        write_section(given.results, f"growth {name}", f"## Growth: {name}\n\n{describe_machine()}.\n\n{table}")


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"growth.py: {error}")
