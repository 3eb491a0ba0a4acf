from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from wireproof.directaccess.commands import dns
from wireproof.directaccess.plan.model import AddDnsRecord

A = AddDnsRecord("corp.example", "da-isatap", IPv4Address("10.0.0.31"))
AAAA = AddDnsRecord("corp.example", "jump1", IPv6Address("2002:836b:2:3333::10"))


def test_records_by_cmdlet() -> None:
    assert dns.word_powershell(A).do == (
        "Add-DnsServerResourceRecordA -ZoneName 'corp.example' -Name 'da-isatap' -IPv4Address 10.0.0.31",
    )
    assert "ResourceRecordAAAA" in dns.word_powershell(AAAA).do[0]
    assert "-RRType AAAA -Name 'jump1' -RecordData 2002:836b:2:3333::10 -Force" in dns.word_powershell(AAAA).undo[0]


def test_records_by_dnscmd() -> None:
    assert dns.word_cmd(A).do == ('dnscmd . /RecordAdd "corp.example" "da-isatap" A 10.0.0.31',)
    assert dns.word_cmd(AAAA).undo[0].startswith("dnscmd . /RecordDelete ")
    assert dns.word_cmd(AAAA).undo[0].endswith(" /f")
