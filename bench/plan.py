"""Shows how long `wireproof plan` needs to plan and verify a site, and how that grows with stations and servers.

Takes sizes; writes one site file each, runs the whole command on them in turns, and gives a Markdown table each series. The
largest is 1,000 stations, 12 entry points and 384 servers. The last column is the exponent between a row and the one before.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harness import (
    RESULTS,
    BenchError,
    Cost,
    describe_machine,
    find_wireproof,
    render_table,
    spread,
    take_turns,
    write_section,
)

SUBNETS = 20
"""Networks that stations are spread over."""
SERIES = {
    "stations": [(125, 12, 32), (250, 12, 32), (500, 12, 32), (1000, 12, 32)],
    "servers": [(1000, 12, 4), (1000, 12, 8), (1000, 12, 16), (1000, 12, 32)],
    "entry points": [(1000, 3, 32), (1000, 6, 32), (1000, 12, 32)],
}


@dataclass(frozen=True, slots=True)
class Size:
    """What a site holds; `members` are the servers of each entry point."""

    stations: int
    entry_points: int
    members: int

    @property
    def servers(self) -> int:
        """Servers in all."""
        return self.entry_points * self.members

    @property
    def name(self) -> str:
        """A file name."""
        return f"site-{self.stations}-{self.entry_points}-{self.members}.yaml"


def write_site(size: Size) -> str:
    """A multisite deployment with balanced entry points around one router, and stations in networks of their own."""
    return "\n".join(_lines(size)) + "\n"


def _lines(size: Size) -> Iterator[str]:
    subnets = min(SUBNETS, size.stations)
    yield from ("site: benchmark", "intranet: native-ipv6", "domain: corp.example", "networks:")
    for entry in range(size.entry_points):
        yield f'  - {{name: site{entry}, ipv6: ["2001:db8:{0x100 + entry:x}::/64"]}}'
    for subnet in range(subnets):
        yield f'  - {{name: desk{subnet}, ipv6: ["2001:db8:{0x200 + subnet:x}::/64"]}}'
    yield from ("routers:", "  - name: WAN", "    forwards-ipv6: true", "    adapters:")
    for entry in range(size.entry_points):
        yield f'      - {{name: s{entry}, network: site{entry}, ipv6: ["2001:db8:{0x100 + entry:x}::1/64"]}}'
    for subnet in range(subnets):
        yield f'      - {{name: d{subnet}, network: desk{subnet}, ipv6: ["2001:db8:{0x200 + subnet:x}::1/64"]}}'
    yield "    routes:"
    for entry, member in itertools.product(range(size.entry_points), range(size.members)):
        yield f'      - {{prefix: "{_clients(entry, member)}", next-hop: "{_server(entry, member)}"}}'
    yield "entry-points:"
    for entry in range(size.entry_points):
        yield from _entry_point(size, entry)
    yield "stations:"
    for station in range(size.stations):
        subnet = station % subnets
        start = f"2001:db8:{0x200 + subnet:x}::"
        address = f"{start}{0x1000 + station:x}/64"
        yield f'  - {{name: desk-{station}, adapter: {{name: Ethernet, network: desk{subnet}, ipv6: ["{address}"], gateway: "{start}1"}}}}'
    yield from ("expect:", "  - {from: stations, to: {entry-point: entry0}, port: tcp/3389}")


def _entry_point(size: Size, entry: int) -> Iterator[str]:
    balanced = size.members > 1
    yield f"  - name: entry{entry}"
    yield f"    balancing: {'external' if balanced else 'none'}"
    yield "    organisation-prefix: 2001:db8::/32"
    yield f'    ip-https-prefix: "2001:db8:{0x1000 + entry:x}::/{59 if balanced else 64}"'
    yield "    servers:"
    for member in range(size.members):
        yield f"      - name: da-{entry}-{member}"
        yield f'        internal: {{name: Corpnet, network: site{entry}, ipv6: ["{_server(entry, member)}/64"], gateway: "2001:db8:{0x100 + entry:x}::1"}}'
        yield "        external: {name: Internet}"
        yield f'        ip-https-prefix: "{_clients(entry, member)}"'


def _server(entry: int, member: int) -> str:
    return f"2001:db8:{0x100 + entry:x}::{0x10 + member:x}"


def _clients(entry: int, member: int) -> str:
    return f"2001:db8:{0x1000 + entry:x}:{member:x}::/64"


def render_series(sizes: list[Size], costs: dict[str, list[Cost]], against: str) -> str:
    """The table of a series."""
    rows = []
    before: tuple[int, float] | None = None
    for size in sizes:
        if not (runs := costs.get(size.name)):
            raise BenchError(f"`wireproof plan` failed on {size.name}")
        amount, wall = getattr(size, against.replace(" ", "_")), median(run.wall for run in runs)
        slope = f"{math.log(wall / before[1]) / math.log(amount / before[0]):.2f}" if before else ""
        figures = (f"{size.stations:,}", str(size.entry_points), f"{size.servers:,}")
        rows.append((*figures, spread([run.wall for run in runs], 2), f"{median(run.peak for run in runs):.0f}", slope))
        before = (amount, wall)
    return render_table(("stations", "entry points", "servers", "wall s", "peak MiB", f"exponent in {against}"), rows)


def main() -> None:
    """Parse the command line and measure every series."""
    parser = argparse.ArgumentParser(description="Time and growth of `wireproof plan`.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    parser.add_argument(
        "--site", type=int, nargs=3, metavar=("STATIONS", "ENTRIES", "MEMBERS"), help="print one site file and stop"
    )
    given = parser.parse_args()
    if given.site:
        sys.stdout.write(write_site(Size(*given.site)))
        return
    wireproof = find_wireproof(given.wireproof)
    if not wireproof:
        raise BenchError("wireproof is not installed")
    with tempfile.TemporaryDirectory() as folder:
        for against, made in SERIES.items():
            sizes = [Size(*figures) for figures in made]
            for size in sizes:
                (Path(folder) / size.name).write_text(write_site(size), encoding="utf-8")
            commands = {
                size.name: [*wireproof, "plan", "--format", "json", str(Path(folder) / size.name)] for size in sizes
            }
            table = render_series(sizes, take_turns(commands, given.rounds), against)
            write_section(
                given.results,
                f"plan {against}",
                f"## `wireproof plan`: growth in {against}\n\n{describe_machine()}.\n\n{table}",
            )


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"plan.py: {error}")
