"""Whether a capture can show the DirectAccess connection process at all, told without decoding anything.

Takes what is known of a capture's conversations; gives yes or no. A no saves loading all that reads the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.conversations import Conversations
    from wireproof.messages.dns import DnsTable
    from wireproof.streams import Protocols

HTTPS = 443


def may_show_directaccess(conversations: Conversations, protocols: Protocols, dns: DnsTable) -> bool:
    """Every sign of it is a name asked for, TLS, HTTP, AuthIP, or an attempt to connect to port 443."""
    if len(dns) or protocols.has("tls", "http", "ike"):
        return True
    return bool((conversations.side_facts("port") == HTTPS).any())
