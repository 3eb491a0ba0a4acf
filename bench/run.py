"""Compares `wireproof check` with other programs on the same captures, whole processes in turns.

Takes captures, gives a Markdown table each and writes it into RESULTS.md. A program that is not installed is left out
with one line.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import (
    DATA,
    RESULTS,
    BenchError,
    count_packets,
    describe_machine,
    find_wireproof,
    render_costs,
    say,
    take_turns,
    write_section,
)

DEFAULT_CAPTURES = ("short-1200000.pcap", "bulk-1000000.pcap", "bulk128-1000000.pcap")
WIREPROOF = "wireproof check"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program: its name in the table, its words before the capture, its source, whether it analyses."""

    name: str
    command: tuple[str, ...]
    comes_from: str
    analyses: bool


PEERS = (
    Peer("tshark -q -z expert", ("tshark", "-q", "-z", "expert", "-r"), "Debian: tshark", analyses=True),
    Peer("tcptrace -l", ("tcptrace", "-l"), "Debian: tcptrace", analyses=True),
    Peer("netverdict analyze", ("netverdict", "analyze"), "PyPI: netverdict", analyses=True),
    Peer("capinfos -c -d -u -K", ("capinfos", "-c", "-d", "-u", "-K"), "Debian: wireshark-common", analyses=False),
    Peer("cat", ("cat",), "Debian: coreutils", analyses=False),
)


def find_program(name: str) -> str | None:
    """Where a program is: in the venv for peers below bench/data, or on the path."""
    own = DATA / "peers" / "bin" / name
    return str(own) if own.exists() else shutil.which(name)


def build_commands(capture: Path, wireproof: list[str], without: list[str]) -> dict[str, list[str]]:
    """The command of wireproof and of every peer that is there, in table order."""
    commands: dict[str, list[str]] = {}
    if wireproof:
        commands[WIREPROOF] = [*wireproof, "check", str(capture), "--format", "json", "--output", "/dev/null"]
    else:
        say("wireproof: skipped, not installed")
    for peer in PEERS:
        program = find_program(peer.command[0])
        if peer.command[0] in without:
            continue
        if program is None:
            say(f"{peer.name}: skipped, not installed ({peer.comes_from})")
            continue
        commands[peer.name] = [program, *peer.command[1:], str(capture)]
    return commands


def main() -> None:
    """Parse the command line and compare on every capture."""
    parser = argparse.ArgumentParser(description="Compare wireproof check with other programs.")
    parser.add_argument("captures", nargs="*", type=Path, help="default: the three of bench/data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--without", action="append", default=[], metavar="PROGRAM", help="leave a program out")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    given = parser.parse_args()
    captures = given.captures or [DATA / name for name in DEFAULT_CAPTURES]
    if missing := [str(path) for path in captures if not path.exists()]:
        raise BenchError(f"no such capture: {', '.join(missing)}; traffic.py makes them")
    wireproof = find_wireproof(given.wireproof)
    for capture in captures:
        costs = take_turns(build_commands(capture, wireproof, given.without), given.rounds)
        size = f"{count_packets(capture):,} packets, {capture.stat().st_size / 1e6:,.0f} MB"
        title = f"## Whole processes, {capture.stem}\n\n{size}. {describe_machine()}."
        write_section(given.results, f"run {capture.stem}", f"{title}\n\n{render_costs(costs, WIREPROOF)}")


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"run.py: {error}")
