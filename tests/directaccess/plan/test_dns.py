"""The record of the ISATAP router."""

from __future__ import annotations

from ipaddress import IPv4Address

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, operations, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.model import AddDnsRecord


def test_the_record_leads_to_the_router() -> None:
    assert operations(plan(BESIDE_ROUTER), "DNS", AddDnsRecord) == [
        AddDnsRecord("corp.example", "da-isatap", IPv4Address("10.0.0.31"))
    ]


def test_with_limited_isatap_it_leads_to_the_server() -> None:
    made = plan(change(ONE_SERVER, "method: auto", "method: isatap"))
    assert operations(made, "DNS", AddDnsRecord) == [
        AddDnsRecord("corp.example", "da-isatap", IPv4Address("10.0.0.10"))
    ]


def test_a_record_that_is_there_is_not_planned_again() -> None:
    for name in ("da-isatap", "DA-ISATAP.corp.example", "da-isatap.corp.example."):
        assert (
            operations(plan(BESIDE_ROUTER + f"dns: [{{name: {name}, value: 10.0.0.31}}]\n"), "DNS", AddDnsRecord) == []
        )


def test_native_ipv6_needs_no_record() -> None:
    assert operations(plan(ONE_SERVER), "DNS", AddDnsRecord) == []


def test_without_a_stated_domain_the_zone_is_left_to_fill_in() -> None:
    text = change(change(ONE_SERVER, "method: auto", "method: isatap"), "domain: corp.example\n", "")
    (record,) = operations(plan(text), "DNS", AddDnsRecord)
    assert (record.zone, record.name) == ("<DNS domain of the intranet>", "da-isatap")
