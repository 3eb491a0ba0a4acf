"""Filtering layers by number: names, what the stack discarded itself, and which way packets go."""

from __future__ import annotations

import pytest

from wireproof.logs.wfp_layers import is_discard, layer_name, way_of


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (12, "transport, inbound"),
        (13, "transport, inbound, of what the stack discarded"),
        (44, "receive/accept"),
        (46, "receive/accept"),
        (48, "connect"),
        (200, "layer 200"),
    ],
)
def test_layers_have_the_names_of_windows_own_audit_events(number: int, name: str) -> None:
    assert layer_name(number) == name


def test_odd_numbers_are_of_discarded_packets() -> None:
    assert [is_discard(number) for number in (12, 13, 44, 47, 201)] == [False, True, False, True, False]


def test_the_layer_tells_the_way_before_the_direction() -> None:
    assert [way_of(44, 0x3901), way_of(48, 0x3900), way_of(52, 0x3900), way_of(200, 0x3901)] == [
        "in",
        "out",
        "in",
        "out",
    ]
    assert (way_of(52, 0), way_of(200, 0x3902)) == ("", "")
