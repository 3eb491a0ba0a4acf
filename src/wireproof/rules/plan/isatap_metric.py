"""A server's way back to the ISATAP router does not win against the server's own ISATAP route.

## What is seen
A DirectAccess server has a route to the ISATAP prefix through the separate ISATAP router, and its metric is not below that of the route which
the server's own ISATAP interface has to the same prefix.

## Why it matters
Both routes have the same prefix, so the lower metric decides. The server answers stations through its own tunnel instead of through the router, and
the answers never arrive: stations see time-outs while packets reach the clients.

## Fix
Set the route again with a lower metric. Windows compares sums: metric of the route plus metric of the adapter, as `route print -6` shows them.

## Looks alike but is not
A route with a lower metric. A server that has no ISATAP route of its own. A single server that is the ISATAP router itself.

## References
Field report on an ISATAP router behind an external load balancer; Microsoft: `netsh interface ipv6 add route` (metric).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.stated import Place

RULE = "plan-isatap-metric"
SEVERITY = Severity.ERROR
ON_LINK_METRIC = limit(
    "plan-isatap-metric.usual",
    256,
    "the metric that Windows gives to an on-link route and to an added route without one: nothing else is known of the server's own",
)


def judge(review: Review) -> Iterator[Finding]:
    """One finding for all servers whose way back loses."""
    prefix = review.ground.isatap_prefix()
    if prefix is None or review.site.isatap_router is None:
        return
    losing: list[tuple[Place, str]] = []
    servers, guessed = [], False
    for server, _ in review.ground.servers:
        own = server.isatap.metric if server.isatap else None
        limit_metric = int(ON_LINK_METRIC.value) if own is None else own
        back = [route for route in review.ground.routes_of(server) if route.prefix == prefix and route.next_hop]
        metrics = [int(ON_LINK_METRIC.value) if route.metric is None else route.metric for route in back]
        if back and min(metrics) >= limit_metric:
            servers.append(server.name)
            guessed |= own is None
            losing += [
                (route.place, f"metric {metric}, own route {limit_metric}")
                for route, metric in zip(back, metrics, strict=True)
            ]
    if not servers:
        return
    told = Told(
        f"The way back to {prefix} does not win on {', '.join(servers[:5])}",
        f"The route to {prefix} by the ISATAP router has a metric that is not below the one of the server's own ISATAP route, so answers take the "
        "server's own tunnel and get lost."
        + (" The server's own metric is not stated; Windows usually gives 256." if guessed else ""),
        [
            "Delete the route and add it again with a lower metric, such as 200.",
            "`route print -6` has to show the router's route with the lower sum.",
        ],
        [
            "Field report: manage-out with an ISATAP router for two DirectAccess servers behind an external load balancer"
        ],
        {"servers": servers},
        Confidence.MEDIUM if guessed else Confidence.HIGH,
    )
    yield finding(review, RULE, SEVERITY, told, losing)
