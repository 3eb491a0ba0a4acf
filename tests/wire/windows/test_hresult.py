"""The packed names of this table can be unpacked, each number once and each name a symbol."""

from __future__ import annotations

import re

from wireproof.wire.windows._hresult import NAMES, PREFIX
from wireproof.wire.windows.errors import unpack_names


def test_every_name_is_a_symbol_and_every_number_stands_once() -> None:
    names = unpack_names(NAMES, PREFIX)
    assert PREFIX == ""
    assert names[0x80004005] == "E_FAIL"
    assert len(names) > 1200
    assert len(names) == sum(len(part.split()) - 1 for part in NAMES.replace("\n", ";").split(";") if part.strip())
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name) for name in names.values())
