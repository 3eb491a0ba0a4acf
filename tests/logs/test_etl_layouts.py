"""Layouts are written as `name:kind`, with names that differ within one event, and versions that one layout has each."""

from __future__ import annotations

import uuid
from itertools import combinations

import pytest

from tests.support.etl_fields import pack_data
from wireproof.capture.etl.providers import BY_GUID, PROVIDERS
from wireproof.logs.etl_events import READERS, decode_event
from wireproof.logs.etl_layout import Layout
from wireproof.logs.etl_layouts import LAYOUTS, PROVIDER_NAMES, TCPIP

EVERY = [
    (provider, number, layout)
    for provider, layouts in LAYOUTS.items()
    for number, known in layouts.items()
    for layout in known
]


def test_every_layout_is_well_formed() -> None:
    for _, number, layout in EVERY:
        fields = layout.fields.split()
        labels = [label for field in fields for label in field.partition(":")[0].split(",")]
        assert len(labels) == len(set(labels)), number
        assert all(field.partition(":")[2] for field in fields), number
        assert layout.name.isidentifier(), number
        assert layout.first <= layout.last, number


def test_every_kind_is_a_size_or_has_a_reader() -> None:
    kinds = {field.partition(":")[2] for _, _, layout in EVERY for field in layout.fields.split()}
    assert {kind for kind in kinds if not kind.isdigit()} == {"pointer", *READERS}


def test_one_version_has_one_layout_unless_their_bytes_tell_them_apart() -> None:
    for known in (known for layouts in LAYOUTS.values() for known in layouts.values()):
        for one, other in combinations(known, 2):
            apart = one.last < other.first or other.last < one.first
            assert apart or (one.is_whole and other.is_whole and one.name == other.name)


@pytest.mark.parametrize(("provider", "number", "layout"), EVERY, ids=lambda value: str(value)[:40])
def test_an_event_packed_by_a_layout_is_read_by_it(provider: uuid.UUID, number: int, layout: Layout) -> None:
    fact = decode_event(provider, number, pack_data(layout), version=layout.last)
    assert fact is not None
    assert fact.name == layout.name


def test_events_of_every_provider_are_kept_by_the_reader_of_etl_logs() -> None:
    assert LAYOUTS.keys() <= BY_GUID.keys()
    names = {guid: PROVIDERS[BY_GUID[guid]].name.removeprefix("Microsoft-Windows-") for guid in LAYOUTS}
    assert names == PROVIDER_NAMES


def test_the_events_that_tell_whose_a_connection_is_are_there() -> None:
    named = {number for provider, number, layout in EVERY if provider == TCPIP and "pid:" in layout.fields}
    assert {1033, 1044, 1300} <= named
