"""What was done already, by keys and by commands."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

from tests.support.plans import BESIDE_ROUTER, review
from tests.support.site_text import change
from wireproof.directaccess.method.done import done_routes, isatap_names

RUN = """\
        commands:
          - netsh interface ipv6 show route
          - netsh interface ipv6 add route fd9c:30c:2da4:1::/64 12 nexthop=fd9c:30c:2da4:111::31 metric=200
      - name: DAV02
"""


def test_a_route_that_a_command_added_is_there_with_its_metric_and_line() -> None:
    site = review(change(BESIDE_ROUTER, "      - name: DAV02\n", RUN)).site
    (route,) = done_routes(site.entry_points[0].servers[0])
    assert (route.prefix, route.next_hop, route.metric) == (
        IPv6Network("fd9c:30c:2da4:1::/64"),
        IPv6Address("fd9c:30c:2da4:111::31"),
        200,
    )
    assert "metric=200" in change(BESIDE_ROUTER, "      - name: DAV02\n", RUN).splitlines()[site.line(route.place) - 1]


def test_a_stated_route_is_there_and_one_that_means_nothing_is_not() -> None:
    routes = '        routes: [{prefix: "2001:db8::/64", next-hop: "2001:db8::1"}, {prefix: nonsense}]\n      - name: DAV02\n'
    site = review(change(BESIDE_ROUTER, "      - name: DAV02\n", routes)).site
    assert [str(route.prefix) for route in done_routes(site.entry_points[0].servers[0])] == ["2001:db8::/64"]


def test_names_of_isatap_routers_come_from_record_dns_and_commands() -> None:
    text = BESIDE_ROUTER + "dns: [{name: isatap, value: 10.0.0.31}]\n"
    text = change(
        text, "  record:", "  commands: [netsh interface ipv6 isatap set router other.corp.example]\n  record:"
    )
    assert [name for name, _ in isatap_names(review(text).site)] == [
        "da-isatap.corp.example",
        "isatap",
        "other.corp.example",
    ]
