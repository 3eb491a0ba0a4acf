from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

END: int
FULL: int
DAMAGED: int
BUFFER_HEADER: int
LONGEST_BUFFER: int

Bytes: TypeAlias = bytes | bytearray | memoryview[Any] | NDArray[np.uint8]
Writable: TypeAlias = bytearray | memoryview[Any] | NDArray[np.uint8]

def walk_events(
    data: Bytes, at: int, end: int, providers: NDArray[np.uint64], rows: NDArray[Any]
) -> tuple[int, int, int, int]: ...
def find_buffer(data: Bytes, at: int, end: int) -> int: ...
def unpack_lz77(packed: Bytes, out: Writable) -> int: ...
def unpack_lznt1(packed: Bytes, out: Writable) -> int: ...
def gather(
    source: Bytes,
    starts: NDArray[np.int64],
    lengths: NDArray[np.uint32],
    target: Writable,
    ends: NDArray[np.uint32],
) -> None: ...
