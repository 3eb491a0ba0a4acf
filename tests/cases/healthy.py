"""Healthy traffic, on which no error and no warning may be reported: one builder a capture or pair of captures.

`HEALTHY` maps a name to a function that writes the captures into a folder and gives their paths by point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from examples.files import SECOND, Frame
from examples.filler import Neighbourhood, Station, dns_answer, dns_question, fill_gap
from examples.packets import Ethernet, arp_reply, arp_request
from tests.support.files import write_capture, write_pcap
from tests.support.middleboxes import ClampMss, Lose, ShiftSequence, SourceNat, TargetNat, data_numbers, syn_numbers
from tests.support.packets import ICMPv6, IPv6, echo_v6, pack_address, pack_mac
from tests.support.path import EPOCH_NS, Link, Part, Point, World
from tests.support.talk import Ask, Close, Host, KeepAlive, Reset, Send, Stack, Step, Talk

CLIENT, SERVER = "10.20.0.11", "10.30.0.80"
GIGABIT = 1000.0


def write_points(folder: Path, world: World) -> dict[str, Path]:
    """Run the world and write each point's capture as NAME.pcapng."""
    return {name: write_capture(folder / f"{name}.pcapng", frames) for name, frames in world.captures().items()}


def transaction(count: int, ask: int = 120, give: int = 900, pause_ms: float = 300.0) -> list[Step]:
    """So many questions and answers, then the client closes."""
    steps: list[Step] = []
    for _ in range(count):
        steps += [Send("client", ask, pause_ms), Send("server", give, 4)]
    return [*steps, Close("client", 20)]


def two_points(*between: Part, **options: float | bool) -> list[Part]:
    """A path with a capture on either end; options go to the server's point."""
    return [Point("client", at="client"), *between, Point("server", at="server", **options)]  # type: ignore[arg-type]


def bulk_with_receive_offload(folder: Path) -> dict[str, Path]:
    """A two-megabyte download, captured at the client, whose adapter joins segments."""
    receiver = Stack(coalesce_ms=0.1)
    point = Point("client", at="client", merge_received=True)
    world = World([point, Link(0.2, hops=0, megabit=GIGABIT)])
    Talk(
        world,
        Host(CLIENT, receiver),
        Host(SERVER, ttl=64),
        [Send("client", 200), Send("server", 2_000_000), Close("client")],
    )
    return write_points(folder, world)


def syn_repeated_once(folder: Path) -> dict[str, Path]:
    """The first SYN is lost, the second is answered, the rest is healthy."""
    world = World(two_points(Link(4), Lose(syn_numbers(1)), Link(4)))
    Talk(world, Host(CLIENT), Host(SERVER), transaction(20))
    return write_points(folder, world)


def delayed_acks_without_stall(folder: Path) -> dict[str, Path]:
    """Single small messages acknowledged after 200 ms, while nobody waits for the acknowledgment."""
    steps: list[Step] = [Send("client" if turn % 2 else "server", 60 + turn, 1500) for turn in range(40)]
    world = World([Point("client", at="client"), Link(1)])
    lazy = Stack(delayed_ack_ms=200)
    Talk(world, Host(CLIENT, lazy), Host(SERVER, lazy), [*steps, Close("client", 500)])
    return write_points(folder, world)


def answered_keep_alives(folder: Path) -> dict[str, Path]:
    """An idle session kept alive every minute, ten times, and still usable afterwards."""
    quiet: list[Step] = [KeepAlive("client", 60_000) for _ in range(10)]
    steps = [
        Send("client", 200),
        Send("server", 400),
        *quiet,
        Send("client", 200, 5000),
        Send("server", 50),
        Close("client"),
    ]
    world = World(two_points(Link(3)))
    Talk(world, Host(CLIENT), Host(SERVER), steps)
    return write_points(folder, world)


def reset_after_close(folder: Path) -> dict[str, Path]:
    """Both sides have sent and acknowledged FIN; the client then drops the rest of its state with a reset."""
    world = World(two_points(Link(3)))
    for turn in range(6):
        steps = [*transaction(3)[:-1], Close("client", 20), Reset("client", 60)]
        Talk(world, Host(CLIENT), Host(SERVER), steps, ports=(50100 + turn, 9000), start_s=turn * 0.7)
    return write_points(folder, world)


def small_loss_recovered(folder: Path) -> dict[str, Path]:
    """One segment of three hundred is lost and repeated at once, as on any network."""
    world = World(two_points(Link(8, megabit=100), Lose(data_numbers(False, 120)), Link(2)))
    Talk(world, Host(CLIENT), Host(SERVER), [Send("client", 300), Send("server", 440_000), Close("client")])
    return write_points(folder, world)


def name_asked_twice(folder: Path) -> dict[str, Path]:
    """Thirty names asked and answered; one question is lost, asked again a second later, and answered."""
    world = World([Point("client", at="client"), Link(2)])
    client, server = Host(CLIENT), Host("10.30.0.53", ttl=64)
    for turn in range(30):
        name, repeated = f"www{turn}.example.com", turn == 11
        texts = (dns_question(3000 + turn, name), dns_answer(3000 + turn, name, f"192.0.2.{turn + 1}"))
        again = (1000.0,) if repeated else ()
        Ask(world, client, server, (51000 + turn, 53), texts, 2.0 * turn, again, answer_to=2 if repeated else 1)
    return write_points(folder, world)


