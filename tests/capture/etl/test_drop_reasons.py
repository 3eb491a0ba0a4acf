"""Drops in words: a reason for each number that is known, and the layer that dropped."""

from __future__ import annotations

import pytest

from wireproof.capture.etl.drop_reasons import LAYERS, REASONS, describe_layer, describe_reason


def test_known_reasons_are_phrases_and_others_keep_their_number() -> None:
    assert describe_reason(1204) == "nobody listens or is connected there"
    assert describe_reason(907) == "no route"
    assert describe_reason(4711) == "reason 4711"
    assert len(set(REASONS.values())) > len(REASONS) - 3


@pytest.mark.parametrize(
    ("location", "layer"),
    [
        (0xE000_460A, "UDP"),
        (0xE000_4500, "TCP"),
        (0xE000_4138, "IP"),
        (0xE000_4241, "ARP"),
        (0xE000_2014, "the virtual switch"),
        (0xE000_9999, ""),
        (0, ""),
    ],
)
def test_a_location_belongs_to_a_layer(location: int, layer: str) -> None:
    assert describe_layer(location) == layer


def test_layers_are_in_order() -> None:
    assert list(LAYERS) == sorted(LAYERS)
