"""Components of PktMon: their names, their adapters, and how far above those they stand."""

from __future__ import annotations

import numpy as np

from tests.capture.etl.logs import PKTMON, Event, component, pack_event
from wireproof.capture.etl import _events
from wireproof.capture.etl.components import Components, depths, take_components
from wireproof.capture.etl.log import EVENT_DTYPE
from wireproof.capture.etl.providers import guid_halves


def take(*events: Event) -> Components:
    data = np.frombuffer(b"".join(pack_event(event) for event in events), np.uint8)
    rows = np.zeros(len(events), EVENT_DTYPE)
    _events.walk_events(data, 0, len(data), guid_halves(), rows)
    found: Components = {}
    take_components(data, rows, found)
    return found


def test_names_and_adapters_are_read() -> None:
    found = take(
        *component(11, "wifi.sys", "A Wi-Fi adapter", index=16),
        *component(38, "nwifi.sys", "Native WiFi Filter Driver", index=34, adapter=16, lower=33),
        *component(98, "tcpip.sys", network=16),
        Event(PKTMON, 30, b"\x62"),
    )
    assert {number: (one.name, one.adapter) for number, one in found.items()} == {
        11: ("wifi.sys, A Wi-Fi adapter", 16),
        38: ("nwifi.sys, Native WiFi Filter Driver", 16),
        98: ("tcpip.sys", 16),
    }


def test_a_component_without_numbers_has_no_adapter() -> None:
    assert take(*component(5, "http.sys"))[5].adapter == -1


def test_depths_follow_the_chain_of_filters() -> None:
    found = take(
        *component(1, "adapter", index=16),
        *component(2, "lowest filter", index=32, adapter=16),
        *component(3, "middle filter", index=33, adapter=16, lower=32),
        *component(4, "highest filter", index=34, adapter=16, lower=33),
        *component(5, "protocol", adapter=16),
    )
    depth = depths(found)
    assert sorted(depth, key=depth.__getitem__) == [1, 2, 3, 4, 5]


def test_a_chain_that_bites_its_tail_ends() -> None:
    found = take(*component(1, "a", index=1, adapter=9, lower=2), *component(2, "b", index=2, adapter=9, lower=1))
    assert set(depths(found)) == {1, 2}
