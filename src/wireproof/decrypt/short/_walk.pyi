from array import array

from wireproof.decrypt.protect.opener import Opener

class Side:
    data: bytes
    said: bytes
    hello: bytes
    begin: int
    end: int
    protected: int
    kinds: int
    def follows(self, kind: int, skipped: int) -> bool: ...
    def skip(self) -> None: ...
    def messages(self) -> list[bytes]: ...

def read_side(data: bytes, begin: int, end: int) -> Side | None: ...

class Opened:
    ends: array[int]
    raw_starts: array[int]
    raw_ends: array[int]
    bounds: array[int]
    contents: list[bytes]
    others: list[list[tuple[int, int, int, bytes]]]
    def forget_from(self, streams: int) -> None: ...
    def open_all(self, side: Side, opener: Opener) -> tuple[int, int] | None: ...
    def open_in_turn(self, side: Side, first: Opener, second: Opener) -> tuple[int, int] | None: ...
