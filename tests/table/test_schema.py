"""The schema says what the compiled passes do: same bits, same codes, one column a name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from wireproof.table.schema import LAYERS, MARKS, PACKET_COLUMNS, PROBLEMS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "wireproof"
OTHER_NAMES = {
    "zero_checksum": "zero_transport_checksum",
    "fast": "fast_retransmission",
    "spurious": "spurious_retransmission",
    "lost": "lost_segment",
    "ack_lost": "ack_lost_segment",
    "probe": "zero_window_probe",
    "probe_ack": "zero_window_probe_ack",
}


def bits(file: str, prefix: str) -> dict[str, int]:
    """The bits that a `cdef enum` declares, under the schema's names."""
    text = (SOURCE / file).read_text(encoding="utf-8")
    found = re.findall(rf"^\s+{prefix}_([A-Z0-9_]+) = 1 << (\d+)", text, re.MULTILINE)
    names = {name.lower(): 1 << int(shift) for name, shift in found}
    return {OTHER_NAMES.get(name, name): value for name, value in names.items()}


def test_layers_are_those_of_the_decoder() -> None:
    assert bits("wire/_cursor.pxd", "L") == LAYERS


def test_marks_are_those_of_the_tracker() -> None:
    assert bits("conversations/_state.pxd", "M") == MARKS


def test_problem_codes_are_those_of_the_decoder() -> None:
    text = (SOURCE / "wire" / "_cursor.pxd").read_text(encoding="utf-8")
    declared = text.partition("cdef enum:")[2].partition("cdef enum:")[0]
    assert [int(code) for code in re.findall(r"= (\d+)", declared)] == [code for code in PROBLEMS if code]


@pytest.mark.parametrize("column", PACKET_COLUMNS, ids=lambda column: column.name)
def test_every_column_is_documented(column: object) -> None:
    assert column.filled_by in {"walk", "decode", "track"}
    assert column.meaning
    assert np.dtype(column.dtype).isnative


def test_column_names_are_used_once() -> None:
    names = [column.name for column in PACKET_COLUMNS]
    assert len(names) == len(set(names))
