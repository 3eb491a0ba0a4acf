"""Fuzz the decoder and the conversation pass: python fuzz/decode.py SECONDS [CAPTURE ...]

Holds one invariant: any bytes of any link type give rows whose offsets, codes and counts are sound; never an exception.
Seeds are frames made here, and those of the captures named. Uses atheris where it is installed, else mutates at random;
the frames that broke it are written to fuzz-decode-failure.pcap.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.driver import drive, mutate_for  # noqa: E402  the repository has to be on the path first
from tests.support.files import Frame, write_pcap  # noqa: E402  the repository has to be on the path first
from tests.support.packets import (  # noqa: E402
    GRE,
    LINK_TYPES,
    MPLS,
    TCP,
    Ethernet,
    IPv4,
    IPv6,
    PPPoE,
    echo,
    fragment_v4,
    fragment_v6,
    hop_by_hop,
    mss,
    null,
    ppp,
    qinq,
    radiotap,
    sack,
    six_in_four,
    sll,
    sll2,
    teredo,
    timestamps,
    too_big,
    vxlan,
    wlan_data,
    wscale,
)
from tests.support.tables import check_sound, decode  # noqa: E402
from wireproof.capture import open_capture  # noqa: E402

FAILURE = Path("fuzz-decode-failure.pcap")
INTERESTING = (0, 1, 4, 5, 6, 0x11, 0x2C, 0x3C, 0x40, 0x45, 0x60, 0x7F, 0x80, 0xFF)
FRAMES_OF_A_CAPTURE = 200
LONGEST_FRAME = 2000
Seed = tuple[int, bytes]
Made = tuple[int, list[Frame]]


def make_seeds() -> list[Seed]:
    """Frames that between them have every header that is read: link type and bytes."""
    macs = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    options = mss(1460) + wscale(7) + timestamps(1, 2) + sack((5, 9), (20, 30))
    v4 = IPv4(
        "10.0.0.1", "10.0.0.2", TCP(1099, 80, 7, 9, "SA", options=options, payload=b"hello"), options=b"\x94\4\0\0"
    )
    v6 = IPv6("2001:db8::1", "2001:db8::2", TCP(1099, 80, 7, 9, "PA", payload=b"hello"), extensions=(hop_by_hop(),))
    frame = Ethernet(*macs, v4)
    uppers = [
        six_in_four(v6),
        GRE(v4, key=5),
        GRE(frame),
        vxlan(9, 7, frame),
        teredo(9, v6, (1, "10.9.9.9")),
        echo(7, 1),
    ]
    packets = [v4, v6, *(IPv4("10.0.0.3", "10.0.0.4", upper) for upper in uppers)]
    packets += [IPv4("10.0.0.5", "10.0.0.1", too_big(v4, 1400)), IPv6("::5", "::1", too_big(v6, 1280))]
    packets += [*fragment_v4(v4, 16), *fragment_v6(v6, 16, 5)]
    wrapped = [frame, *(Ethernet(*macs, kind) for kind in (qinq(1, 2, v4), MPLS((1, 2), v6), PPPoE(1, v4)))]
    seeds = [(LINK_TYPES["raw"], bytes(packet)) for packet in packets]
    seeds += [(LINK_TYPES["ethernet"], bytes(each)) for each in wrapped]
    for name, data in (("ppp", ppp(v4)), ("null", null(v6)), ("sll", sll(v4, macs[0])), ("sll2", sll2(v6, macs[0]))):
        seeds.append((LINK_TYPES[name], data))
    return [*seeds, (LINK_TYPES["wlan"], wlan_data(v4, qos=True)), (LINK_TYPES["radiotap"], radiotap(wlan_data(v6)))]


def read_seeds(path: Path) -> list[Seed]:
    """The first frames of a capture."""
    with open_capture(path) as capture:
        seeds = []
        for batch in capture.batches():
            for place in range(batch.count):
                start = int(batch.position[place])
                data = bytes(batch.data[start : start + min(int(batch.captured[place]), LONGEST_FRAME)])
                seeds.append((int(capture.link_types[batch.interface[place]]), data))
            if len(seeds) >= FRAMES_OF_A_CAPTURE:
                break
    return seeds[:FRAMES_OF_A_CAPTURE]


def check(link_type: int, frames: list[Frame]) -> None:
    """Decode and follow frames; raises what must never be raised."""
    check_sound(*decode(frames, link_type, in_batches_of=3))


def mutate(data: bytearray, random_: random.Random, seeds: list[Seed]) -> None:
    """Change a frame in one place."""
    at = random_.randrange(len(data) + 1)
    kind = random_.randrange(6)
    if kind == 0 and data:
        data[at % len(data)] ^= 1 << random_.randrange(8)
    elif kind == 1 and data:
        data[at % len(data)] = random_.choice(INTERESTING)
    elif kind == 2:
        del data[at : at + random_.randrange(1, 16)]
    elif kind == 3:
        data[at:at] = random_.randbytes(random_.randrange(1, 16))
    elif kind == 4:
        other = random_.choice(seeds)[1]
        data[at:] = other[random_.randrange(len(other) + 1) :]
    else:
        del data[at:]


def make_frames(random_: random.Random, seeds: list[Seed]) -> Made:
    """A few mutated frames of one link type, with lengths and times that need not fit."""
    link_type, first = random_.choice(seeds)
    frames = []
    for _ in range(random_.randrange(1, 8)):
        data = bytearray(first if random_.random() < 0.7 else random_.choice(seeds)[1])
        for _ in range(random_.randrange(4)):
            mutate(data, random_, seeds)
        original = random_.choice((0, len(data), len(data) + 40, random_.randrange(2**32)))
        frames.append(Frame(random_.randrange(-(2**62), 2**62), bytes(data), original))
    return link_type, frames


def keep(made: Made) -> None:
    """Write down frames that broke it."""
    link_type, frames = made
    write_pcap(FAILURE, [frame._replace(time_ns=0) for frame in frames], link_type=link_type)


def check_bytes(data: bytes) -> None:
    """One input of atheris: two bytes of link type, then frames, each behind a byte that says how long it is."""
    link_type, frames, at = int.from_bytes(data[:2], "little"), [], 2
    while at < len(data):
        frames.append(Frame(at, data[at + 1 : at + 1 + data[at]], data[at] + 3))
        at += 1 + data[at]
    check(link_type, frames)


def main() -> None:
    """Fuzz for the seconds named first, with frames of the captures named after them as further seeds."""
    seeds = make_seeds()
    for name in sys.argv[2:]:
        seeds += read_seeds(Path(name))
    run = partial(
        mutate_for, make=lambda random_: make_frames(random_, seeds), read=lambda made: check(*made), keep=keep
    )
    drive(check_bytes, run, f"groups of frames checked, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
