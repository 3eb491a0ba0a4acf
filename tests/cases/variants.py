"""The cases D1, D6, D14 and D16 in other dress: other addresses, IPv6, NAT, clocks, joined segments, noise, file forms.

Each story is simulated anew over a path that a `Twist` bends; what must be concluded is known from the simulation. Use
`VARIANTS[name](folder)`, which writes the captures and gives a `Built`: paths by point, and what a report must contain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from examples.files import SECOND, Frame
from examples.filler import dns_answer, dns_question
from examples.packets import TCP
from tests.support.files import write_capture, write_pcap
from tests.support.middleboxes import ClampMss, ForgeReset, Lose, SourceNat, TargetNat
from tests.support.path import Link, Packet, Part, Point, World, wire_size
from tests.support.talk import Ask, Close, Host, Send, Stack, Step, Talk

HOURS_AHEAD_S, DRIFT_PPM = 5 * 3600.0 + 17.4, 50.0
FORMS = ("pcapng", "pcapng.gz", "pcap", "pcap-ns-big-endian")


@dataclass(frozen=True, slots=True)
class Twist:
    """What is other than in the article.

    `window_s` bounds the far capture in true time; `snap_length` cuts both; `middle` adds a third capture between the
    near end and the fault.
    """

    v6: bool = False
    nat: bool = False
    skewed: bool = False
    merged: bool = False
    noise: bool = False
    middle: bool = False
    form: str = "pcapng"
    snap_length: int = 0
    window_s: tuple[float, float] = (float("-inf"), float("inf"))

    @property
    def addresses(self) -> tuple[str, str]:
        """Client and server."""
        return ("2001:db8:a::14", "2001:db8:b::50") if self.v6 else ("10.44.1.14", "10.77.2.50")

    @property
    def target(self) -> str:
        """The address that the client connects to."""
        return "203.0.113.50" if self.nat else self.addresses[1]


@dataclass(slots=True)
class Built:
    """A variant's captures and what must be concluded of them.

    `evidence` maps a point to frame numbers that the finding of the first rule must name, `seen_as` a point to (client,
    server) as that point shows them; `facts` are figures of the story. Lost frames outside the far capture's window are
    not in `evidence`: nobody can say that they were lost.
    """

    paths: dict[str, Path]
    rules: tuple[str, ...]
    evidence: dict[str, list[int]] = field(default_factory=dict)
    seen_as: dict[str, tuple[str, str]] = field(default_factory=dict)
    toward: str = ""
    facts: dict[str, float] = field(default_factory=dict)


def bent_path(twist: Twist, names: tuple[str, str], fault: list[Part], each_way_ms: float) -> list[Part]:
    """Near point, link, fault, translation, link, far point."""
    near = Point(names[0], at="client", merge_sent=twist.merged, snap_length=twist.snap_length)
    far = Point(
        names[1],
        at="server",
        near_mac="02:00:00:00:02:01",
        far_mac="02:00:00:00:02:02",
        merge_received=twist.merged,
        snap_length=twist.snap_length,
        offset_s=HOURS_AHEAD_S if twist.skewed else 0.0,
        drift_ppm=DRIFT_PPM if twist.skewed else 0.0,
        from_s=twist.window_s[0],
        to_s=twist.window_s[1],
    )
    nat: list[Part] = []
    if twist.nat:
        nat = [SourceNat("198.51.100.9", first_port=31001), TargetNat(twist.target, twist.addresses[1])]
    half = each_way_ms / 2
    middle: list[Part] = [Point("middle", offset_s=-2.75)] if twist.middle else []
    return [near, Link(half, megabit=1000), *middle, *fault, *nat, Link(half, megabit=1000, hops=4), far]


def hosts(twist: Twist, stack: Stack | None = None) -> tuple[Host, Host]:
    """Client and server of a variant."""
    client = stack or Stack()
    server = replace(client, coalesce_ms=0.1 if twist.merged else 0.0)
    return Host(twist.addresses[0], client, ident=500), Host(twist.addresses[1], server, ident=40000)


def add_noise(world: World, ends: tuple[Host, Host], twist: Twist, until_s: float) -> None:
    """Healthy conversations of the same hosts on other ports, and answered questions for names."""
    steps: list[Step] = [step for _ in range(4) for step in (Send("client", 90, 400), Send("server", 1100, 3))]
    for turn in range(int(until_s // 6)):
        Talk(world, *ends, [*steps, Close("client")], (52000 + turn, 8081), turn * 6.0, target=twist.target)
        if not twist.nat:
            name = f"app{turn}.example.net"
            texts = (dns_question(100 + turn, name), dns_answer(100 + turn, name, "192.0.2.8"))
            Ask(world, *ends, (53000 + turn, 53), texts, turn * 6.0 + 0.5)


def finish(folder: Path, world: World, twist: Twist) -> dict[str, Path]:
    """Run the world and write its captures in the twist's form."""
    return {name: write_form(folder, name, frames, twist) for name, frames in world.captures().items()}


