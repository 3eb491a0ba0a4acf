"""Small sites for tests of methods, plans and their rules: one server, a cluster behind a balancer, an ISATAP router beside one."""

from __future__ import annotations

from typing import TypeVar

from wireproof.directaccess.plan.model import MachinePlan, Operation, Plan
from wireproof.directaccess.review import Review
from wireproof.directaccess.site.read import read_site
from wireproof.finding import Finding
from wireproof.rules import find_rule

ONE_SERVER = """\
domain: corp.example
intranet: ipv4-only
clients: [windows-10]
teredo: true
method: auto
networks:
  - {name: servers, ipv4: [10.0.0.0/24]}
  - {name: desks, ipv4: [10.0.7.0/24]}
entry-points:
  - name: Office
    servers:
      - name: DA1
        internal: {name: Corpnet, index: 12, network: servers, ipv4: [10.0.0.10]}
        external: {name: Internet, index: 13, ipv4: [131.107.0.2, 131.107.0.3]}
stations:
  - {name: MGMT1, adapter: {name: LAN, network: servers, ipv4: [10.0.0.50]}}
  - {name: MGMT2, adapter: {name: LAN, network: servers, ipv4: [10.0.0.51]}}
"""
"""Public addresses, two adapters, stations beside the server."""

OWN_PREFIX = """\
domain: corp.example
intranet: native-ipv6
clients: [windows-8]
method: auto
networks:
  - {name: servers, ipv6: ["2001:db8:1::/64"]}
  - {name: desks, ipv6: ["2001:db8:1:7::/64"]}
routers:
  - name: CORE
    adapters:
      - {name: vlan1, network: servers, ipv6: ["2001:db8:1::1/64"]}
      - {name: vlan7, network: desks, ipv6: ["2001:db8:1:7::1/64"]}
entry-points:
  - name: Office
    servers:
      - name: DA1
        internal: {name: Corpnet, network: servers, ipv6: ["2001:db8:1::10/64"]}
        external: {name: Internet, ipv4: [131.107.0.2]}
        ip-https-prefix: 2001:db8:1:1000::/64
stations:
  - {name: MGMT1, adapter: {name: LAN, network: desks, ipv6: ["2001:db8:1:7::50/64"], gateway: "2001:db8:1:7::1"}}
"""
"""Native IPv6, and a router between stations and server."""

BALANCED = """\
domain: corp.example
intranet: native-ipv6
clients: [windows-8]
teredo: false
method: auto
networks:
  - {name: corporate, ipv6: ["2131::/64"]}
entry-points:
  - name: Centre
    balancing: external
    balancer: {name: BIGIP, kind: f5, internal: {name: inside, network: corporate, ipv6: ["2131::1/64"]}}
    servers:
      - name: DA1
        internal: {name: Corp, network: corporate, ipv6: ["2131::101/64"]}
        external: {name: Internet, ipv4: [192.168.1.1]}
        ip-https-prefix: 2131:0:0:1000::/64
      - name: DA2
        internal: {name: Corp, network: corporate, ipv6: ["2131::201/64"]}
        external: {name: Internet, ipv4: [192.168.1.2]}
        ip-https-prefix: 2131:0:0:1001::/64
stations:
  - {name: SCANNER, adapter: {name: LAN, network: corporate, ipv6: ["2131::50/64"]}}
"""
"""Two servers behind an F5, native IPv6."""

BESIDE_ROUTER = """\
domain: corp.example
intranet: isatap
clients: [windows-10]
method: isatap-router
networks:
  - {name: servers, ipv4: [10.0.0.0/24], ipv6: ["fd9c:30c:2da4:111::/64"]}
entry-points:
  - name: Centre
    balancing: external
    servers:
      - name: DAV01
        internal: {name: Inside, index: 12, network: servers, ipv4: [10.0.0.25], ipv6: ["fd9c:30c:2da4:111::25/64"]}
        external: {name: Internet, ipv4: [192.168.1.25]}
        ip-https-prefix: fd9c:30c:2da4:1000::/64
        isatap: {prefix: "fd9c:30c:2da4:1::/64", metric: 256}
      - name: DAV02
        internal: {name: Inside, index: 12, network: servers, ipv4: [10.0.0.26], ipv6: ["fd9c:30c:2da4:111::26/64"]}
        external: {name: Internet, ipv4: [192.168.1.26]}
        ip-https-prefix: fd9c:30c:2da4:1001::/64
        isatap: {prefix: "fd9c:30c:2da4:1::/64", metric: 256}
isatap-router:
  name: ISATAP01
  record: da-isatap.corp.example
  adapter: {index: 10, network: servers, ipv4: [10.0.0.31], ipv6: ["fd9c:30c:2da4:111::31/64"]}
  isatap: {index: 6, prefix: "fd9c:30c:2da4:1::/64"}
stations:
  - {name: MGMT1, adapter: {name: LAN, network: servers, ipv4: [10.0.0.50]}}
"""
"""Two servers behind a balancer, an ISATAP router beside them, stations with IPv4 only."""

Kind = TypeVar("Kind", bound=Operation)


def review(text: str, *, as_is: bool = False) -> Review:
    """A site under review."""
    return Review(read_site(text, "site.yaml"), as_is=as_is)


def plan(text: str) -> Plan:
    """The plan of a site."""
    return review(text).plan


def machine(made: Plan, name: str) -> MachinePlan:
    """The plan of one machine."""
    return next(one for one in made.machines if one.name == name)


def operations(made: Plan, name: str, kind: type[Kind]) -> list[Kind]:
    """The operations of one kind on one machine, in order."""
    return [
        step.operation
        for one in made.machines
        if one.name == name
        for step in one.steps
        if isinstance(step.operation, kind)
    ]


def fatal(text: str, method: str) -> set[str]:
    """Keys of the reasons that rule a method out."""
    return {
        objection.key
        for objection in plan(text).choice.objections
        if objection.fatal and objection.method.value == method
    }


def found(rule: str, text: str, *, as_is: bool = False) -> list[Finding]:
    """What one rule finds in a site."""
    verdicts = list(find_rule(rule).judge(review(text, as_is=as_is)))
    findings = [verdict for verdict in verdicts if isinstance(verdict, Finding)]
    assert findings == verdicts
    return findings
