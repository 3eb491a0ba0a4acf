"""DNS names of a site."""

from __future__ import annotations

from ipaddress import IPv4Address

from tests.support.plans import BESIDE_ROUTER
from wireproof.directaccess.plan.model import AddDnsRecord
from wireproof.directaccess.site.read import read_site
from wireproof.directaccess.topology.names import Names

DNS = """
dns:
  - {name: da-isatap, type: CNAME, value: isatap01.corp.example}
  - {name: round, type: CNAME, value: round}
  - {name: odd, type: A, value: "10.0.0"}
"""
SITE = read_site(BESIDE_ROUTER + DNS, "site.yaml")


def test_a_cname_leads_to_the_machine_that_registered_itself() -> None:
    assert Names(SITE, []).addresses("DA-ISATAP.corp.example.") == {IPv4Address("10.0.0.31")}


def test_planned_records_count() -> None:
    record = AddDnsRecord("corp.example", "manage", IPv4Address("10.0.0.9"))
    assert Names(SITE, [record]).addresses("manage") == {IPv4Address("10.0.0.9")}


def test_circles_nonsense_and_unknown_names_lead_nowhere() -> None:
    names = Names(SITE, [])
    assert [names.addresses(name) for name in ("round", "odd", "nobody")] == [set(), set(), set()]


def test_without_records_nothing_is_known() -> None:
    assert not Names(read_site(BESIDE_ROUTER, "site.yaml"), []).known
