"""Lync sign-in that ends in 504: the packets of client, Edge and Front End.

The client's frames carry the printed numbers; those of the Edge and the Front End start at 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import lync

EXPECT: dict[str, Any] = {
    "rules": ("tcp-syn-unanswered", "path-forged-reset", "path-header-rewritten"),
    "edge_syns": lync.EDGE_NUMBERS,
    "front_end": {
        "syn": tuple(numbers[0] for numbers in lync.FRONT_END_NUMBERS),
        "answer": tuple(numbers[1] for numbers in lync.FRONT_END_NUMBERS),
        "forged": tuple(numbers[2] for numbers in lync.FRONT_END_NUMBERS),
    },
    "rewritten": ("ack", 0, lync.REWRITTEN_ACK),
    "conversation": ("192.168.1.1:50357", "192.168.3.10:5061"),
    "backoff_s": (3.0, 6.0),
    "clock_difference_s": 9.83,
    "client": {"request": 4333, "answer": 4506, "gap_s": 20.81},
}


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng.gz`, `edge.pcapng.gz` and `frontend.pcapng.gz`."""
    return lync.write_case(folder)
