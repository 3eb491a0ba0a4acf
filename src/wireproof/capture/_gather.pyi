from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

def gather(
    read_at: Callable[[int, int], bytes], begins: NDArray[np.int64], sizes: NDArray[np.int64], gap: int, span: int
) -> bytes: ...
def pick(data: bytes, begins: NDArray[np.int64], sizes: NDArray[np.int64]) -> bytes: ...
