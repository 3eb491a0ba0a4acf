"""Shows how the time of reading application messages grows with their number: TLS handshakes, DNS lookups and HTTP requests.

Makes captures of N exchanges, a third of each kind, from the bytes of a real handshake; gives a Markdown table. `check` judges by all
rules, `show --messages all` decodes every message of every protocol. The last column is the exponent between a row and the one before:
1.0 is linear.
"""

from __future__ import annotations

import argparse
import itertools
import math
import ssl
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from harness import (
    DATA,
    RESULTS,
    BenchError,
    Cost,
    count_packets,
    describe_machine,
    find_wireproof,
    render_table,
    spread,
    take_turns,
    write_section,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import contextlib

from examples.filler import dns_answer, dns_question
from examples.packets import TCP, UDP, Ethernet, IPv4
from tests.support.tls_handshakes import SERVER as CERTIFICATE
from tests.support.tls_handshakes import load

EXCHANGES = (25_000, 50_000, 100_000)
SMALL = 300
SEGMENT = 1448
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
WEB, NAMES = "192.0.2.80", "10.3.0.53"
Line = tuple[bool, bytes]
"""Whether the client says it, and what."""


def handshake() -> list[Line]:
    """A TLS 1.2 handshake, one request, one answer and the ends, as OpenSSL speaks them."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    load(server, CERTIFICATE)
    pipes = [ssl.MemoryBIO() for _ in range(4)]
    near = client.wrap_bio(pipes[0], pipes[1], server_hostname="www.example.com")
    far = server.wrap_bio(pipes[2], pipes[3], server_side=True)
    lines: list[Line] = []

    def move(by_client: bool) -> None:
        data = pipes[1 if by_client else 3].read()
        if data:
            lines.append((by_client, data))
            pipes[2 if by_client else 0].write(data)

    for _ in range(4):
        for by_client, end in ((True, near), (False, far)):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
            move(by_client)
    near.write(b"GET /index.html HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
    move(by_client=True)
    far.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + bytes(2000))
    move(by_client=False)
    return lines


def web_lines(number: int) -> list[Line]:
    """One HTTP request and its answer."""
    asked = f"GET /item/{number} HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
    told = f"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: 1200\r\n\r\n{'x' * 1200}"
    return [(True, asked.encode()), (False, told.encode())]


def talk(number: int, port: int, lines: Sequence[Line]) -> Iterator[bytes]:
    """The frames of one connection, from SYN to FIN."""
    client = f"10.{1 + number // 50_000 % 200}.{number // 250 % 200}.{1 + number % 250}"
    source = 1025 + number % 60_000
    at = {True: 1000 + number, False: 9000 + number}

    def frame(by_client: bool, flags: str, payload: bytes = b"") -> bytes:
        ends = ((client, WEB), (source, port)) if by_client else ((WEB, client), (port, source))
        segment = TCP(*ends[1], at[by_client], at[not by_client] if flags != "S" else 0, flags, payload=payload)
        at[by_client] += segment.length
        return bytes(Ethernet(*(MACS if by_client else MACS[::-1]), IPv4(*ends[0], segment)))

    yield from (frame(True, "S"), frame(False, "SA"), frame(True, "A"))
    for by_client, data in lines:
        for start in range(0, len(data), SEGMENT):
            yield frame(by_client, "PA", data[start : start + SEGMENT])
        yield frame(not by_client, "A")
    yield from (frame(True, "FA"), frame(False, "FA"), frame(True, "A"))


def lookup(number: int) -> Iterator[bytes]:
    """A DNS question and its answer."""
    client, source, name = (
        f"10.4.{number // 250 % 200}.{1 + number % 250}",
        1025 + number % 60_000,
        f"host{number}.example.com",
    )
    ident = number % 65_536
    yield bytes(Ethernet(*MACS, IPv4(client, NAMES, UDP(source, 53, dns_question(ident, name)))))
    yield bytes(Ethernet(*MACS[::-1], IPv4(NAMES, client, UDP(53, source, dns_answer(ident, name, "192.0.2.80")))))


def write_exchanges(path: Path, exchanges: int) -> None:
    """A capture of so many exchanges, 1 ms apart."""
    secure = handshake()
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        for number in range(exchanges):
            kind, turn = number % 3, number // 3
            frames = (
                lookup(turn) if kind == 0 else talk(turn, 443, secure) if kind == 1 else talk(turn, 80, web_lines(turn))
            )
            for place, frame in enumerate(frames):
                time_us = number * 1000 + place * 20
                file.write(
                    struct.pack(
                        "<IIII", 1_700_000_000 + time_us // 1_000_000, time_us % 1_000_000, len(frame), len(frame)
                    )
                    + frame
                )


def make_captures(data: Path, sizes: Sequence[int]) -> list[Path]:
    """The captures, made where they do not exist."""
    data.mkdir(parents=True, exist_ok=True)
    paths = [data / f"exchanges-{size}.pcap" for size in sizes]
    for path, size in zip(paths, sizes, strict=True):
        if not path.exists():
            write_exchanges(path, size)
    return paths


def render(paths: Sequence[Path], sizes: Sequence[int], small: list[Cost], costs: Sequence[list[Cost]]) -> str:
    """The table of one command."""
    start = median(cost.wall for cost in small)
    works = [median(cost.wall for cost in runs) - start for runs in costs]
    slopes = [""] + [
        f"{math.log(after / before) / math.log(larger / smaller):.2f}" if min(before, after) > 0 else "–"
        for (before, after), (smaller, larger) in zip(itertools.pairwise(works), itertools.pairwise(sizes), strict=True)
    ]
    rows = [
        (
            f"{size:,}",
            f"{count_packets(path):,}",
            spread([cost.wall for cost in runs], 3),
            f"{work / size * 1e6:.1f}",
            f"{median(cost.peak for cost in runs):.0f}",
            slope,
        )
        for path, size, runs, work, slope in zip(paths, sizes, costs, works, slopes, strict=True)
    ]
    return render_table(("exchanges", "packets", "wall s", "µs / exchange", "peak MiB", "exponent in exchanges"), rows)


def main() -> None:
    """Parse the command line, make the captures, measure both commands."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="directory of the captures")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wireproof", help="command that starts wireproof (default: the one installed)")
    parser.add_argument("--exchanges", type=int, action="append", help="sizes instead of 25,000, 50,000 and 100,000")
    parser.add_argument("--results", type=Path, default=RESULTS, help="Markdown file whose section is replaced")
    given = parser.parse_args()
    wireproof = find_wireproof(given.wireproof)
    if not wireproof:
        raise BenchError("wireproof is not installed")
    sizes = sorted(given.exchanges or EXCHANGES)
    small, *paths = make_captures(given.data, (SMALL, *sizes))
    commands = {
        "check": [*wireproof, "check", "--format", "json", "--output", "/dev/null"],
        "show --messages all": [*wireproof, "show", "--messages", "all"],
    }
    for name, command in commands.items():
        costs = take_turns({str(path): [*command, str(path)] for path in (small, *paths)}, given.rounds, slow=120.0)
        if len(costs) <= len(paths):
            raise BenchError(f"{name} failed")
        table = render(paths, sizes, costs[str(small)], [costs[str(path)] for path in paths])
        write_section(
            given.results, f"exchanges {name}", f"## Exchanges: `wireproof {name}`\n\n{describe_machine()}.\n\n{table}"
        )


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        sys.exit(f"exchanges.py: {error}")
