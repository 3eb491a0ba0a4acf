"""Which records belong to one listing."""

from __future__ import annotations

import pytest

from tests.support.listings import ARP, EDGE, SCCM, SMTP, TLS
from wireproof.capture.listing.assemble import assemble
from wireproof.capture.listing.split import find_place


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        ("How we see the problematic session at SCCM agent side trace (10.1.1.1):", "sccm-agent"),
        ("From client perspective:", "client"),
        ("=> Frontend server side trace:", "frontend-server"),
        ("in the client capture", "client"),
        ("We cannot see it at the server side trace. Most likely it was lost.", ""),
        ("No listing", ""),
    ],
)
def test_headings_name_places(heading: str, place: str) -> None:
    assert find_place(heading) == place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SCCM, [("sccm-agent", 13), ("sccm-server", 7)]),
        (EDGE, [("edge-server", 3), ("frontend-server", 9)]),
        (SMTP, [("", 18)]),
        (TLS, [("", 28)]),
        (ARP, [("", 33)]),
    ],
)
def test_listings_are_parted_by_place_and_joined_by_number(text: str, found: list[tuple[str, int]]) -> None:
    assert [(one.place, len(one.frames)) for one in assemble(text)] == found


def test_seconds_between_packets_are_added_up() -> None:
    (one,) = assemble(SMTP)
    assert (one.times[0], one.times[-1]) == (0, 19_220_100_000)


def test_frames_out_of_order_do_not_make_seconds_differences() -> None:
    lines = [
        f"{n} {t} 10.0.0.1 10.0.0.2 TCP 1 > 80 [SYN] Seq=0 Win=1 Len=0"
        for n, t in ((1, "0.5"), (2, "7.0"), (3, "6.99"), (4, "9.0"))
    ]
    (one,) = assemble("\n".join(lines))
    assert one.times == [500_000_000, 7_000_000_000, 6_990_000_000, 9_000_000_000]
