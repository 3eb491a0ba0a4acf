"""netsh advfirewall: one profile or all, categories, other languages, run together, damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d13_iphttps_certificate import FIREWALL
from tests.support.log_texts import damaged, only_log
from wireproof.logs.advfirewall import AdvfirewallLog, find
from wireproof.logs.text import LogText

RULE = "-" * 70
ALL = f"""
Domain Profile Settings:
{RULE}
State                                 OFF
Firewall Policy                       AllowInbound,AllowOutbound
LocalFirewallRules                    N/A (GPO-store only)
Logging:
LogAllowedConnections                 Enable
LogDroppedConnections                 Enable
FileName                              %systemroot%\\system32\\pfirewall.log
MaxFileSize                           4096

Private Profile Settings:
{RULE}
State                                 ON
Firewall Policy                       BlockInboundAlways,BlockOutbound

Public Profile Settings:
{RULE}
State                                 ON
Firewall Policy                       BlockInbound,AllowOutbound
Categories:
BootTimeRuleCategory                  Windows Firewall
FirewallRuleCategory                  Example Endpoint Protection 14.2
ConSecRuleCategory                    Windows Firewall
"""
GERMAN = f"""
Einstellungen für Öffentliches Profil:
{RULE}
Status                                AUS
Firewallrichtlinie                    BlockInbound,AllowOutbound
LogDroppedConnections                 Deaktivieren
"""


@pytest.mark.parametrize("text", [FIREWALL, " ".join(FIREWALL.split())], ids=["lines", "one-line"])
def test_the_profile_and_categories_of_the_article_are_read(text: str) -> None:
    log = only_log(AdvfirewallLog, text)
    (one,) = log.profiles
    assert (one.kind, one.is_on, one.policy, one.logs_dropped) == ("public", True, "BlockInbound,AllowOutbound", False)
    assert one.log_file.endswith("pfirewall.log")
    assert [category.name for category in log.categories] == ["BootTime", "Firewall", "Stealth", "ConSec"]
    assert all(category.is_windows for category in log.categories)


def test_all_profiles_and_another_products_category_are_told_apart() -> None:
    log = only_log(AdvfirewallLog, ALL)
    assert [(one.kind, one.is_on) for one in log.profiles] == [("domain", False), ("private", True), ("public", True)]
    assert (log.profiles[0].logs_dropped, log.profiles[1].logs_dropped) == (True, None)
    assert [category.owner for category in log.categories if not category.is_windows] == [
        "Example Endpoint Protection 14.2"
    ]


def test_another_language_is_read() -> None:
    (one,) = only_log(AdvfirewallLog, GERMAN).profiles
    assert (one.kind, one.is_on, one.logs_dropped) == ("public", False, False)


def test_a_state_that_no_language_here_knows_is_left_open() -> None:
    (one,) = only_log(AdvfirewallLog, GERMAN.replace("AUS", "WYŁ")).profiles
    assert one.is_on is None


@given(damaged(FIREWALL + ALL + GERMAN) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in [*log.profiles, *log.categories] if log else ():
        assert 1 <= one.line <= len(text.splitlines())
