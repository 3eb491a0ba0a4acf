from typing import Any

import numpy as np
from numpy.typing import NDArray

class HeaderBatch:
    count: int
    first_row: int

def decode_batch(
    batch: HeaderBatch,
    data: memoryview | bytes,
    count: int,
    position: NDArray[np.uint32],
    captured: NDArray[np.uint32],
    original: NDArray[np.uint32],
    interface: NDArray[np.uint16],
    link_types: NDArray[np.uint16],
    first_row: int,
    columns: Any,
) -> None: ...
