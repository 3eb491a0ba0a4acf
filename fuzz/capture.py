"""Fuzz the capture readers: python fuzz/capture.py SECONDS [FILE ...]

Holds one invariant: any bytes give frames that lie inside their batch, or CaptureFormatError; never another exception,
and never more time than a capture of that size may take. Seeds are small captures made here, and the files named. Uses
atheris where it is installed, else mutates at random; the bytes that broke it are written to fuzz-capture-failure.bin.
"""

from __future__ import annotations

import gzip
import io
import random
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.driver import drive, mutate_for  # noqa: E402  the repository has to be on the path first
from tests.capture.etl.logs import Event, make_log, mixed_logs  # noqa: E402
from tests.support.etl_fields import pack_data  # noqa: E402
from tests.support.files import (  # noqa: E402  the repository has to be on the path first
    Frame,
    Interface,
    decryption_secrets,
    interface_statistics,
    name_resolution,
    pcap_bytes,
    pcapng_bytes,
    simple_packet,
)
from tests.support.netmon_files import Layout, Owner, Record, netmon_bytes  # noqa: E402  the repository has to be on the path first
from wireproof.capture import open_capture  # noqa: E402
from wireproof.capture.etl.reader import EtlReader  # noqa: E402
from wireproof.errors import CaptureFormatError  # noqa: E402
from wireproof.logs.etl_layouts import LAYOUTS  # noqa: E402
from wireproof.logs.etl_log import read_events as read_log  # noqa: E402

FAILURE = Path("fuzz-capture-failure.bin")
INTERESTING = (0, 1, 4, 12, 16, 24, 32, 0xFF, 0xFFFF, 0x4_0000, 0x10_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
LONGEST_SEED = 20_000
TOO_LONG_S = 10
EVERY_EVENT = [
    Event(provider, number, pack_data(layout), version=layout.last)
    for provider, known in LAYOUTS.items()
    for number, layouts in known.items()
    for layout in layouts
]
"""One event of each layout that an ETL log may hold."""


def read(data: bytes) -> None:
    """Read bytes as a capture; raises what must never be raised."""
    started = time.monotonic()
    try:
        with open_capture(io.BytesIO(data)) as capture:
            for batch in capture.batches():
                ends = batch.position[: batch.count].astype("i8") + batch.captured[: batch.count]
                assert ends.max(initial=0) <= len(batch.data), "a frame ends outside its batch"
                assert batch.interface[: batch.count].max(initial=0) < len(capture.link_types), (
                    "a frame of no interface"
                )
            owned = capture.frame_processes
            assert owned.max(initial=-1) < len(capture.processes), "a frame of no process"
            if isinstance(capture, EtlReader):
                read_events(capture)
    except CaptureFormatError:
        pass
    assert time.monotonic() - started < TOO_LONG_S, "reading took too long"


def read_events(capture: EtlReader) -> None:
    """What an ETL log says beside its frames."""
    log = read_log(capture.etl_events(), "fuzz.etl", capture.header.pointer_size)
    assert sum(len(log.line_text(number)) > 0 for number in range(len(log.rows) + 1)) == len(log.rows), (
        "a row without text"
    )
    assert len(list(log.events())) <= len(log.rows)
    assert capture.drops["row"].max(initial=-1) < len(capture.frame_processes), "a drop of no frame"


def make_seeds() -> list[bytes]:
    """Small captures that between them hold every kind of record and block."""
    frames = [Frame(1_700_000_000_000_000_000 + number, bytes([number]) * (40 + number)) for number in range(6)]
    commented = [frame._replace(comment="why") for frame in frames]
    names = name_resolution(bytes([10, 0, 0, 1]), "client") + decryption_secrets(b"CLIENT_RANDOM 0 1\n")
    many = pcapng_bytes(commented, [Interface(resolution=0x94, offset_s=9), Interface(113)], ">") + pcapng_bytes(frames)
    seeds = [pcap_bytes(frames), pcap_bytes(frames, nanoseconds=True, order=">", snap_length=44), many]
    seeds.append(pcapng_bytes(commented, last=names + interface_statistics(0, 6, 1)) + simple_packet(frames[0]))
    seeds += mixed_logs()
    seeds.append(make_log(EVERY_EVENT))
    seeds += make_netmon_seeds()
    return [*seeds, *(gzip.compress(seed) for seed in seeds)]


def make_netmon_seeds() -> list[bytes]:
    """Network Monitor files of every version, one with a table out of order, and one without its end."""
    media = (1, 0xFFFF, 6, 9, 0xFFFE, 0xFFE0)
    records = [Record(bytes([number]) * 50, 999 * number, 60, kind, number % 3) for number, kind in enumerate(media)]
    owners = (Owner("a.exe", 4, bytes(4), 1, bytes(4), 2, b"icon"), Owner("b.exe", 5, bytes(16), 3, bytes(16), 4))
    comments = [(1, "title", "text"), (4, "own", "")]
    layouts = [Layout(2, minor, hole=minor, owners=owners, comments=comments) for minor in range(4)]
    seeds = [netmon_bytes(records, layout) for layout in (Layout(1, 1), *layouts, Layout(order=[5, 3, 1, 0, 2, 4]))]
    return [*seeds, *(seed[:-20] for seed in seeds)]


def mutate(data: bytearray, random_: random.Random, seeds: list[bytes]) -> None:
    """Change `data` in one place."""
    at = random_.randrange(len(data) + 1)
    kind = random_.randrange(6)
    if kind == 0 and data:
        data[at % len(data)] ^= 1 << random_.randrange(8)
    elif kind == 1:
        data[at : at + 4] = random_.choice(INTERESTING).to_bytes(4, random_.choice(("little", "big")))
    elif kind == 2:
        del data[at : at + random_.randrange(1, 64)]
    elif kind == 3:
        data[at:at] = random_.randbytes(random_.randrange(1, 64))
    elif kind == 4:
        other = random_.choice(seeds)
        start = random_.randrange(len(other))
        data[at:at] = other[start : start + random_.randrange(1, 200)]
    else:
        del data[at:]


def mutated(random_: random.Random, seeds: list[bytes]) -> bytes:
    """One of the seeds with a few changes."""
    data = bytearray(random_.choice(seeds))
    for _ in range(random_.randrange(1, 8)):
        mutate(data, random_, seeds)
    return bytes(data)


def main() -> None:
    """Fuzz for the seconds named first, with the files named after them as further seeds."""
    files = [Path(name).read_bytes() for name in sys.argv[2:]]
    seeds = [*make_seeds(), *(data for data in files if 0 < len(data) <= LONGEST_SEED)]
    run = partial(mutate_for, make=lambda random_: mutated(random_, seeds), read=read, keep=FAILURE.write_bytes)
    drive(read, run, f"inputs read, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
