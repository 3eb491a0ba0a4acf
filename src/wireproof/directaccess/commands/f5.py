"""F5 BIG-IP in the words of tmsh: a network virtual server with a pool of one DirectAccess server.

Syntax: TMSH reference of `ltm pool`, `ltm virtual`, `net route` and `sys config`. Packets are handed on with both addresses
as they came: no destination translation, no source NAT. A virtual server of type Forwarding (IP), `ip-forward`, follows the
routing table instead of a pool; it needs the route that the last comment gives.
"""

from __future__ import annotations

from wireproof.directaccess.commands.quote import existing_name, object_name
from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AddForwardingServer

_SAVE = "tmsh save sys config"


def word(operation: AddForwardingServer) -> Worded:
    """Pool, virtual server and saving; undone in the opposite order."""
    name, vlan = object_name(operation.name), existing_name(operation.vlan)
    pool, virtual = f"pool_{name}", f"vs_{name}"
    prefix, member = operation.prefix, operation.member.compressed
    options = (
        f"destination {prefix.network_address.compressed}.0 mask {prefix.netmask.compressed} source ::/0 ip-protocol any",
        f"pool {pool} profiles add {{ fastL4 }} translate-address disabled translate-port disabled",
        f"source-address-translation {{ type none }} vlans-enabled vlans add {{ {vlan} }}",
    )
    route = f"tmsh create net route route_{name} network {prefix.compressed} gw {member}"
    return Worded(
        (
            f"tmsh create ltm pool {pool} members add {{ {member}.0 }} monitor gateway_icmp",
            f"tmsh create ltm virtual {virtual} {' '.join(options)}",
            _SAVE,
            f"# Instead of the pool, for a virtual server of type Forwarding (IP): {route}",
        ),
        (f"tmsh delete ltm virtual {virtual}", f"tmsh delete ltm pool {pool}", _SAVE),
        verified=False,
    )
