"""The common ground of captures: what a batch and a capture promise to whoever decodes them."""

from __future__ import annotations

import io

import pytest

from tests.capture.reading import some_frames
from tests.support.files import pcap_bytes
from wireproof.capture import open_capture
from wireproof.capture.frames import Interface, Note, Process


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


def test_a_format_that_names_no_owners_has_none_for_any_frame() -> None:
    with open_capture(io.BytesIO(pcap_bytes(some_frames()))) as capture:
        assert next(capture.batches()).count == 5
        assert (len(capture.processes), capture.frame_processes.dtype, len(capture.frame_processes)) == (0, "i4", 0)


@pytest.mark.parametrize(("path", "name"), [(r"C:\Windows\a.exe", "a.exe"), ("System", "System"), ("/usr/bin/b", "b")])
def test_a_process_is_named_by_its_file(path: str, name: str) -> None:
    assert Process(4, path, ("", 0), ("", 0)).name == name


def test_interfaces_count_microseconds_unless_told_otherwise() -> None:
    assert (Interface(1).ticks_per_second, Interface(1).dropped, Note("text").offset) == (1_000_000, None, -1)
