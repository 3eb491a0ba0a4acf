from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wireproof.export.events import Turns
from wireproof.export.said import Said
from wireproof.export.sides import Rows, Sides
from wireproof.table.packets import PacketTable

Ints: TypeAlias = NDArray[np.int64]

class Weaver:
    def __init__(
        self,
        said: Said,
        sides: Sides,
        rows: Rows,
        turns: Turns,
        closes: tuple[Ints, NDArray[np.uint8]],
        packets: PacketTable,
    ) -> None: ...
    def weave(self, events: NDArray[Any], put: Ints, carriers: Ints, largest: int) -> tuple[int, int]: ...