def ordinary_arp(folder: Path) -> dict[str, Path]:
    """Requests that are answered, one announcement of a host for itself, and everyday traffic."""
    mac, frames = "00:1b:21:00:00:11", []
    for turn in range(25):
        address, peer = f"10.20.0.{20 + turn}", f"00:1b:21:00:01:{turn:02x}"
        start_ns = EPOCH_NS + turn * 7 * SECOND
        frames.append(Frame(start_ns, bytes(arp_request(mac, CLIENT, address))))
        frames.append(Frame(start_ns + 300_000, bytes(arp_reply(peer, address, mac, CLIENT))))
    frames.append(Frame(EPOCH_NS + 3 * SECOND, bytes(arp_request("00:1b:21:00:01:63", "10.20.0.99", "10.20.0.99"))))
    hood = Neighbourhood(Station(CLIENT, mac), (Station("10.20.0.20", "00:1b:21:00:01:00"),))
    frames.extend(fill_gap(hood, 600, EPOCH_NS, EPOCH_NS + 170 * SECOND))
    return {"client": write_capture(folder / "client.pcapng", sorted(frames))}


def ipv6(folder: Path) -> dict[str, Path]:
    """Sessions over IPv6 with neighbour discovery and an answered echo."""
    world = World(two_points(Link(6, megabit=100)))
    client, server = Host("2001:db8:1::11"), Host("2001:db8:2::80", ttl=64)
    for turn in range(4):
        Talk(world, client, server, transaction(10, give=6000), ports=(50200 + turn, 9000), start_s=turn)
    captures = world.captures()
    captures["client"] = sorted(captures["client"] + neighbours_v6("2001:db8:1::11", "2001:db8:1::1"))
    return {name: write_capture(folder / f"{name}.pcapng", frames) for name, frames in captures.items()}


def neighbours_v6(own: str, router: str) -> list[Frame]:
    """A neighbour solicitation with its advertisement, and an echo with its reply."""
    mac, router_mac = "02:00:00:00:01:01", "02:00:00:00:01:02"
    group, group_mac = "ff02::1:ff00:1", "33:33:ff:00:00:01"
    ask = ICMPv6(135, 0, payload=pack_address(router) + b"\x01\x01" + pack_mac(mac))
    tell = ICMPv6(136, 0, b"\xe0\0\0\0", pack_address(router) + b"\x02\x01" + pack_mac(router_mac))
    rows = (
        Ethernet(mac, group_mac, IPv6(own, group, ask, ttl=255)),
        Ethernet(router_mac, mac, IPv6(router, own, tell, ttl=255)),
        Ethernet(mac, router_mac, IPv6(own, router, echo_v6(7, 1))),
        Ethernet(router_mac, mac, IPv6(router, own, echo_v6(7, 1, reply=True))),
    )
    return [Frame(EPOCH_NS + 1_000_000 + turn * 400_000, bytes(row)) for turn, row in enumerate(rows)]


def nat_with_offloads(folder: Path) -> dict[str, Path]:
    """Uploads through NAT on both sides; both captures show joined segments, and their clocks differ."""
    parts: Sequence[Part] = [
        Point("client", at="client", merge_sent=True),
        Link(3, megabit=GIGABIT),
        SourceNat("198.51.100.7", first_port=23001),
        ClampMss(1380),
        TargetNat("203.0.113.80", SERVER),
        Link(9, megabit=GIGABIT, hops=6),
        Point("server", at="server", merge_received=True, offset_s=3 * 3600.0 + 12.25, drift_ppm=50.0),
    ]
    world = World(parts)
    client, server = Host(CLIENT), Host(SERVER, Stack(coalesce_ms=0.1), ttl=64)
    for turn in range(8):
        steps: list[Step] = [
            Send("client", 90_000, 5),
            Send("server", 300, 20),
            Send("client", 5_000, 400),
            Send("server", 40_000),
            Close("server", 30),
        ]
        Talk(world, client, server, steps, (50300 + turn, 9000), turn * 4.0, target="203.0.113.80")
    return write_points(folder, world)


def captures_that_overlap_partly(folder: Path) -> dict[str, Path]:
    """The server's capture starts twenty seconds late and ends ten seconds early: what lies outside is not lost."""
    world = World(two_points(Link(5), offset_s=-41.0, from_s=20.0, to_s=50.0))
    for turn in range(12):
        Talk(world, Host(CLIENT), Host(SERVER), transaction(12), ports=(50400 + turn, 9000), start_s=turn * 5.0)
    return write_points(folder, world)


def renumbered_by_firewall(folder: Path) -> dict[str, Path]:
    """A firewall randomises sequence numbers: both captures show other numbers, and nothing is wrong."""
    world = World(two_points(Link(2), ShiftSequence(0x6A5B4C3D), Link(2)))
    for turn in range(3):
        Talk(world, Host(CLIENT), Host(SERVER), transaction(15), ports=(50500 + turn, 9000), start_s=turn * 2.0)
    return write_points(folder, world)


def cut_frames(folder: Path) -> dict[str, Path]:
    """Both captures hold 96 bytes of each frame, as classic pcap with microseconds."""
    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    for turn in range(3):
        Talk(world, Host(CLIENT), Host(SERVER), transaction(15, give=5000), ports=(50600 + turn, 9000), start_s=turn)
    captures = world.captures()
    return {name: write_pcap(folder / f"{name}.pcap", frames, snap_length=96) for name, frames in captures.items()}


HEALTHY: dict[str, Callable[[Path], dict[str, Path]]] = {
    build.__name__: build
    for build in (
        bulk_with_receive_offload,
        syn_repeated_once,
        delayed_acks_without_stall,
        answered_keep_alives,
        reset_after_close,
        small_loss_recovered,
        name_asked_twice,
        ordinary_arp,
        ipv6,
        nat_with_offloads,
        captures_that_overlap_partly,
        renumbered_by_firewall,
        cut_frames,
    )
}
