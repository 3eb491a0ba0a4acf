from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.table._decode import HeaderBatch

FACTS_SIZE: int
SIDE_SIZE: int

def group_rows(conversation: NDArray[np.int32], order: NDArray[np.int64], starts: NDArray[np.int64]) -> None: ...

class Tracker:
    count: int
    stream_count: int
    def track(self, batch: HeaderBatch, time_ns: NDArray[np.int64], columns: Any) -> None: ...
    def facts(self) -> memoryview: ...
