"""The common ground of captures: what a batch and a capture promise to whoever decodes them."""

from __future__ import annotations

import io

import pytest

from tests.capture.reading import some_frames
from tests.support.files import pcap_bytes
from wireproof.capture import open_capture
from wireproof.capture.frames import Interface, Note


def test_a_batch_has_the_types_that_the_table_takes_over() -> None:
    with open_capture(io.BytesIO(pcap_bytes(some_frames()))) as capture:
        batch = next(capture.batches())
        columns = (batch.position, batch.captured, batch.original, batch.time_ns, batch.interface, capture.link_types)
        assert [column.dtype.str for column in columns] == ["<u4", "<u4", "<u4", "<i8", "<u2", "<u2"]
        assert batch.count == 5


def test_leaving_the_context_closes_the_capture() -> None:
    with open_capture(io.BytesIO(pcap_bytes(some_frames()))) as capture:
        next(capture.batches())
    with pytest.raises(ValueError, match="closed"):
        capture.read_frames([24], [10])


def test_interfaces_count_microseconds_unless_told_otherwise() -> None:
    assert (Interface(1).ticks_per_second, Interface(1).dropped, Note("text").offset) == (1_000_000, None, -1)