def write_form(folder: Path, name: str, frames: list[Frame], twist: Twist) -> Path:
    """One capture in one of `FORMS`."""
    if twist.form.startswith("pcapng"):
        return write_capture(folder / f"{name}.{twist.form}", frames, twist.snap_length)
    fine = twist.form != "pcap"
    path = folder / f"{name}.pcap"
    return write_pcap(path, frames, nanoseconds=fine, order=">" if fine else "<", snap_length=twist.snap_length)


def near_point(world: World) -> Point:
    """The capture point at the client."""
    part = world.parts[0]
    assert isinstance(part, Point)
    return part


def sides(world: World, twist: Twist, names: tuple[str, str], ports: tuple[int, int]) -> dict[str, tuple[str, str]]:
    """The conversation as both points show it."""
    near = (joined(twist.addresses[0], ports[0]), joined(twist.target, ports[1]))
    outside = (twist.addresses[0], ports[0])
    for part in world.parts:
        outside = part.translated(*outside) if isinstance(part, SourceNat) else outside
    far = (joined(*outside), joined(twist.addresses[1], ports[1]))
    return {names[0]: near, names[1]: far}


def joined(address: str, port: int) -> str:
    """`address:port` as reports write it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def visible(twist: Twist, dropped: list[tuple[int, Packet]]) -> list[Packet]:
    """Dropped packets that the far capture would have held, had they arrived."""
    first_s, last_s = twist.window_s
    return [packet for time_ns, packet in dropped if first_s * SECOND <= time_ns <= last_s * SECOND]


def black_hole(folder: Path, twist: Twist) -> Built:
    """As D1: a full-size segment and its repeats vanish, smaller ones pass; the server resets after 130 s."""
    names, ports = ("client", "server"), (49152, 80)
    limit = 1480
    fault = Lose(lambda packet, upward, seen: upward and wire_size(packet) > limit)
    world = World(bent_path(twist, names, [fault], 16))
    ends = hosts(twist, Stack(min_rto_ms=2800.0))
    request = b"POST /request HTTP/1.1\r\nHost: a\r\nContent-Length: 2046\r\nX: "
    steps = [Send("client", request.ljust(277, b"p") + b"\r\n\r\n"), Send("client", 2046, 0.0)]
    start_s = 6.2 if twist.noise else 0.0
    talk = Talk(world, *ends, steps, ports, start_s, target=twist.target)
    talk.reset_at("server", 130.0)
    if twist.noise:
        add_noise(world, ends, twist, 130.0)
    paths = finish(folder, world, twist)
    lost = near_point(world).frame_numbers(visible(twist, fault.dropped))
    facts = {"lost_packets": float(len(visible(twist, fault.dropped))), "passed_bytes": 586.0}
    rules = ("path-loss", "path-mtu-blackhole")
    return Built(paths, rules, {"client": lost}, sides(world, twist, names, ports), "server", facts)


def forged_reset(folder: Path, twist: Twist) -> Built:
    """As D6: SYNs unanswered at the Edge, answered at the Front End, and reset there by somebody between."""
    names, ports = ("edge", "frontend"), (50357, 5061)
    world = World(bent_path(twist, names, [ForgeReset(port=5061, ttl=64 if twist.noise else 255)], 0.6))
    ends = hosts(twist, Stack(initial_rto_ms=3000.0, syn_retries=2))
    Talk(world, *ends, [Send("client", 500)], ports, 3.0, target=twist.target)
    if twist.noise:
        add_noise(world, ends, twist, 40.0)
    paths = finish(folder, world, twist)
    far = world.parts[-1]
    assert isinstance(far, Point)
    forged = [number for number, row in enumerate(far.rows(), start=1) if segment_flags(row[1], 5061) == "RA"]
    syns = [
        number for number, row in enumerate(near_point(world).rows(), start=1) if segment_flags(row[1], 5061) == "S"
    ]
    rules = ("path-forged-reset", "tcp-syn-unanswered", "path-header-rewritten")
    return Built(paths, rules, {"frontend": forged, "edge": syns}, sides(world, twist, names, ports), "", {"syns": 3.0})


def segment_flags(packet: Packet, port: int) -> str:
    """The flags of a segment to a port, or nothing."""
    segment = packet.upper
    return segment.flags if isinstance(segment, TCP) and segment.target == port else ""


def vanishing_syns(folder: Path, twist: Twist) -> Built:
    """As D14: SYNs to port 443 leave the client in several tries, and none arrives at the server."""
    names, ports = ("client", "server"), (54007, 443)
    fault = Lose(lambda packet, upward, seen: segment_flags(packet, 443) == "S")
    world = World(bent_path(twist, names, [fault], 30))
    ends = hosts(twist, Stack(initial_rto_ms=3000.0, syn_retries=2))
    for turn in range(4):
        Talk(world, *ends, [Send("client", 100)], (ports[0] + turn, 443), 5.0 + 25.0 * turn, target=twist.target)
    add_noise(world, ends, twist, 110.0)
    paths = finish(folder, world, twist)
    lost = near_point(world).frame_numbers(visible(twist, fault.dropped))
    return Built(
        paths, ("path-loss", "tcp-syn-unanswered"), {"client": lost}, {}, "server", {"lost_packets": float(len(lost))}
    )


def far_away(folder: Path, twist: Twist) -> Built:
    """As D16: many small questions over a path of 89 ms; each end sees the other as slow, the path is the cause.

    The lowered MSS shows only where both captures hold the handshake.
    """
    names, ports = ("client", "server"), (46739, 1433)
    world = World(bent_path(twist, names, [ClampMss(1380)], 44.5))
    ends = hosts(twist, Stack(timestamps=True))
    steps: list[Step] = []
    for turn in range(60):
        steps += [Send("client", 900 if turn % 2 else 45, 1.3), Send("server", 470 if turn % 2 else 26, 0.4)]
    Talk(world, *ends, [*steps, Close("client")], ports, target=twist.target)
    if twist.noise:
        add_noise(world, ends, twist, 10.0)
    paths = finish(folder, world, twist)
    rules: tuple[str, ...] = ("path-latency",) if twist.window_s[0] > 0 else ("path-latency", "path-header-rewritten")
    return Built(paths, rules, {}, sides(world, twist, names, ports), "", {"rtt_ms": 89.0, "round_trips": 60.0})


STORIES: dict[str, Callable[[Path, Twist], Built]] = {
    "black_hole": black_hole,
    "forged_reset": forged_reset,
    "vanishing_syns": vanishing_syns,
    "far_away": far_away,
}
TWISTS: dict[str, Twist] = {
    "other_addresses": Twist(),
    "ipv6": Twist(v6=True),
    "nat": Twist(nat=True),
    "skewed_clock": Twist(skewed=True, noise=True),
    "merged": Twist(merged=True),
    "noise": Twist(noise=True),
    "nanosecond_big_endian": Twist(form="pcap-ns-big-endian"),
    "cut_at_96": Twist(form="pcap", snap_length=96),
    "partial_overlap": Twist(noise=True, window_s=(2.0, 70.0)),
    "third_point": Twist(middle=True, noise=True),
    "all_at_once": Twist(nat=True, skewed=True, merged=True, noise=True, middle=True, form="pcapng.gz", snap_length=96),
}


def dressed(story: Callable[[Path, Twist], Built], twist: Twist, folder: Path) -> Built:
    """A story in a folder, with a twist."""
    return story(folder, twist)


VARIANTS: dict[str, Callable[[Path], Built]] = {
    f"{story}-{name}": partial(dressed, build, twist)
    for story, build in STORIES.items()
    for name, twist in TWISTS.items()
}
"""All of them: each story with each twist, as `black_hole-ipv6`."""
