"""The container: headers of buffers and logs of 32 and 64 bits, and clocks of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capture.etl.logs import SECOND, START_NS, START_TICKS, Header, make_log, pack_log_header
from wireproof.capture.etl import container
from wireproof.capture.etl.container import Clock, LogHeader, unpack_log_header


def read_header(header: Header) -> LogHeader:
    found = unpack_log_header(pack_log_header(header))
    assert found is not None
    return found


@pytest.mark.parametrize("pointer", [4, 8])
def test_the_log_header_is_read_whatever_the_pointers_are(pointer: int) -> None:
    found = read_header(Header(pointer=pointer, events_lost=5, buffers_lost=6, mode=2))
    assert (found.pointer_size, found.events_lost, found.buffers_lost, found.mode) == (pointer, 5, 6, 2)
    assert (found.start_ns, found.start_ticks, found.ticks_per_second) == (START_NS, START_TICKS, 10_000_000)
    assert (found.build, found.processors, found.bias_minutes, found.buffers_written) == (19045, 4, -60, 3)
    assert found.texts == ("session", "C:\\trace.etl")
    assert found.end_ns == START_NS + 10 * SECOND


def test_a_cut_log_header_is_none() -> None:
    whole = pack_log_header(Header())
    lengths = [length for length in range(len(whole)) if unpack_log_header(whole[:length])]
    assert min(lengths) == 32 + 280


def test_recognised_by_the_header_of_buffer_and_event() -> None:
    log = make_log()
    assert container.starts_like_etl(log[:512])
    for at, value in ((0, 1), (74, 9), (75, 0x90)):
        damaged = bytearray(log)
        damaged[at] = value
        assert not container.starts_like_etl(bytes(damaged[:512]))
    assert not container.starts_like_etl(log[:79])


def test_a_buffer_header_tells_lengths_and_processor() -> None:
    data = bytearray(make_log([])[1024:])
    header = container.unpack_buffer_header(memoryview(data))
    assert (header.size, header.used, header.processor, header.is_compressed, header.is_sound) == (
        1024,
        72,
        0,
        False,
        True,
    )
    data[40:42] = b"\x03\x08"
    assert container.unpack_buffer_header(memoryview(data)).processor == 0x803
    data[52] = 0
    assert container.unpack_buffer_header(memoryview(data)).processor == 3


@pytest.mark.parametrize("per_second", [1_000_000, 3_312_788, 10_000_000, 2_394_000_000])
def test_a_performance_counter_counts_from_the_start_of_the_log(per_second: int) -> None:
    clock = Clock(read_header(Header(per_second=per_second)))
    ticks = np.array([START_TICKS, START_TICKS + per_second, START_TICKS - per_second, START_TICKS + 1])
    times = clock.times_ns(ticks)
    assert (times - START_NS).tolist() == [0, SECOND, -SECOND, SECOND // per_second]
    assert (clock.problem, clock.clamped) == ("", 0)


def test_a_clock_of_cycles_has_the_speed_of_the_processor() -> None:
    clock = Clock(read_header(Header(clock=container.CPU_CYCLE, megahertz=2394)))
    assert clock.times_ns(np.array([START_TICKS + 2394 * 10**6])).tolist() == [START_NS + SECOND]


def test_system_time_needs_no_start() -> None:
    clock = Clock(read_header(Header(clock=container.SYSTEM_TIME, per_second=0)))
    ticks = np.array([container.FILETIME_1970, container.FILETIME_1970 + 17_000_000_001_234_567])
    assert clock.times_ns(ticks).tolist() == [0, 1_700_000_000_123_456_700]
    assert clock.problem == ""


@pytest.mark.parametrize("per_second", [0, -5, 2**62])
def test_an_impossible_clock_is_told_and_replaced(per_second: int) -> None:
    clock = Clock(read_header(Header(per_second=per_second)))
    assert f"a clock of {per_second} ticks a second" in clock.problem
    assert clock.times_ns(np.array([START_TICKS + 10_000_000])).tolist() == [START_NS + SECOND]


@given(ticks=st.integers(-(2**63), 2**63 - 1), start=st.integers(-(2**62), 2**62), per_second=st.integers(-9, 2**40))
def test_times_stay_within_their_limits(ticks: int, start: int, per_second: int) -> None:
    clock = Clock(read_header(Header(start_ticks=start, per_second=per_second)))
    (time_ns,) = clock.times_ns(np.array([ticks])).tolist()
    passed = (ticks - start + 2**63) % 2**64 - 2**63
    exact = START_NS + passed * SECOND // clock.ticks_per_second
    expected = max(-container.LATEST_NS, min(container.LATEST_NS, exact))
    assert abs(time_ns - expected) <= 3 * SECOND
    assert abs(time_ns) <= container.LATEST_NS
    assert clock.clamped == (abs(expected - exact) > 0) or abs(abs(exact) - container.LATEST_NS) < 3 * SECOND


def test_texts_end_at_even_zeros_or_where_the_bytes_do() -> None:
    data = "aĀb".encode("utf-16-le") + b"\0\0" + "rest".encode("utf-16-le")
    assert container.unpack_texts(data, 3) == ["aĀb", "rest", ""]
    assert container.unpack_texts(data + b"\0", 2) == ["aĀb", "rest\ufffd"]
    assert container.skip_text(data, 0) == 8
