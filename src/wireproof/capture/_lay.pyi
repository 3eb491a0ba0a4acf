from typing import Any

from numpy.typing import NDArray

from wireproof.capture.write import Parts

def lay_blocks(rows: NDArray[Any], parts: Parts, more: dict[int, bytes], interface: int, out: bytearray) -> int: ...
def lay_records(rows: NDArray[Any], parts: Parts, out: bytearray) -> int: ...
