"""Which service of one capture is which of another, where addresses, names and ports may differ from machine to machine.

Takes the services of two captures in order of their first use; gives pairs. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wireproof.processes.compare.exchange import Service

Key = Callable[[Service], object]

BY_NAME: tuple[Key, ...] = (
    lambda service: (service.transport, service.name, service.port, service.protocol),
    lambda service: (service.transport, service.name, service.port),
    lambda service: (service.transport, service.address, service.port) if service.address else None,
    lambda service: (service.transport, service.name, service.protocol) if service.protocol else None,
)
"""The same service under its name, then where its protocol was not recognised on one side, at its address, and on another port."""

BY_LITTLE: tuple[Key, ...] = (
    lambda service: (service.transport, service.protocol) if service.transport == "tcp" and service.protocol else None,
    lambda service: (service.transport, service.port) if service.transport == "tcp" else None,
)

WEB = frozenset((80, 443, 8080, 8443))
"""Ports on which every other site is another service."""


def match_services(one: Iterable[Service], other: Iterable[Service]) -> dict[Service, Service]:
    """Services of one capture with those of another that they correspond to; what fits nothing is left out.

    What no name or address ties together is paired by port and protocol in order of first use: another machine asks another
    domain controller. Web sites with different names are never the same.
    """
    good, bad = list(dict.fromkeys(one)), list(dict.fromkeys(other))
    left, right = list(good), list(bad)
    found: dict[Service, Service] = {}
    for key in BY_NAME:
        _pair(left, right, key, found)
    _pair(left, right, _by_part, found)
    if _is_single(good) and _is_single(bad):
        # Captures of one thing each: there is nothing else that they could be compared by.
        for key in BY_LITTLE:
            _pair(left, right, key, found)
    return found


def _is_single(services: list[Service]) -> bool:
    """Whether a capture has a single TCP service."""
    return sum(service.transport == "tcp" for service in services) == 1


def _by_part(service: Service) -> object:
    """The part that a service plays, whoever plays it; None where that says too little."""
    if service.protocol == "rpc" and not service.port:
        return (service.transport, service.port, service.protocol)
    if not service.port or (service.port in WEB and service.named):
        return None
    if service.port >= 32_768 and not service.protocol:
        return None
    return (service.transport, service.port, service.protocol)


def _pair(left: list[Service], right: list[Service], key: Key, found: dict[Service, Service]) -> None:
    """Pair services of equal key in their order, and take them out of the lists."""
    waiting: dict[object, list[Service]] = {}
    for service in right:
        if key(service) is not None:
            waiting.setdefault(key(service), []).append(service)
    for service in list(left):
        partners = waiting.get(key(service), []) if key(service) is not None else []
        if partners:
            found[service] = partners.pop(0)
            left.remove(service)
            right.remove(found[service])
