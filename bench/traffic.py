"""Makes the benchmark captures from real kernel traffic: `short`, `bulk` and `bulk128`, in any size.

Takes a packet count, gives `.pcap` files. Three network namespaces in a row (client, router, server) carry it; the
router's queue overflows now and then, so the captures hold real loss. Needs root, iproute2, ethtool, tcpdump, editcap
and capinfos; removes the namespaces afterwards. Knows nothing of wireproof.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVER = "10.77.2.2"
CLIENT_LINK, SERVER_LINK = ("10.77.1.2", "10.77.1.1"), (SERVER, "10.77.2.1")
SEGMENT = 1448
DEFAULT_PACKETS = {"short": 1_200_000, "bulk": 1_000_000}
KERNEL_BUFFER_KIB = 512 * 1024
CLIENTS = 2

PACKETS_PER_CONVERSATION = 15

# Measured on these namespaces: what a conversation costs besides its response, and packets per response segment (the
# segment and its share of acknowledgments). Linux acknowledges about the first 16 segments at once.
PACKETS_BESIDE_RESPONSE = 9.0
SEGMENTS_ACKED_AT_ONCE = 16
PACKETS_PER_LATER_SEGMENT = {"short": 1.27, "bulk": 1.1}


class TrafficError(Exception):
    """The traffic could not be made, or the capture is not whole."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One capture to make; `response` is the mean response in bytes."""

    kind: str
    packets: int
    conversations: int
    response: int
    at_once: int

    @classmethod
    def of(cls, kind: str, packets: int, conversations: int) -> Wanted:
        """Choose response size and concurrency so that about `packets` packets come out."""
        segments = (packets / conversations - PACKETS_BESIDE_RESPONSE) / 2
        if segments > SEGMENTS_ACKED_AT_ONCE:
            later = 2 * (segments - SEGMENTS_ACKED_AT_ONCE)
            segments = SEGMENTS_ACKED_AT_ONCE + later / PACKETS_PER_LATER_SEGMENT[kind]
        if segments < 1:
            raise TrafficError(f"{packets} packets are too few for {conversations} conversations")
        at_once = min(conversations // CLIENTS, 100)
        return cls(kind, packets, conversations, int(segments * SEGMENT), at_once)


def run(*command: str) -> None:
    """Run a command that must succeed; its own error text becomes the message."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TrafficError(f"{' '.join(command)}: {done.stderr.strip()}")


def inside(namespace: str) -> tuple[str, ...]:
    """The words that make a command run in a namespace."""
    return ("ip", "netns", "exec", namespace)


def connect(namespace: str, router: str, link: tuple[str, str]) -> None:
    """Join a namespace to the router: `end0` there, an interface named after it in the router; no offload on either."""
    mine, gateway = link
    far = f"to-{namespace.split('-')[1]}"
    run("ip", "link", "add", "name", "end0", "netns", namespace, "type", "veth", "peer", "name", far, "netns", router)
    for where, device, address in ((namespace, "end0", mine), (router, far, gateway)):
        run("ip", "-n", where, "addr", "add", f"{address}/24", "dev", device)
        run("ip", "-n", where, "link", "set", device, "up", "mtu", "1500", "txqueuelen", "10000")
        run(*inside(where), "ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off")
    run("ip", "-n", namespace, "route", "add", "default", "via", gateway)


@contextmanager
def network(rate: str) -> Iterator[tuple[str, str]]:
    """Give the names of the client's and the server's namespace; the router sends to the client at `rate`."""
    client, router, server = (f"wp-{role}-{os.getpid()}" for role in ("client", "router", "server"))
    made: list[str] = []
    try:
        for name in (client, router, server):
            run("ip", "netns", "add", name)
            made.append(name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        connect(client, router, CLIENT_LINK)
        connect(server, router, SERVER_LINK)
        run(*inside(router), "sysctl", "-q", "net.ipv4.ip_forward=1")
        bottleneck = ("tc", "qdisc", "add", "dev", "to-client", "root", "tbf", "rate", rate, "burst", "64k")
        run(*inside(router), *bottleneck, "latency", "1ms")
        for name in (client, server):
            # reno is the one congestion control that every kernel lets a namespace choose.
            run(*inside(name), "sysctl", "-q", "net.ipv4.tcp_congestion_control=reno")
        yield client, server
    finally:
        for name in made:
            run("ip", "netns", "del", name)


@contextmanager
def server_in(namespace: str) -> Iterator[None]:
    """A running server, ready for connections."""
    command = (*inside(namespace), sys.executable, str(HERE / "endpoints.py"), "server", SERVER)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise TrafficError("the server did not start")
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def capture_in(namespace: str, path: Path) -> Iterator[None]:
    """Capture whole packets while the body runs; raises TrafficError when the kernel dropped any."""
    options = ("-i", "end0", "-n", "-s", "0", "-B", str(KERNEL_BUFFER_KIB), "-Z", "root", "-w", str(path))
    process = subprocess.Popen((*inside(namespace), "tcpdump", *options), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        while "listening on" not in (line := process.stderr.readline()):
            if not line:
                raise TrafficError("tcpdump did not start")
        yield
        time.sleep(1.5)
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    dropped = re.search(r"(\d+) packets dropped by kernel", said)
    if dropped is None or int(dropped[1]):
        raise TrafficError(f"{path.name} is not whole: {said.strip()}")


def hold_conversations(namespace: str, wanted: Wanted) -> None:
    """Run the client processes to their end, an equal share each."""
    start = (*inside(namespace), sys.executable, str(HERE / "endpoints.py"), "client", SERVER)
    share = wanted.conversations // CLIENTS
    clients = [
        subprocess.Popen((*start, str(share), str(wanted.at_once), str(wanted.response), str(seed)))
        for seed in range(CLIENTS)
    ]
    codes = [client.wait() for client in clients]
    if any(codes):
        raise TrafficError("a client failed, see its message above")


def make_capture(wanted: Wanted, path: Path, rate: str) -> None:
    """Make one capture at `path`."""
    started = time.monotonic()
    with network(rate) as (client, server), server_in(server), capture_in(server, path):
        hold_conversations(client, wanted)
    seconds = time.monotonic() - started
    print(f"{path}: {count_packets(path):,} packets, {path.stat().st_size:,} bytes, {seconds:.0f} s", flush=True)


def count_packets(path: Path) -> int:
    """Packets in a capture, by capinfos."""
    said = subprocess.run(("capinfos", "-c", "-M", "-T", "-r", str(path)), capture_output=True, text=True, check=True)
    return int(said.stdout.split("\t")[1])


def make_short(out: Path, packets: int, conversations: int | None, rate: str) -> None:
    """Many short conversations: `short-PACKETS.pcap`, with `-CONVERSATIONS` when their number is given."""
    count = conversations or packets // PACKETS_PER_CONVERSATION
    name = f"short-{packets}-{conversations}.pcap" if conversations else f"short-{packets}.pcap"
    make_capture(Wanted.of("short", packets, count), out / name, rate)


def make_bulk(out: Path, packets: int, kinds: list[str], rate: str) -> None:
    """Eight long conversations; `bulk128` is cut from `bulk`, so that both hold the same packets."""
    bulk = out / f"bulk-{packets}.pcap"
    if "bulk" in kinds or not bulk.exists():
        make_capture(Wanted.of("bulk", packets, 8), bulk, rate)
    if "bulk128" in kinds:
        run("editcap", "-F", "pcap", "-s", "128", str(bulk), str(out / f"bulk128-{packets}.pcap"))


def main() -> None:
    """Parse the command line; exit with one line when the traffic can't be made."""
    parser = argparse.ArgumentParser(description="Make benchmark captures from real kernel traffic (needs root).")
    parser.add_argument("out", nargs="?", type=Path, default=HERE / "data", help="directory (default: bench/data)")
    parser.add_argument("--kind", action="append", choices=("short", "bulk", "bulk128"), help="default: all three")
    parser.add_argument(
        "--packets", action="append", type=int, help="about so many (default: 1.2 or 1 million); repeat for a series"
    )
    parser.add_argument("--conversations", type=int, help="short only (default: packets / 15)")
    parser.add_argument("--rate", default="800mbit", help="of the router towards the client; its queue holds 1 ms")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    kinds = given.kind or ["short", "bulk", "bulk128"]
    try:
        for packets in given.packets or [0]:
            if "short" in kinds:
                make_short(given.out, packets or DEFAULT_PACKETS["short"], given.conversations, given.rate)
            if "bulk" in kinds or "bulk128" in kinds:
                make_bulk(given.out, packets or DEFAULT_PACKETS["bulk"], kinds, given.rate)
    except TrafficError as error:
        sys.exit(f"traffic.py: {error}")


if __name__ == "__main__":
    main()
