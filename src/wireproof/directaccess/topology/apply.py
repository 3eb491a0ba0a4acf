"""Operations done on drafts: those of the plan, and those that commands in the site file stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wireproof.directaccess.plan.model import (
    AddAddress,
    AddForwardingServer,
    AddRoute,
    Operation,
    SetForwarding,
    SetGroupPolicy,
    SetIsatapRouter,
)
from wireproof.directaccess.topology.draft import CONNECTED, Draft
from wireproof.directaccess.topology.isatap import isatap_interfaces
from wireproof.directaccess.topology.model import NodeKind, Origin, Route


def apply(draft: Draft, operation: Operation, origin: Origin) -> None:
    """Do one operation on one machine; those that routing doesn't notice do nothing."""
    action = _ACTIONS.get(type(operation))
    if action:
        action(draft, operation, origin)


def _add_address(draft: Draft, operation: AddAddress, origin: Origin) -> None:
    draft.add_address(draft.find(operation.adapter), operation.address, origin)


def _add_route(draft: Draft, operation: AddRoute, origin: Origin) -> None:
    name = draft.find(operation.adapter, operation.next_hop)
    metric = CONNECTED if operation.metric is None else operation.metric
    route = Route(operation.prefix, name, operation.next_hop, metric, origin)
    draft.routes.append(route)
    if operation.publish:
        draft.published.append(route)


def _set_forwarding(draft: Draft, operation: SetForwarding, _: Origin) -> None:
    if operation.forwarding is not None:
        draft.set_forwarding(draft.find(operation.adapter), operation.forwarding)
    if operation.advertising is not None:
        draft.advertises = operation.advertising


def _set_isatap_router(draft: Draft, operation: SetIsatapRouter, _: Origin) -> None:
    if operation.state.lower() != "disabled":
        isatap_interfaces(draft, None)
        draft.record = operation.record


def _add_forwarding_server(draft: Draft, operation: AddForwardingServer, origin: Origin) -> None:
    draft.routes.append(
        Route(operation.prefix, draft.find(None, operation.member), operation.member, CONNECTED, origin)
    )


_ACTIONS: dict[type[Any], Callable[[Draft, Any, Origin], None]] = {
    AddAddress: _add_address,
    AddRoute: _add_route,
    SetForwarding: _set_forwarding,
    SetIsatapRouter: _set_isatap_router,
    AddForwardingServer: _add_forwarding_server,
}


def names_isatap_router(operation: Operation) -> str:
    """The ISATAP router that a group policy setting tells hosts; empty for every other operation."""
    if isinstance(operation, SetGroupPolicy):
        key = operation.key.lower().replace("_", " ")
        if "isatap" in key and "router" in key:
            return operation.value
    return ""


def tell_hosts(drafts: dict[str, Draft], record: str) -> None:
    """What the policy sets on every station that has not been told otherwise."""
    for draft in drafts.values():
        if draft.kind is NodeKind.STATION and not draft.record:
            draft.record = record
