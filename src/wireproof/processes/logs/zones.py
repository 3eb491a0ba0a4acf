"""Time zones as offsets between two clocks.

Takes offsets and seconds; gives zones and their names. Knows no log.
"""

from __future__ import annotations

from wireproof.limits import limit

SECOND = 1_000_000_000
QUARTER_S = 900
"""Zones differ from UTC by whole quarters of an hour."""
QUARTER_NS = QUARTER_S * SECOND
ZONES_S = (-12 * 3600, 14 * 3600)
"""From the westernmost zone to the easternmost one."""
ZONE_SLACK_S = limit(
    "log-clock.zone_slack_s", 120.0, "clocks of one site differ by seconds, without time service by a minute or two"
)


def zone_of(offset_ns: int) -> int:
    """Seconds east of UTC of the quarter hour nearest to what is added to times of a zone to have UTC."""
    return round(-offset_ns / QUARTER_NS) * QUARTER_S


def stray_s(offset_ns: int) -> float:
    """Seconds from an offset to the nearest zone; without end where no zone is near."""
    zone_s = zone_of(offset_ns)
    return abs(offset_ns / SECOND + zone_s) if ZONES_S[0] <= zone_s <= ZONES_S[1] else float("inf")


def within_zones(offset_ns: int) -> bool:
    """Whether an offset comes from zones and clocks that are wrong by minutes; further apart, it is another day."""
    slack_s = ZONE_SLACK_S.value
    return ZONES_S[0] - slack_s <= -offset_ns / SECOND <= ZONES_S[1] + slack_s


def zone_name(zone_s: int) -> str:
    """`UTC`, `UTC+02:00`."""
    if not zone_s:
        return "UTC"
    minutes = abs(zone_s) // 60
    return f"UTC{'-' if zone_s < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
