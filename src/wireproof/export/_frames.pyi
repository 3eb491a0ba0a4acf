from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]

class HeadPacker:
    def __init__(
        self,
        templates: tuple[bytes, Ints],
        options: tuple[bytes, Ints],
        version: NDArray[np.uint8],
        ident: NDArray[np.uint16],
        protocol: int,
    ) -> None: ...
    def pack(
        self,
        events: NDArray[Any],
        hops: tuple[NDArray[np.uint8], NDArray[np.uint8]],
        payload: tuple[bytes, Ints, Ints],
        heads: bytearray,
        ends: Ints,
    ) -> None: ...

def name_frames(
    numbers: Ints, bounds: Ints, inside: NDArray[np.uint8], name: bytes, out: bytearray, ends: Ints
) -> None: ...
