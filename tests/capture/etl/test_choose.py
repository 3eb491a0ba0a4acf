"""One row a packet: the appearance nearest to the wire, and packets put together from parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wireproof.capture.etl import choose
from wireproof.capture.etl.choose import choose_appearances, join_parts
from wireproof.capture.etl.packets import (
    ENDS,
    ETHERNET,
    IEEE_802_11,
    PACKET_DTYPE,
    RAW_IP,
    RECEIVED,
    SENT,
    STARTS,
    WHOLE,
)


def rows(*values: dict[str, Any]) -> np.ndarray:
    made = np.zeros(len(values), PACKET_DTYPE)
    for row, fields in zip(made, values, strict=True):
        for name, value in ({"link": ETHERNET, "edges": WHOLE} | fields).items():
            row[name] = value
    return made


def seen(way: int, links: list[int], group: int = 1) -> list[dict[str, Any]]:
    return [
        {"group": group, "appearance": number, "ticks": 10 * number, "link": link, "way": way, "upper": 100 + number}
        for number, link in enumerate(links, 1)
    ]


@pytest.mark.parametrize(
    ("way", "links", "chosen"),
    [
        (RECEIVED, [ETHERNET, ETHERNET, ETHERNET], 101),
        (SENT, [ETHERNET, ETHERNET, ETHERNET], 103),
        (RECEIVED, [IEEE_802_11, IEEE_802_11, ETHERNET, ETHERNET], 103),
        (SENT, [ETHERNET, ETHERNET, IEEE_802_11, ETHERNET, IEEE_802_11], 104),
        (SENT, [RAW_IP, RAW_IP], 102),
        (RECEIVED, [IEEE_802_11, RAW_IP], 102),
        (RECEIVED, [0, IEEE_802_11], 102),
    ],
)
def test_the_ethernet_appearance_nearest_to_the_wire_is_chosen(way: int, links: list[int], chosen: int) -> None:
    shuffled = rows(*seen(way, links))[::-1]
    found = choose_appearances(shuffled)
    assert found.chosen["upper"].tolist() == [chosen]
    assert len(found.drops) == 0


def test_packets_are_told_apart_by_group_and_number() -> None:
    other = [fields | {"number": 2} for fields in seen(SENT, [ETHERNET] * 2)]
    found = choose_appearances(
        rows(*seen(SENT, [ETHERNET] * 3, 5), *seen(RECEIVED, [ETHERNET], 4), *seen(SENT, [ETHERNET] * 2), *other)
    )
    assert found.chosen[["group", "number", "upper"]].tolist() == [(1, 0, 102), (1, 2, 102), (4, 0, 101), (5, 0, 103)]


def test_a_drop_is_tied_to_its_packet_and_stands_for_it_only_alone() -> None:
    drop = {"group": 1, "appearance": 3, "is_drop": True, "reason": 907, "link": RAW_IP, "way": RECEIVED, "ticks": 99}
    alone = drop | {"group": 2, "reason": 5}
    found = choose_appearances(rows(drop, alone, *seen(RECEIVED, [ETHERNET] * 2)))
    assert found.chosen[["group", "upper", "is_drop"]].tolist() == [(1, 101, False), (2, 0, True)]
    assert found.drops["reason"].tolist() == [907, 5]
    assert found.dropped_row.tolist() == [0, 1]


def test_nothing_seen_is_nothing_chosen() -> None:
    found = choose_appearances(rows())
    assert (len(found.chosen), len(found.drops)) == (0, 0)
    assert len(join_parts(rows()).packets) == 0


def part(place: int, edges: int, **fields: int) -> dict[str, Any]:
    return {"place": place, "captured": 10, "edges": edges, "ticks": place, **fields}


def test_parts_of_a_packet_are_put_together_in_order() -> None:
    made = rows(part(1, WHOLE), part(2, STARTS), part(3, WHOLE, upper=9), part(4, 0), part(5, ENDS), part(6, WHOLE))
    joined = join_parts(made)
    assert joined.packets["place"].tolist() == [1, 3, 5, 6]
    assert joined.packets["captured"].tolist() == [10, 10, 30, 10]
    assert joined.parts == {2: [(2, 10), (4, 10), (5, 10)]}
    assert joined.lost == 0


def test_packets_of_two_processors_or_interfaces_do_not_mix() -> None:
    made = rows(
        part(1, STARTS),
        part(2, STARTS, processor=1),
        part(3, STARTS, lower=1),
        part(4, ENDS),
        part(5, ENDS, lower=1),
        part(6, ENDS, processor=1),
    )
    assert join_parts(made).parts == {0: [(1, 10), (4, 10)], 1: [(3, 10), (5, 10)], 2: [(2, 10), (6, 10)]}


def test_parts_of_packets_that_are_not_whole_are_counted() -> None:
    made = rows(part(1, 0), part(2, STARTS), part(3, STARTS), part(4, ENDS), part(5, ENDS), part(6, STARTS), part(7, 0))
    joined = join_parts(made)
    assert joined.parts == {0: [(3, 10), (4, 10)]}
    assert joined.lost == 5


def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "LONGEST_JOINED", 25)
    assert join_parts(rows(part(1, STARTS), part(2, 0), part(3, ENDS))).lost == 3
    monkeypatch.setattr(choose, "MOST_OPEN", 1)
    assert join_parts(rows(part(1, STARTS), part(2, STARTS, lower=1), part(3, ENDS), part(4, ENDS, lower=1))).lost == 2
