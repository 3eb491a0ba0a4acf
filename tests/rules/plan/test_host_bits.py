"""Prefixes with host bits set."""

from __future__ import annotations

from tests.support.plans import BALANCED, found
from tests.support.site_text import change

RULE = "plan-host-bits"


def test_a_slash_59_that_begins_inside_another_is_told_with_its_line() -> None:
    text = change(BALANCED, "2131:0:0:1001::/64", "2131:0:0:1001::/59")
    (finding,) = found(RULE, text)
    assert "2131:0:0:1000::/59" in finding.summary
    assert "1001::/59" in text.splitlines()[finding.evidence[0].line - 1]


def test_a_command_with_host_bits_is_found_too() -> None:
    text = BALANCED + "    commands: [netsh interface ipv6 add route 2131:0:0:1001::/59 LAN 2131::1]\n"
    text = text.replace(
        '  - {name: SCANNER, adapter: {name: LAN, network: corporate, ipv6: ["2131::50/64"]}}',
        '  - name: SCANNER\n    adapter: {name: LAN, network: corporate, ipv6: ["2131::50/64"]}',
    )
    (finding,) = found(RULE, text)
    assert "commands: [netsh" in text.splitlines()[finding.evidence[0].line - 1]


def test_an_address_with_its_prefix_length_is_fine() -> None:
    assert found(RULE, BALANCED) == []
