"""The packed names of this table can be unpacked, each number once and each name a symbol."""

from __future__ import annotations

import re

import pytest

from wireproof.wire.windows._windows_update import NAMES, PREFIX
from wireproof.wire.windows.errors import unpack_names

PUBLISHED = {
    0x80240001: "WU_E_NO_SERVICE",
    0x8024001E: "WU_E_SERVICE_STOP",
    0x80240438: "WU_E_PT_ENDPOINT_UNREACHABLE",
    0x80244018: "WU_E_PT_HTTP_STATUS_FORBIDDEN",
    0x8024401C: "WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT",
    0x80244022: "WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL",
    0x8024402C: "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED",
    0x80246005: "WU_E_DM_NONETWORK",
    0x8024A000: "WU_E_AU_NOSERVICE",
}
"""Codes as Microsoft's articles on Windows Update write them beside their names."""


def test_every_name_is_a_symbol_and_every_number_stands_once() -> None:
    names = unpack_names(NAMES, PREFIX)
    assert len(names) == sum(len(part.split()) - 1 for part in NAMES.replace("\n", ";").split(";") if part.strip())
    assert len(names) > 400
    assert len(set(names.values())) == len(names)
    assert all(
        number >> 16 == 0x8024 and re.fullmatch(r"WU_E_[A-Z0-9_]+", name, re.IGNORECASE)
        for number, name in names.items()
    )


@pytest.mark.parametrize(("number", "name"), PUBLISHED.items())
def test_a_code_that_articles_name_has_that_name(number: int, name: str) -> None:
    assert unpack_names(NAMES, PREFIX)[number] == name
