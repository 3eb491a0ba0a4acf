from __future__ import annotations

from ipaddress import IPv6Network

from wireproof.directaccess.commands import firewall
from wireproof.directaccess.plan.model import AddFirewallRule

RULE = AddFirewallRule(
    "DA out",
    ("tcp/3389", "tcp/5985", "icmp"),
    (IPv6Network("fd9c::/64"),),
    True,
    policy="DA clients",
    domain="corp.example",
)


def test_a_rule_goes_into_the_policy_one_for_each_protocol() -> None:
    making, linking, *do = firewall.word_powershell(RULE).do
    assert "New-GPO -Name 'DA clients'" in making
    assert linking.startswith("# A new policy has no effect until it is linked")
    assert len(do) == 2
    assert all("-PolicyStore 'corp.example\\DA clients'" in line for line in do)
    assert "-Protocol TCP -LocalPort 3389,5985 -RemoteAddress fd9c::/64 -EdgeTraversalPolicy Allow" in do[0]
    assert "-Protocol ICMPv6 -IcmpType 128" in do[1]
    assert all("-Profile Public,Private -Action Allow" in line for line in do)


def test_without_a_domain_that_of_the_user_is_taken() -> None:
    rule = AddFirewallRule("DA out", (), (), False, policy="DA clients")
    line = firewall.word_powershell(rule).do[-1]
    assert "-PolicyStore ($env:USERDNSDOMAIN + '\\DA clients')" in line
    assert "-Protocol Any -RemoteAddress Any -EdgeTraversalPolicy Block" in line


def test_netsh_words_it_for_one_client_and_says_so() -> None:
    worded = firewall.word_netsh(RULE)
    assert worded.do[0].startswith("rem On one client")
    assert "protocol=tcp localport=3389,5985 remoteip=fd9c::/64 edge=yes profile=public,private" in worded.do[1]
    assert "protocol=icmpv6:128,any" in worded.do[2]
    assert worded.undo == ('netsh advfirewall firewall delete rule name="DA out" dir=in',)
