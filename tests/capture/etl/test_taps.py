"""Packets that PktMon does not number: one component an adapter, and drops tied to what they dropped."""

from __future__ import annotations

from typing import Any

import numpy as np

from wireproof.capture.etl.choose import choose_appearances
from wireproof.capture.etl.components import Component, Components
from wireproof.capture.etl.packets import ETHERNET, IEEE_802_11, PACKET_DTYPE, RAW_IP
from wireproof.capture.etl.taps import at_taps, choose_taps, find_dropped, tie_lonely_drops

WINDOW = 500
COMPONENTS: Components = {
    1: Component("wifi adapter", "", {1: 16}),
    2: Component("wifi to ethernet", "", {1: 20, 2: 16}),
    3: Component("filter", "", {1: 21, 2: 16, 3: 20}),
    4: Component("tcpip", "", {2: 16}),
    5: Component("wired adapter", "", {1: 30}),
    6: Component("tcpip", "", {2: 30}),
    7: Component("ip", "", {14: 16}),
}


def rows(*values: dict[str, Any]) -> np.ndarray:
    made = np.zeros(len(values), PACKET_DTYPE)
    for row, fields in zip(made, values, strict=True):
        for name, value in ({"link": ETHERNET} | fields).items():
            row[name] = value
    return made


def climb(content: int, ticks: int, top: int = 4) -> list[dict[str, Any]]:
    """A packet on its way from the Wi-Fi adapter up to a component; some filters see it twice."""
    path = [
        (1, 1, IEEE_802_11),
        (2, 2, IEEE_802_11),
        (2, 1, ETHERNET),
        (3, 2, ETHERNET),
        (3, 1, ETHERNET),
        (4, 1, ETHERNET),
    ]
    return [
        {"upper": component, "lower": edge, "link": link, "content": content, "ticks": ticks + step}
        for step, (component, edge, link) in enumerate(path)
        if component <= top
    ]


def drop(content: int, ticks: int, reason: int = 902) -> dict[str, Any]:
    return {"upper": 7, "link": RAW_IP, "content": content, "ticks": ticks, "is_drop": True, "reason": reason}


def test_the_lowest_edge_that_shows_all_ethernet_frames_is_chosen_for_each_adapter() -> None:
    wired = [{"upper": component, "lower": 1, "content": 9, "ticks": 50 + component} for component in (5, 6)]
    seen = rows(*climb(1, 0), *climb(2, 10, top=3), *wired)
    chosen = seen[at_taps(seen, COMPONENTS)]
    assert chosen[["upper", "lower", "content"]].tolist() == [(2, 1, 1), (2, 1, 2), (5, 1, 9)]


def test_the_edge_that_saw_more_is_chosen_before_a_lower_one() -> None:
    seen = rows(*climb(1, 0), *[fields for fields in climb(2, 10) if fields["upper"] == 4])
    assert seen[at_taps(seen, COMPONENTS)]["upper"].tolist() == [4, 4]


def test_components_that_the_log_does_not_describe_make_one_group() -> None:
    seen = rows(*climb(1, 0))
    assert np.count_nonzero(at_taps(seen, {})) == 1


def test_a_drop_belongs_to_the_packet_with_the_same_bytes_seen_last_before() -> None:
    seen = rows(*climb(1, 0), *climb(2, 20), *climb(1, 40), drop(1, 30, 5), drop(1, 50, 6), drop(2, 33, 7))
    found = choose_taps(seen, COMPONENTS, 10_000)
    assert found.chosen[["content", "ticks"]].tolist() == [(1, 2), (2, 22), (1, 42)]
    assert found.drops["reason"].tolist() == [5, 7, 6]
    assert found.dropped_row.tolist() == [0, 1, 2]


def test_a_dropped_packet_that_came_to_no_adapter_is_a_packet_of_its_own() -> None:
    seen = rows(*climb(1, 0), drop(3, 10, 5), drop(3, 11, 6), drop(3, 9000, 7), drop(1, 9000, 8), drop(4, 3, 9))
    found = choose_taps(seen, COMPONENTS, 10_000)
    assert found.chosen[["content", "ticks"]].tolist() == [(1, 2), (4, 3), (3, 10), (3, 9000), (1, 9000)]
    rows_by_reason = dict(zip(found.drops["reason"].tolist(), found.dropped_row.tolist(), strict=True))
    assert rows_by_reason == {5: 2, 6: 2, 7: 3, 8: 4, 9: 1}


def test_a_drop_with_a_number_of_its_own_is_tied_to_the_packet_it_dropped() -> None:
    numbered = [{"group": group, "appearance": 1, "content": group, "ticks": 10 * group} for group in (1, 2, 3)]
    drops = [
        drop(content, ticks, reason) | {"group": 90 + reason}
        for content, ticks, reason in ((2, 25, 5), (2, 26, 6), (8, 27, 7))
    ]
    found = tie_lonely_drops(choose_appearances(rows(*numbered, *drops)), 10_000)
    assert found.chosen["content"].tolist() == [1, 2, 3, 8]
    assert found.drops["reason"].tolist() == [5, 6, 7]
    assert found.dropped_row.tolist() == [1, 1, 3]


def test_nothing_is_found_in_nothing() -> None:
    found = choose_taps(rows(), COMPONENTS, 10_000)
    assert (len(found.chosen), len(found.drops)) == (0, 0)
    assert len(tie_lonely_drops(choose_appearances(rows()), 10_000).chosen) == 0
    assert find_dropped(rows(), rows(drop(1, 1)), WINDOW).tolist() == [-1]
