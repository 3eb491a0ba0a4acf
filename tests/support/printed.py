"""Captures as tshark prints them: the text listings that somebody would paste of them.

Takes capture files; gives text files. Column sets are those that people use.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

COLUMNS: dict[str, tuple[str, ...]] = {
    "default": (),
    "dates": ("-t", "ad"),
    "no length": ("-o", 'gui.column.format:"No.","%m","Time","%t","Source","%s","Destination","%d","Protocol","%p","Info","%i"'),
    "no protocol": ("-o", 'gui.column.format:"No.","%m","Time","%t","Source","%s","Destination","%d","Info","%i"'),
}  # fmt: skip
"""Options of tshark by what the listing then shows."""


def print_listing(tshark: str, capture: Path, listing: Path, options: Sequence[str] = ()) -> Path:
    """Write the listing of a capture."""
    command = [tshark, "-n", "-r", str(capture), *options]
    done = subprocess.run(command, capture_output=True, check=False)
    listing.write_bytes(done.stdout)
    return listing


def print_listings(
    tshark: str, captures: Mapping[str, Path], folder: Path, options: Sequence[str] = ()
) -> dict[str, Path]:
    """The listings of captures, by the same names."""
    folder.mkdir(exist_ok=True)
    return {name: print_listing(tshark, path, folder / f"{name}.txt", options) for name, path in captures.items()}
