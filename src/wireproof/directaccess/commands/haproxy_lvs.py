"""HAProxy and LVS boxes: the Linux routing table forwards, the balancer itself can't.

HAProxy ends every connection itself, and an LVS service is one address or firewall mark; neither stands for a prefix.
Syntax: ip-route(8), sysctl(8), and `static_routes` of keepalived.conf(5).
"""

from __future__ import annotations

from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AddForwardingServer


def word(operation: AddForwardingServer) -> Worded:
    """A route now, and what keeps it over a restart. Forwarding stays on when it is undone: others may rest on it."""
    route = f"{operation.prefix.compressed} via {operation.member.compressed}"
    return Worded(
        (
            "# Not verified. HAProxy and LVS do not forward by prefix; the box's own routing does.",
            "sysctl -w net.ipv6.conf.all.forwarding=1",
            f"ip -6 route replace {route}",
            f"# To keep it, in /etc/keepalived/keepalived.conf: static_routes {{ {route} }}",
        ),
        (f"ip -6 route del {route}",),
        verified=False,
    )
