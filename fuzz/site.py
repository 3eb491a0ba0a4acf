"""Fuzz the reader of site files: python fuzz/site.py SECONDS [SITE.yaml ...]

Holds one invariant: any bytes give a site whose prefixes can be derived, or SiteError with file and line in every
problem; never another exception, and never more time than a text of that size may take. Seeds are the shipped examples,
and the files named. Uses atheris where it is installed, else mutates at random; the bytes that broke it are written to
fuzz-site-failure.yaml.
"""

from __future__ import annotations

import random
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.driver import drive, mutate_for  # noqa: E402  the repository has to be on the path first
from wireproof.directaccess.addresses import derive_prefixes  # noqa: E402  the repository has to be on the path first
from wireproof.directaccess.site.read import read_site_bytes  # noqa: E402
from wireproof.errors import SiteError  # noqa: E402

FAILURE = Path("fuzz-site-failure.yaml")
TOO_LONG_S = 10
WORDS = [
    b"::", b"/0", b"/59", b"/129", b"0", b"255.255.255.255", b"fd00::1", b"2002::/16", b"&a ", b"*a", b"<<: ", b"!!python/object ", b"- ", b": ",
    b"{", b"}", b"[", b"]", b"|\n", b">\n", b"\t", b"\n---\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"~", b"null", b"yes", b"''", b'"', b"%", b"#",
]  # fmt: skip


def read(data: bytes) -> None:
    """Read bytes as a site file; raises what must never be raised."""
    started = time.monotonic()
    try:
        site = read_site_bytes(data, "site.yaml")
        for entry in site.entry_points:
            derive_prefixes(site, entry)
    except SiteError as error:
        if not error.problems or not all(told.startswith("site.yaml") and "\n" not in told for told in error.problems):
            raise AssertionError(f"problems without a place: {error.problems}") from None
    took = time.monotonic() - started
    if took > TOO_LONG_S:
        raise AssertionError(f"{len(data)} bytes took {took:.1f} s")


def mutate(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few lines moved, repeated or left out, and a few words put in."""
    lines = data.splitlines(keepends=True)
    for _ in range(chance.randint(0, 4)):
        first = chance.randrange(len(lines))
        cut = lines[first : first + chance.randint(1, 4)]
        if chance.random() < 0.5:
            del lines[first : first + len(cut)]
        place = chance.randint(0, len(lines))
        lines[place:place] = cut
    changed = bytearray(b"".join(lines))
    for _ in range(chance.randint(0, 4)):
        place = chance.randint(0, len(changed))
        changed[place : place + chance.choice((0, 0, 1, 5))] = chance.choice(WORDS) * chance.choice((1, 1, 1, 50))
    return bytes(changed)


def main() -> None:
    """Fuzz for the seconds named first, with the files named after them as further seeds."""
    files = [*sorted((ROOT / "examples" / "plan").glob("*.yaml")), *map(Path, sys.argv[2:])]
    seeds = [data for data in (path.read_bytes() for path in files) if data]
    run = partial(
        mutate_for, make=lambda chance: mutate(chance.choice(seeds), chance), read=read, keep=FAILURE.write_bytes
    )
    drive(read, run, f"inputs read, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
