"""Times record walk, headers, conversations and marks in process, against the whole process `capinfos -c -d -u -K`.

Takes captures, gives a Markdown table. Each call runs in a fresh interpreter that has imported everything before the
clock starts, so that memory is as cold as in a user's first call.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from harness import (
    DATA,
    RESULTS,
    BenchError,
    count_packets,
    describe_machine,
    render_table,
    run_once,
    spread,
    write_section,
)
from run import DEFAULT_CAPTURES


def time_read(capture: str) -> None:
    """Print the seconds that one `read_capture` takes; this is what the fresh interpreter does."""
    from wireproof.conversations import read_capture

    started = time.perf_counter()
    result = read_capture(capture)
    print(time.perf_counter() - started)
    del result


def run_fresh(python: str, capture: Path) -> float:
    """Seconds of one `read_capture` in a fresh interpreter."""
    command = (python, __file__, "--one", str(capture))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"read_capture failed: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout)


def compare(capture: Path, python: str, rounds: int) -> tuple[str, ...]:
    """One row: both medians over `rounds` turns after a warm-up, their ratio, packets per second."""
    reads: list[float] = []
    infos: list[float] = []
    for _ in range(rounds + 1):
        reads.append(run_fresh(python, capture))
        infos.append(run_once(("capinfos", "-c", "-d", "-u", "-K", str(capture))).wall)
    del reads[0], infos[0]
    packets = count_packets(capture)
    per_second = [packets / seconds / 1e6 for seconds in reads]
    times = [read / info for read, info in zip(reads, infos, strict=True)]
    return capture.stem, f"{packets:,}", spread(reads, 3), spread(infos, 3), spread(times, 2), spread(per_second, 1)


def main() -> None:
    """Parse the command line and compare on every capture."""
    parser = argparse.ArgumentParser(description="Time wireproof's compiled pass in process.")
    parser.add_argument("captures", nargs="*", type=Path, help="default: the three of bench/data")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has wireproof installed")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    parser.add_argument("--one", metavar="CAPTURE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        time_read(given.one)
        return
    captures = given.captures or [DATA / name for name in DEFAULT_CAPTURES]
    rows = [compare(capture, given.python, given.rounds) for capture in captures]
    heads = ("capture", "packets", "read_capture s", "capinfos -c -d -u -K s", "ratio", "million packets / s")
    text = f"## In process: walk, headers, conversations, marks\n\n{describe_machine()}.\n\n{render_table(heads, rows)}"
    write_section(given.results, "in process", text)


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"inprocess.py: {error}")
