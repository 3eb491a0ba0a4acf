"""Lines that mail broke at words."""

from __future__ import annotations

import pytest

from tests.support.listings import ARP, EDGE, RDP, SCCM
from tests.support.relisted import wrapped
from wireproof.capture.listing.assemble import assemble
from wireproof.capture.listing.unwrap import unwrap


@pytest.mark.parametrize("width", [68, 72, 76, 80])
@pytest.mark.parametrize("text", [SCCM, RDP, EDGE, ARP])
def test_broken_records_say_what_whole_ones_say(text: str, width: int) -> None:
    broken = wrapped(text, width)
    assert [one.frames for one in assemble(broken)] == [one.frames for one in assemble(text)]


@pytest.mark.parametrize("text", [SCCM, RDP, EDGE, ARP, "no records at all\n", ""])
def test_whole_records_stay_as_they_are(text: str) -> None:
    assert unwrap(text) == text


def test_lines_keep_their_numbers() -> None:
    broken = wrapped(SCCM, 72)
    assert unwrap(broken).count("\n") == broken.count("\n")


def test_a_heading_behind_the_last_record_stays_a_line() -> None:
    lines = unwrap(wrapped(SCCM, 76)).splitlines()
    assert any(line.startswith("How we see the problematic session at SCCM Server side") for line in lines)
