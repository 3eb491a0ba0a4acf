"""What outputs of a machine say against DirectAccess: firewall off, another product's rules, policy left out."""

from __future__ import annotations

import pytest

from tests.cases.d13_iphttps_certificate import FIREWALL, HTTPSTUNNEL
from tests.support.log_texts import with_logs
from tests.support.verdicts import judge
from wireproof.case import Case
from wireproof.rules.directaccess._obstacles import Obstacle, obstacles

GPRESULT = """\
    Applied Group Policy Objects
    -----------------------------
        Default Domain Policy

    The following GPOs were not applied because they were filtered out
    -------------------------------------------------------------------
        DirectAccess Client Settings
            Filtering:  Denied (Security)
"""


def against(text: str) -> list[Obstacle]:
    return obstacles(with_logs(Case([]), {"client.txt": text}))


@pytest.mark.parametrize(
    ("text", "told", "line"),
    [
        (FIREWALL.replace("State ON", "State OFF"), "Windows Firewall is off", 4),
        (
            FIREWALL.replace("ConSecRuleRuleCategory Windows Firewall", "ConSecRuleCategory Example Protection"),
            "belongs to “Example Protection”",
            21,
        ),
        (GPRESULT, "“DirectAccess Client Settings” was not applied: Denied (Security)", 7),
    ],
    ids=["off", "owner", "policy"],
)
def test_each_obstacle_is_told_with_its_line(text: str, told: str, line: int) -> None:
    (one,) = against(text)
    assert told in one.told
    assert one.row.line == line
    assert one.fix


@pytest.mark.parametrize(
    "text",
    [
        FIREWALL,
        FIREWALL + FIREWALL.replace("State ON", "State OFF").replace("Public", "Domain"),
        FIREWALL.replace("StealthRuleCategory Windows Firewall", "StealthRuleCategory Example Protection"),
        GPRESULT.replace("Default Domain Policy", "UAG DirectAccess: Clients (UAGServer-FQDN)"),
        GPRESULT.replace("DirectAccess", "Printers"),
    ],
    ids=["article", "another-profile-off", "stealth-only", "applied", "another-policy"],
)
def test_what_is_in_order_is_none(text: str) -> None:
    assert against(text) == []


def test_obstacles_stand_beside_the_finding_and_make_none_alone() -> None:
    case = with_logs(Case([]), {"firewall.txt": FIREWALL.replace("State ON", "State OFF")})
    assert judge(case, "directaccess-stopped").findings == []
    (finding,) = judge(with_logs(case, {"client.txt": HTTPSTUNNEL}), "directaccess-stopped").findings
    assert "Windows Firewall is off" in finding.summary
    assert "state on" in finding.fix[-1]
