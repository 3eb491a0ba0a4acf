"""Times what a user waits for before any packet counts: `wireproof rules`, and `wireproof check` on 1,000 packets.

Takes the small capture, gives a Markdown table; an empty Python process and the other analysers on the same
capture stand beside it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from harness import (
    DATA,
    RESULTS,
    BenchError,
    describe_machine,
    find_wireproof,
    render_costs,
    say,
    take_turns,
    write_section,
)
from run import PEERS, find_program

EMPTY = "python -c pass"


def build_commands(capture: Path, wireproof: list[str]) -> dict[str, list[str]]:
    """The two commands of wireproof, the empty interpreter, and the peers that analyse too."""
    commands = {EMPTY: [sys.executable, "-c", "pass"]}
    if wireproof:
        commands["wireproof rules"] = [*wireproof, "rules"]
        commands["wireproof check"] = [*wireproof, "check", str(capture), "--format", "json", "--output", "/dev/null"]
    else:
        say("wireproof: skipped, not installed")
    for peer in PEERS:
        if peer.analyses and (program := find_program(peer.command[0])):
            commands[peer.name] = [program, *peer.command[1:], str(capture)]
    return commands


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description="Start-up time of wireproof.")
    parser.add_argument("capture", nargs="?", type=Path, default=DATA / "short-1000.pcap")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    given = parser.parse_args()
    if not given.capture.exists():
        raise BenchError(f"no such capture: {given.capture}; traffic.py --kind short --packets 1000 makes it")
    costs = take_turns(build_commands(given.capture, find_wireproof(given.wireproof)), given.rounds)
    table = render_costs(costs, EMPTY)
    write_section(given.results, "start", f"## Start, 1,000 packets\n\n{describe_machine()}.\n\n{table}")


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"startup.py: {error}")
