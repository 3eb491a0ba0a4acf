"""NetScaler (Citrix ADC): an IPv6 static route to the client prefix.

Syntax: the product's command reference (`enable ns feature`, `enable ns mode`, `add route6`, `rm route6`, `save ns config`).
The box forwards by its routing table in layer 3 mode; nobody tried these lines for DirectAccess.
"""

from __future__ import annotations

from wireproof.directaccess.commands.worded import Worded
from wireproof.directaccess.plan.model import AddForwardingServer

_SAVE = "save ns config"


def word(operation: AddForwardingServer) -> Worded:
    """IPv6 and layer 3 mode on, the route, saving. The modes stay on when it is undone: others may rest on them."""
    route = f"{operation.prefix.compressed} {operation.member.compressed}"
    return Worded(
        (
            "# Not verified on a NetScaler: forwards by route, in layer 3 mode",
            "enable ns feature IPv6PT",
            "enable ns mode L3",
            f"add route6 {route}",
            _SAVE,
        ),
        (f"rm route6 {route}", _SAVE),
        verified=False,
    )
