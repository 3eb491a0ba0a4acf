"""Build the example cases again: `python -m examples.build`, in the folder that holds `examples`.

The captures come from the figures printed in two published troubleshooting articles; every run gives the same frames.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from examples import lync, sccm

CASES: dict[str, Callable[[Path], dict[str, Path]]] = {"sccm-policy": sccm.write_case, "lync-sign-in": lync.write_case}


def main(target: Path) -> None:
    """Write every case's captures below `target` and say how large they are."""
    for name, write_case in CASES.items():
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        for path in write_case(folder).values():
            print(f"{path.relative_to(target)}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
