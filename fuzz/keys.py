"""Fuzz the readers of key files: python fuzz/keys.py SECONDS [FILE ...]

Holds one invariant: any bytes give keys that can be computed with, or KeyMaterialError with the file's name; never another exception,
never what a library prints of its own failure, and never more time than a file of that size may take. Seeds are keys of every form made
here, and the files named. Uses atheris where it is installed, else mutates at random; the bytes that broke it are written to
fuzz-keys-failure.bin.
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
from tests.support.keys import (  # noqa: E402  the repository has to be on the path first
    PASSWORD,
    certificate_bytes,
    indefinite,
    log_line,
    old_pfx,
    other_key,
    pfx,
    pfx_of_bags,
    private_bytes,
    rsa_key,
)
from wireproof.decrypt.keys.files import read_keys  # noqa: E402
from wireproof.errors import KeyMaterialError  # noqa: E402

FAILURE = Path("fuzz-keys-failure.bin")
TOO_LONG_S = 10


def read(data: bytes) -> None:
    """Read bytes as a file of keys; raises what must never be raised."""
    started = time.monotonic()
    try:
        found = read_keys(data, "any.key", [PASSWORD])
        for key in found.private_keys:
            assert key.private_numbers().p > 1, "a key without primes"
    except KeyMaterialError as error:
        if not str(error).startswith("any.key "):
            raise AssertionError(f"an error without the file's name: {error}") from None
    assert time.monotonic() - started < TOO_LONG_S, "reading took too long"


def make_seeds() -> list[bytes]:
    """A file of every form."""
    locked = private_bytes(rsa_key(1), pem=False, password=PASSWORD)
    bags = pfx_of_bags([private_bytes(rsa_key(), pem=False), locked])
    seeds = [
        pfx(),
        pfx(""),
        old_pfx(),
        indefinite(pfx("")),
        bags,
        locked,
        log_line() + log_line("CLIENT_TRAFFIC_SECRET_0"),
    ]
    for form in ("PKCS8", "old"):
        seeds += [private_bytes(rsa_key(), form, pem=pem) for pem in (True, False)]
        seeds += [private_bytes(rsa_key(), form, password=PASSWORD), private_bytes(other_key("EC"), form, pem=False)]
        seeds += [private_bytes(other_key("DSA"), form, pem=False)]
    return [*seeds, certificate_bytes() + private_bytes(rsa_key()), certificate_bytes(pem=False)]


def mutate(data: bytearray, chance: random.Random) -> None:
    """Change `data` in one place."""
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(5)
    if kind == 0 and data:
        data[at % len(data)] = chance.randrange(256)
    elif kind == 1 and data:
        data[at % len(data)] ^= 1 << chance.randrange(8)
    elif kind == 2:
        del data[at : at + chance.randrange(1, 20)]
    elif kind == 3:
        data[at:at] = chance.randbytes(chance.randrange(1, 8))
    else:
        data[at:at] = data[at // 2 : at // 2 + chance.randrange(1, 40)]


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """One of the seeds with a few changes."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 6)):
        mutate(data, chance)
    return bytes(data)


def main() -> None:
    """Fuzz for the seconds that the command line names."""
    seeds = [*make_seeds(), *(Path(name).read_bytes() for name in sys.argv[2:])]
    for seed in seeds:
        read(seed)
    run = partial(mutate_for, make=lambda chance: mutated(chance, seeds), read=read, keep=FAILURE.write_bytes)
    drive(read, run, f"files read, seeds: {len(seeds)}")


if __name__ == "__main__":
    main()
