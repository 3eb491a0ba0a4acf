"""Whether a node lets a packet in or through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Network

from wireproof.directaccess.topology.lookup import span
from wireproof.directaccess.topology.model import Filter, Node

ANY_PORT = ""
"""Stands for a packet to whatever port is let in: only what holds for all ports can drop it."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Source and destination as integers; `port` such as tcp/3389, icmp, or ANY_PORT."""

    source: int
    destination: int
    port: str = ANY_PORT


@dataclass(frozen=True, slots=True)
class Passage:
    """How a packet meets a node: for itself or passing, and the interfaces it comes and goes by."""

    forwarded: bool
    interfaces: frozenset[str]


def dropped_by(node: Node, packet: Packet, passage: Passage) -> str:
    """Why the node drops the packet; empty when it doesn't."""
    concerned = [one for one in node.filters if _concerns(one, packet, passage)]
    for one in concerned:
        if not one.allow and _names_port(one, packet.port, sure=True):
            return one.why or f"a filter on {node.name} drops it"
    allowing = [one for one in node.filters if one.allow and _on_the_way(one, passage)]
    if allowing and not any(one.allow and _names_port(one, packet.port, sure=False) for one in concerned):
        return f"no inbound rule on {node.name} lets {packet.port or 'anything'} in from this address"
    return ""


def _on_the_way(one: Filter, passage: Passage) -> bool:
    if one.forwarded is not None and one.forwarded != passage.forwarded:
        return False
    return not one.interfaces or bool(passage.interfaces & set(one.interfaces))


def _concerns(one: Filter, packet: Packet, passage: Passage) -> bool:
    return (
        _on_the_way(one, passage)
        and _covers(one.sources, packet.source)
        and _covers(one.destinations, packet.destination)
    )


def _covers(prefixes: Iterable[IPv6Network], address: int) -> bool:
    spans = [span(prefix) for prefix in prefixes]
    return not spans or any(first <= address <= last for first, last in spans)


def _names_port(one: Filter, port: str, *, sure: bool) -> bool:
    """For any port: a dropping rule has to name none (`sure`), an allowing one may name some."""
    if port == ANY_PORT:
        return not one.ports if sure else True
    return not one.ports or port in one.ports
