"""Layouts are written as `name:kind`, with names that differ within one event."""

from __future__ import annotations

from wireproof.capture.etl.providers import BY_GUID
from wireproof.logs.etl_layouts import LAYOUTS, TCPIP


def test_every_layout_is_well_formed() -> None:
    for layouts in LAYOUTS.values():
        for number, (name, layout) in layouts.items():
            labels = [label for field in layout.split() for label in field.partition(":")[0].split(",")]
            assert len(labels) == len(set(labels)), number
            assert all(field.partition(":")[2] for field in layout.split()), number
            assert name.isidentifier(), number


def test_events_of_every_provider_are_kept_by_the_reader_of_etl_logs() -> None:
    assert LAYOUTS.keys() <= BY_GUID.keys()


def test_the_events_that_tell_whose_a_connection_is_are_there() -> None:
    assert {1033, 1044, 1300} <= {number for number, (_, layout) in LAYOUTS[TCPIP].items() if "pid:" in layout}
