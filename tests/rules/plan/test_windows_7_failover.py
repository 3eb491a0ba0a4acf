"""Windows 7 and several entry points."""

from __future__ import annotations

from tests.support.plans import BALANCED, found
from tests.support.site_text import change

SEVEN = change(BALANCED, "clients: [windows-8]", "clients: [windows-7]")
LYON = "  - {name: Lyon, servers: [{name: DA9, internal: {}, external: {}}]}\nstations:\n"

RULE = "plan-windows-7-failover"


def test_windows_7_clients_of_several_entry_points_are_told() -> None:
    (finding,) = found(RULE, change(SEVEN, "stations:\n", LYON))
    assert finding.facts["entry_points"] == 2
    assert finding.references


def test_one_entry_point_with_several_servers_and_later_clients_are_fine() -> None:
    assert found(RULE, SEVEN) == []
    assert found(RULE, change(BALANCED, "stations:\n", LYON)) == []
