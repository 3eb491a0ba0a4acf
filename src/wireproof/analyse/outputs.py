"""Outputs that are collected with the others and that no rule reads: known by their names, so that nobody takes them for lost.

Takes paths; gives whether they are such, and a sentence. What a reader understands never comes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from wireproof.wire.text_encoding import decode

KEPT = frozenset(
    (
        "icmp-rules", "w32tm-query-status", "netsh-interface-ipv4-show-dynamicport-tcp", "netsh-winhttp-show-proxy",
        "netsh-interface-teredo-show-state", "netsh-advfirewall-monitor-show-mmsa", "netsh-advfirewall-monitor-show-qmsa",
        "netsh-namespace-show-effectivepolicy", "netsh-dns-show-state", "net-use", "net-share", "net-session", "whoami-all", "wfpdiag",
        "date-iso-8601-ns", "ip-address", "ip-route-show-table-all", "ip-6-route", "ip-neigh", "ss-tanp", "ss-uanp", "nft-list-ruleset",
        "iptables-save", "cat-etc-resolv-conf", "uname-a", "ethtool-k", "certificates",
    )
)  # fmt: skip
"""Names of files, without suffix, as `wireproof collect` names them. On Linux some are understood and some not, as what they show differs."""
SUFFIXES = frozenset((".txt", ".xml"))
MOST_NAMES = 5


def is_kept(name: str, head: bytes) -> bool:
    """Whether a file of this name that begins with `head`, and that nothing was understood of, is one of these outputs."""
    path = PurePath(name.rpartition("!")[2])
    is_named = path.stem.lower() in KEPT and path.suffix.lower() in SUFFIXES
    return is_named and (not head or decode(head) is not None)


def describe_kept(names: Sequence[str]) -> str:
    """What is said of them in one note."""
    shown = [PurePath(name.rpartition("!")[2]).name for name in names]
    more = f" and {len(shown) - MOST_NAMES} more" if len(shown) > MOST_NAMES else ""
    return f"outputs that no rule reads, for you to look into: {', '.join(shown[:MOST_NAMES])}{more}"
