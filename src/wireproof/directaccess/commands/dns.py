"""DNS records in the words of the DnsServer module and of dnscmd; run on a DNS server of the zone.

Syntax: reference pages of Add-DnsServerResourceRecordA and -AAAA, Remove-DnsServerResourceRecord, dnscmd /RecordAdd.
"""

from __future__ import annotations

from wireproof.directaccess.commands.quote import quote_cmd, quote_powershell
from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AddDnsRecord


def word_powershell(operation: AddDnsRecord) -> Worded:
    """A record by cmdlet, and its removal."""
    kind, family = _kind(operation)
    zone, name = quote_powershell(operation.zone), quote_powershell(operation.name)
    address = operation.address.compressed
    return Worded(
        (f"Add-DnsServerResourceRecord{kind} -ZoneName {zone} -Name {name} -{family}Address {address}",),
        (f"Remove-DnsServerResourceRecord -ZoneName {zone} -RRType {kind} -Name {name} -RecordData {address} -Force",),
    )


def word_cmd(operation: AddDnsRecord) -> Worded:
    """A record by dnscmd (`.` is the machine itself), and its removal."""
    kind, _ = _kind(operation)
    record = f"{quote_cmd(operation.zone)} {quote_cmd(operation.name)} {kind} {operation.address.compressed}"
    return Worded((f"dnscmd . /RecordAdd {record}",), (f"dnscmd . /RecordDelete {record} /f",))


def _kind(operation: AddDnsRecord) -> tuple[str, str]:
    return ("A", "IPv4") if operation.address.version == 4 else ("AAAA", "IPv6")
