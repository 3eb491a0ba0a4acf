"""Interfaces are numbered as their packets come, and named after what the log says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wireproof.capture.etl import interfaces
from wireproof.capture.etl.components import Component
from wireproof.capture.etl.interfaces import describe_interfaces
from wireproof.capture.etl.packets import (
    ETHERNET,
    FROM_NDIS,
    FROM_PKTMON,
    FROM_SWITCH,
    FROM_WAN,
    IEEE_802_11,
    PACKET_DTYPE,
)


def rows(*values: tuple[int, int, int, int]) -> np.ndarray:
    made: Any = np.zeros(len(values), PACKET_DTYPE)
    for row, (source, link, upper, lower) in zip(made, values, strict=True):
        row["source"], row["link"], row["upper"], row["lower"] = source, link, upper, lower
    return made


def test_interfaces_have_the_names_that_the_log_gives() -> None:
    packets = rows(
        (FROM_PKTMON, ETHERNET, 9, 2), (FROM_NDIS, ETHERNET, 7, 7), (FROM_NDIS, IEEE_802_11, 7, 8), (FROM_SWITCH, ETHERNET, 7, 0),
        (FROM_WAN, ETHERNET, 0, 0), (FROM_PKTMON, ETHERNET, 9, 1), (FROM_NDIS, ETHERNET, 7, 7), (FROM_PKTMON, ETHERNET, 10, 1),
    )  # fmt: skip
    found, numbers = describe_interfaces(packets, {9: Component("wifi.sys", "Wi-Fi")})
    assert [(one.name, one.description, one.link_type) for one in found] == [
        ("wifi.sys", "Wi-Fi", 1),
        ("interface 7", "", 1),
        ("interface 7, layer 8", "", 105),
        ("switch port 7", "", 1),
        ("remote access", "", 1),
        ("component 10", "", 1),
    ]
    assert numbers.tolist() == [0, 1, 2, 3, 4, 0, 1, 5]


def test_interfaces_beyond_the_most_have_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interfaces, "MOST_INTERFACES", 2)
    found, numbers = describe_interfaces(rows(*[(FROM_NDIS, ETHERNET, number, number) for number in (5, 3, 4, 5)]), {})
    assert [one.name for one in found] == ["interface 5", "interface 3"]
    assert numbers.tolist() == [0, 1, -1, 0]


def test_no_packets_have_no_interfaces() -> None:
    assert describe_interfaces(rows(), {})[0] == []
