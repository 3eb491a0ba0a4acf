"""Every message table is built when first asked for, once, and a capture that says nothing has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.said_over import opened, said
from wireproof.messages.said import TABLES, Said
from wireproof.messages.table import MessageTable


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_built_once(tmp_path: Path, name: str) -> None:
    with opened(tmp_path, said([("client", b"\x01\x02\x03\x04 hello"), ("server", b"\xff" * 40)])) as tables:
        all_said = Said(tables)
        table = all_said.table(name)
        assert isinstance(table, MessageTable)
        assert len(table) == 0
        assert all_said.table(name) is table


def test_an_empty_capture_has_empty_tables(tmp_path: Path) -> None:
    with opened(tmp_path, []) as tables:
        all_said = Said(tables)
        assert [len(all_said.table(name)) for name in TABLES] == [0] * len(TABLES)
        assert all_said.tls_sessions == {}


def test_names_are_in_order_and_each_is_an_attribute() -> None:
    assert list(TABLES) == sorted(TABLES)
    assert all(hasattr(Said, name) for name in TABLES)
