"""The version resource of a program (VS_VERSIONINFO): product name, original file name and file version, as AppLocker reads them.

Takes the resource's bytes; gives an `Identity`. The numbers are those of the fixed part, never those of a text. The texts are those of the one
table that the first entry of `Translation` names: AppLocker looks in no other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from wireproof.policy.model import Identity, Version
from wireproof.policy.signature import capitals

HEAD = struct.Struct("<HHH")
FIXED = struct.Struct("<13I")
FIXED_SIGNATURE = 0xFEEF04BD
KEY_MOST = 128
BLOCKS_MOST = 1000
"""Real resources have a dozen texts, and as many tables as languages."""


@dataclass(frozen=True, slots=True)
class Block:
    """One node of the resource: its value is `data[value:children]`, the nodes below it fill `data[children:end]`."""

    key: str
    value: int
    children: int
    end: int


def unpack_identity(data: bytes) -> Identity:
    """The fields of a version resource; those that it lacks are empty."""
    root = _unpack_block(data, 0, len(data))
    if root is None or root.key != "VS_VERSION_INFO" or root.value + FIXED.size > len(data):
        return Identity()
    signature, _, high, low = FIXED.unpack_from(data, root.value)[:4]
    if signature != FIXED_SIGNATURE:
        return Identity()
    version = Version((high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF))
    below = {block.key: block for block in reversed(list(_blocks(data, root)))}
    table = _translation(data, below.get("VarFileInfo"))
    texts = _texts(data, below.get("StringFileInfo"), table)
    return Identity(capitals(texts.get("ProductName", "")), capitals(texts.get("OriginalFilename", "")), version)


def _translation(data: bytes, block: Block | None) -> str:
    """The name of the first table that is declared, language and code page: `040904b0`."""
    for variable in _blocks(data, block) if block else ():
        if variable.key == "Translation" and variable.value + 4 <= variable.end:
            language, code_page = struct.unpack_from("<HH", data, variable.value)
            return f"{language:04x}{code_page:04x}"
    return ""


def _texts(data: bytes, block: Block | None, table: str) -> dict[str, str]:
    for one in _blocks(data, block) if block else ():
        if one.key.lower() == table:
            return {text.key: _text(data, text.value, text.end) for text in _blocks(data, one)}
    return {}


def _blocks(data: bytes, parent: Block) -> Iterator[Block]:
    at = parent.children
    for _ in range(BLOCKS_MOST):
        block = _unpack_block(data, at, parent.end)
        if block is None:
            return
        yield block
        at = _aligned(block.end)


def _unpack_block(data: bytes, at: int, limit: int) -> Block | None:
    """The node at `at`; None where none fits before `limit`."""
    if at + HEAD.size > limit:
        return None
    length, value_length, is_text = HEAD.unpack_from(data, at)
    key = _text(data, at + HEAD.size, min(limit, at + HEAD.size + 2 * KEY_MOST))
    value = _aligned(at + HEAD.size + 2 * (len(key.encode("utf-16-le", "surrogatepass")) // 2 + 1))
    # Some tools pad the last node no further and yet count the padding.
    end = min(at + length, limit)
    if length < HEAD.size or value > end + 3:
        return None
    return Block(key, value, _aligned(value + value_length * (2 if is_text else 1)), end)


def _text(data: bytes, at: int, end: int) -> str:
    """UTF-16 up to a zero, or to the end."""
    words = data[at:end]
    stop = next(
        (place for place in range(0, len(words) - 1, 2) if words[place : place + 2] == b"\0\0"), len(words) & ~1
    )
    return words[:stop].decode("utf-16-le", "replace")


def _aligned(place: int) -> int:
    return place + -place % 4
