"""Fuzz the whole of `wireproof check`: python fuzz/check.py SECONDS [CAPTURE ...]

Holds one invariant: whatever the bytes of one or two captures are, every rule and every report format gets to its end, or the
input is refused with a WireproofError. Seeds are the captures of the example cases, and those named. Mutates at random, in
the bytes of frames more often than between them; the captures that broke it are written to fuzz-check-failure-N.bin.
"""

from __future__ import annotations

import gzip
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.capture import mutate  # noqa: E402  the repository has to be on the path first
from fuzz.driver import mutate_for, seconds_named  # noqa: E402  the repository has to be on the path first
from tests.cases import d3_delayed_ack, d4_smtp_mss, d8_arp_burst, d10_nlb, d17_keepalive  # noqa: E402
from wireproof.analyse import analyse  # noqa: E402
from wireproof.errors import WireproofError  # noqa: E402
from wireproof.report.as_html import render_html  # noqa: E402
from wireproof.report.as_json import render_json  # noqa: E402
from wireproof.report.as_markdown import render_markdown  # noqa: E402
from wireproof.report.as_sarif import render_sarif  # noqa: E402
from wireproof.report.as_text import render_text  # noqa: E402
from wireproof.report.outline import outline  # noqa: E402

CASES = (d3_delayed_ack, d4_smtp_mss, d8_arp_burst, d10_nlb, d17_keepalive)
FAILURES = "fuzz-check-failure-{}.bin"
LONGEST_SEED = 60_000
TOO_LONG_S = 20


def check(paths: list[str]) -> None:
    """Check captures and render the report in every format; raises what must never be raised."""
    started = time.monotonic()
    try:
        report = analyse(paths)
    except WireproofError:
        return
    with report:
        made = outline(report.case, report.verdicts)
        broken = [note for note in made.notes if "please report it" in note]
        assert not broken, broken
        for render in (render_text, render_json, render_markdown, render_sarif):
            render(made)
        render_html(made, report.case)
    assert time.monotonic() - started < TOO_LONG_S, "checking took too long"


def make_seeds(files: list[str]) -> list[bytes]:
    """Short captures of known cases, and the files named as far as they are short."""
    seeds = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [path for case in CASES for path in case.build(Path(folder)).values()]
        for path in [*paths, *map(Path, files)]:
            data = path.read_bytes()
            data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
            if len(data) <= LONGEST_SEED:
                seeds.append(data)
    return seeds


def distorted(seed: bytes, random_: random.Random, seeds: list[bytes]) -> bytes:
    """A capture changed in a few places: mostly single bytes, which leave its records standing."""
    data = bytearray(seed)
    for _ in range(random_.randrange(0, 24)):
        if data and random_.random() < 0.9:
            data[random_.randrange(len(data))] = random_.choice(
                (0, 1, 2, 4, 0x10, 0x7F, 0x80, 0xFF, random_.randrange(256))
            )
        else:
            mutate(data, random_, seeds)
    return bytes(data)


def make(random_: random.Random, seeds: list[bytes]) -> list[bytes]:
    """A mutation of one of the seeds, half of the time beside another one of it."""
    seed = random_.choice(seeds)
    return [distorted(seed, random_, seeds) for _ in range(random_.choice((1, 2)))]


def write(captures: list[bytes], form: str) -> list[str]:
    """Write captures to files, each with its number in `form`; gives the paths."""
    paths = [form.format(turn) for turn in range(len(captures))]
    for path, data in zip(paths, captures, strict=True):
        Path(path).write_bytes(data)
    return paths


def main() -> None:
    """Fuzz for the seconds named first, with the captures named after them as further seeds."""
    seconds = seconds_named()
    seeds = make_seeds(sys.argv[2:])
    with tempfile.TemporaryDirectory() as folder:
        runs = mutate_for(
            seconds,
            make=lambda random_: make(random_, seeds),
            read=lambda captures: check(write(captures, f"{folder}/point{{}}.pcap")),
            keep=lambda captures: write(captures, FAILURES),
        )
    print(f"{runs} cases checked, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
