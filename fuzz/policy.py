"""Fuzz the makers of policies: python fuzz/policy.py SECONDS [FILE ...]

Holds one invariant: any bytes, taken for an installer, a program or a cabinet beside an installer, give rules that can be written in every form, or
PolicyError; never another exception, and never more time or memory than a file of that size may take. Seeds are installers and programs made here, and the
files named. Uses atheris where it is installed, else mutates at random; the bytes that broke it are written to fuzz-policy-failure.bin.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fuzz.driver import drive  # noqa: E402  the repository has to be on the path first
from tests.support.installers import cabinet, cabinet_of, compound, installer  # noqa: E402  the repository has to be on the path first
from tests.support.lzx_packer import pack  # noqa: E402  the repository has to be on the path first
from tests.support.programs import program, sign, version_resource  # noqa: E402  the repository has to be on the path first
from wireproof.policy.applocker import write_policy  # noqa: E402
from wireproof.policy.documents import write_json, write_text  # noqa: E402
from wireproof.policy.model import Choice, Mode, PolicyError  # noqa: E402
from wireproof.policy.restriction import write_registry  # noqa: E402
from wireproof.policy.rules import Wanted, make_rules  # noqa: E402
from wireproof.policy.walk import take_inventory  # noqa: E402

FAILURE = Path("fuzz-policy-failure.bin")
TOO_LONG_S = 10
MORE_KB = 300_000
NAMES = {"k1": "LWAPLU~1.EXE|LWAPlugin.exe", "k2": "readme.txt", "k3": "inner.msi"}
EVERYONE = "S-1-1-0"


def read(data: bytes) -> None:
    """Make policies of these bytes in each role; raises what must never be raised."""
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "any.msi").write_bytes(data)
        (folder / "any.exe").write_bytes(data)
        (folder / "beside.cab").write_bytes(data)
        (folder / "sound.msi").write_bytes(installer(NAMES, external=["beside.cab"]))
        try:
            made = make_rules(take_inventory([folder]), Wanted(Choice.BOTH, libraries=True, scripts=True))
        except PolicyError:
            return
    ET.fromstring(write_policy(made, EVERYONE, Mode.AUDIT))
    write_registry(made.files)
    write_json(made, EVERYONE)
    write_text(made, EVERYONE)
    assert time.monotonic() - started < TOO_LONG_S, "reading took too long"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MORE_KB, "reading took too much memory"


def make_seeds() -> list[bytes]:
    """Programs, installers and cabinets of every form."""
    signed = sign(program(version_resource()), timestamp=True)
    frames, plain = pack(7, 40_000, 16, calls=12_000_000)
    inside = {"k1": signed, "k2": b"words " * 8000}
    data = installer(
        NAMES, {"data.cab": cabinet({**inside, "k3": installer()})}, binaries={"Ca": program()}, signed=True, wide=True
    )
    return [
        signed,
        program(tail=b"x"),
        data,
        installer(NAMES, {"a.cab": cabinet(inside, 0)}),
        cabinet(inside),
        cabinet_of(frames, {"k1": 20_000, "k2": len(plain) - 20_000}, 16 << 8 | 3),
        compound({"a": b"1"}, storages={"s": {"b": b"2"}}),
    ]


def mutate(data: bytearray, chance: random.Random) -> None:
    """Change `data` in one place."""
    at = chance.randrange(len(data) + 1)
    kind = chance.randrange(5)
    if kind == 0 and data:
        data[at % len(data)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    elif kind == 1 and data:
        data[at % len(data)] ^= 1 << chance.randrange(8)
    elif kind == 2 and len(data) > 4:
        at %= len(data) - 3
        data[at : at + 4] = chance.choice((0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, len(data))).to_bytes(4, "little")
    elif kind == 3:
        del data[at : at + chance.randrange(1, 600)]
    else:
        data[at:at] = data[at // 2 : at // 2 + chance.randrange(1, 600)]


def mutate_for(seconds: float) -> int:
    """Mutate seeds for a time; how many files were read."""
    chance = random.Random()
    seeds = make_seeds() + [Path(name).read_bytes() for name in sys.argv[2:]]
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(6)):
            mutate(data, chance)
        try:
            read(bytes(data))
        except BaseException:
            FAILURE.write_bytes(data)
            raise
        count += 1
    return count


if __name__ == "__main__":
    drive(read, mutate_for, "files read")
