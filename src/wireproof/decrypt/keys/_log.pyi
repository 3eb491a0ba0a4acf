from collections.abc import Mapping

def take_lines(
    text: bytes,
    at: int,
    most: int,
    forms: Mapping[bytes, tuple[str, tuple[int, ...], tuple[int, ...]]],
    secrets: dict[tuple[str, bytes], bytes],
) -> tuple[int, int]: ...
