"""Zones as offsets."""

from __future__ import annotations

import pytest

from wireproof.processes.logs.zones import SECOND, stray_s, within_zones, zone_name, zone_of


@pytest.mark.parametrize(
    ("zone_s", "name"), [(0, "UTC"), (7200, "UTC+02:00"), (-12600, "UTC-03:30"), (20700, "UTC+05:45")]
)
def test_zones_have_their_usual_names(zone_s: int, name: str) -> None:
    assert zone_name(zone_s) == name
    assert zone_of(-zone_s * SECOND + 40 * SECOND) == zone_s


def test_what_strays_from_a_zone_is_told_to_either_side() -> None:
    assert stray_s(-7200 * SECOND + 3 * SECOND) == pytest.approx(3.0)
    assert stray_s(-7200 * SECOND - 3 * SECOND) == pytest.approx(3.0)


def test_no_zone_is_further_away_than_those_on_earth() -> None:
    assert stray_s(-14 * 3600 * SECOND) == 0
    assert stray_s(-15 * 3600 * SECOND) == float("inf")
    assert stray_s(13 * 3600 * SECOND) == float("inf")


def test_what_is_further_apart_than_zones_and_slow_clocks_is_of_another_day() -> None:
    hour = 3600 * SECOND
    assert all(within_zones(offset) for offset in (0, -14 * hour - 120 * SECOND, 12 * hour + 120 * SECOND))
    assert not any(within_zones(offset) for offset in (-14 * hour - 121 * SECOND, 12 * hour + 121 * SECOND, 24 * hour))
