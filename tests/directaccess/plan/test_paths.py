"""Routes that stations need."""

from __future__ import annotations

from tests.support.plans import BALANCED, review
from tests.support.site_text import change
from wireproof.directaccess.plan.paths import Paths
from wireproof.directaccess.plan.targets import find_targets
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Method

ROUTED = change(
    change(BALANCED, "networks:\n", 'networks:\n  - {name: desks, ipv6: ["2131:0:0:7::/64"]}\n'),
    "entry-points:\n",
    'routers: [{name: R, adapters: [{network: corporate, ipv6: ["2131::2/64"]}, {network: desks, ipv6: ["2131:0:0:7::1/64"]}]}]\nentry-points:\n',
)
ROUTED = change(ROUTED, 'network: corporate, ipv6: ["2131::50/64"]', 'network: desks, ipv6: ["2131:0:0:7::50/64"]')
LYON = """\
  - name: Lyon
    servers:
      - {name: DA9, internal: {network: corporate, ipv6: ["2131::99/64"]}, external: {}, ip-https-prefix: "2131:0:0:1002::/64"}
stations:
"""


def paths(text: str, method: Method) -> list[tuple[str, str]]:
    work = Work(review(text).ground, method)
    return [(str(path.prefix), str(path.hop)) for path in Paths(work, find_targets(work)).of(work.site.stations[0])]


def test_members_on_the_stations_link_have_a_route_each() -> None:
    assert paths(BALANCED, Method.NATIVE_OWN) == [
        ("2131:0:0:1000::/64", "2131::101"),
        ("2131:0:0:1001::/64", "2131::201"),
    ]


def test_members_behind_one_router_share_the_clusters_prefix() -> None:
    whole = "    ip-https-prefix: 2131:0:0:1000::/59\n    balancing: external\n"
    text = change(ROUTED, "    balancing: external\n", whole)
    assert paths(text, Method.NATIVE_OWN) == [("2131:0:0:1000::/59", "2131:0:0:7::1")]


def test_a_clusters_prefix_with_somebody_else_inside_is_not_used() -> None:
    whole = "    ip-https-prefix: 2131:0:0:1000::/59\n    balancing: external\n"
    text = change(change(ROUTED, "    balancing: external\n", whole), "stations:\n", LYON)
    assert [prefix for prefix, _ in paths(text, Method.NATIVE_OWN)] == [
        "2131:0:0:1000::/64",
        "2131:0:0:1001::/64",
        "2131:0:0:1002::/64",
    ]


def test_a_gateway_on_the_way_makes_routes_needless() -> None:
    text = change(ROUTED, 'ipv6: ["2131:0:0:7::50/64"]', 'ipv6: ["2131:0:0:7::50/64"], gateway: "2131:0:0:7::1"')
    assert paths(text, Method.NATIVE_OWN) == []
