from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SHORT: int
FULL: int
SUSPECT: int
DAMAGED: int
BLOCK: int
OPTIONS: int
SEARCH_AHEAD: int

class Rows:
    count: int
    clamped: int
    @property
    def capacity(self) -> int: ...
    def __init__(
        self,
        position: NDArray[np.uint32],
        captured: NDArray[np.uint32],
        original: NDArray[np.uint32],
        time_ns: NDArray[np.int64],
        interface: NDArray[np.uint16],
    ) -> None: ...
    def add(self, position: int, captured: int, original: int, time_ns: int, interface: int) -> None: ...

class PcapLayout:
    big: bool
    header: int
    fraction_ns: int
    limit: int
    snap_length: int
    swapped: int
    strict: bool
    def __init__(
        self, big: bool, header: int, fraction_ns: int, limit: int, snap_length: int, swapped: int
    ) -> None: ...

Bytes: TypeAlias = bytes | bytearray | memoryview[Any]

def walk_pcap(data: Bytes, at: int, end: int, rows: Rows, layout: PcapLayout) -> tuple[int, int, int]: ...
def take_pcap(data: Bytes, at: int, rows: Rows, layout: PcapLayout) -> None: ...
def confirms_pcap(data: Bytes, at: int, end: int, layout: PcapLayout) -> bool: ...
def find_pcap(data: Bytes, at: int, end: int, at_end: bool, layout: PcapLayout) -> tuple[bool, int]: ...
def walk_pcapng(
    data: Bytes, at: int, end: int, rows: Rows, big: bool, first: int, clocks: NDArray[np.int64]
) -> tuple[int, int, int]: ...
def clock_ns(ticks: int, clocks: NDArray[np.int64], interface: int) -> int: ...
def find_pcapng(data: Bytes, at: int, end: int, at_end: bool, big: bool) -> tuple[bool, int]: ...
def is_pcapng_block(data: Bytes, at: int, end: int, at_end: bool, big: bool) -> bool: ...
