"""SCCM agent without policy, from both ends: frame 1921 and its five repeats never reach the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import sccm

LOST_FRAMES = (1921, 1975, 2071, 2264, 2651, 3475)
EXPECT: dict[str, Any] = {
    "rules": ("path-loss", "path-mtu-blackhole"),
    "evidence": {"client": LOST_FRAMES, "server": (13611, 13612, 30509)},
    "arrived": {"client": (1917, 1919, 1920, 1922), "server": (13587, 13591, 13598, 13611)},
    "where": "between client and server",
    "toward": "server",
    "conversation": ("10.1.1.1:1099", "172.16.1.1:80"),
    "lost_bytes": (1460,),
    "passed_bytes": (281, 586),
    "reset": {"client": 4392, "server": 30509},
    "reset_after_s": 129.97,
    "offset_s": 0.0,
}


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng.gz` (4,452 frames) and `server.pcapng.gz` (30,569 frames)."""
    return sccm.write_case(folder)
