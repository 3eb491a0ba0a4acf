"""The packed names of this table can be unpacked, each number once and each name a symbol."""

from __future__ import annotations

import re

from wireproof.wire.windows._winhttp import NAMES, PREFIX
from wireproof.wire.windows.errors import unpack_names


def test_every_name_is_a_symbol_and_every_number_stands_once() -> None:
    names = unpack_names(NAMES, PREFIX)
    assert names[12007] == "ERROR_WINHTTP_NAME_NOT_RESOLVED"
    assert (
        len(names) == sum(len(part.split()) - 1 for part in NAMES.replace("\n", ";").split(";") if part.strip()) == 53
    )
    assert all(
        12000 < number < 12200 and re.fullmatch(r"ERROR_WINHTTP_[A-Z0-9_]+", name) for number, name in names.items()
    )
