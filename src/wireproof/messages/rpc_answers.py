"""What requests and responses say about where something is served: endpoint maps, activations and resolved objects.

Takes an interface, an operation and stub bytes; gives a `Said`. Holds the list of the operations whose stubs are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from wireproof.wire import dcom, epm
from wireproof.wire.rpc_interfaces import class_name, interface_name


@dataclass(frozen=True, slots=True)
class Place:
    """One place where something is served. `address` may be a name, "" or 0.0.0.0; `port` is 0 where the endpoint is a pipe."""

    sequence: str
    address: str
    endpoint: str
    port: int

    @property
    def text(self) -> str:
        """As a string binding: `ncacn_ip_tcp:10.1.1.1[49154]`."""
        return f"{self.sequence}:{self.address}" + (f"[{self.endpoint}]" if self.endpoint else "")


@dataclass(frozen=True, slots=True)
class Said:
    """Content of one stub: the interface or class in question, the places named, and the status (-1 where it is not known)."""

    service: str = ""
    service_name: str = ""
    places: tuple[Place, ...] = ()
    status: int = -1


@dataclass(frozen=True, slots=True)
class Stub:
    """The bytes of a request or response and how they are marshalled."""

    data: bytes
    order: str
    wide: bool
    opnum: int


def _map_asked(stub: Stub) -> Said | None:
    tower = epm.unpack_map_request(stub.data, stub.order, wide=stub.wide)
    return Said(tower.interface, interface_name(tower.interface)) if tower else None


def _mapped(stub: Stub) -> Said | None:
    answer = epm.unpack_map_answer(stub.data, stub.order, wide=stub.wide)
    if answer is None:
        return None
    places = tuple(Place(tower.sequence, tower.address, tower.endpoint, tower.port) for tower in answer.towers)
    service = answer.towers[0].interface if answer.towers else ""
    return Said(service, interface_name(service) if service else "", places, answer.status)


def _class_asked(stub: Stub) -> Said | None:
    asked = dcom.unpack_class_asked(stub.data, stub.order)
    return Said(asked, class_name(asked)) if asked else None


def _old_class_asked(stub: Stub) -> Said | None:
    asked = dcom.unpack_class_of_activation(stub.data, stub.order)
    return Said(asked, class_name(asked)) if asked else None


def _object(answer: dcom.ObjectAnswer | None) -> Said | None:
    if answer is None:
        return None
    places = tuple(Place(each.sequence, each.address, each.endpoint, each.port) for each in answer.bindings)
    return Said(places=places, status=answer.result)


def _activated(stub: Stub) -> Said | None:
    return _object(dcom.unpack_activated(stub.data, stub.order))


def _old_activated(stub: Stub) -> Said | None:
    return _object(dcom.unpack_activation_answer(stub.data, stub.order))


def _resolved(stub: Stub) -> Said | None:
    return _object(dcom.unpack_resolved(stub.data, stub.order, stub.opnum))


Decoder = Callable[[Stub], Said | None]

ASKED: dict[tuple[str, int], Decoder] = {
    (epm.INTERFACE, epm.MAP): _map_asked,
    (dcom.SYSTEM_ACTIVATOR, 3): _class_asked,
    (dcom.SYSTEM_ACTIVATOR, 4): _class_asked,
    (dcom.ACTIVATION, 0): _old_class_asked,
}
ANSWERED: dict[tuple[str, int], Decoder] = {
    (epm.INTERFACE, epm.MAP): _mapped,
    (dcom.SYSTEM_ACTIVATOR, 3): _activated,
    (dcom.SYSTEM_ACTIVATOR, 4): _activated,
    (dcom.ACTIVATION, 0): _old_activated,
    (dcom.OBJECT_EXPORTER, 0): _resolved,
    (dcom.OBJECT_EXPORTER, 4): _resolved,
    (dcom.OBJECT_EXPORTER, 5): _resolved,
}
USUAL: dict[str, int] = {epm.INTERFACE: epm.MAP, dcom.SYSTEM_ACTIVATOR: 4, dcom.ACTIVATION: 0}
"""The operation that a response is taken to answer where the capture lacks its request."""
ON_MAPPER_PORT = (epm.INTERFACE, dcom.SYSTEM_ACTIVATOR, dcom.OBJECT_EXPORTER, dcom.ACTIVATION)
"""What port 135 serves, in the order in which it is tried on calls whose bind the capture lacks."""


def read_asked(interface: str, stub: Stub) -> Said | None:
    """What a request asks for; None where its operation is not one of these, or the bytes do not make sense."""
    decoder = ASKED.get((interface, stub.opnum))
    return decoder(stub) if decoder else None


def read_answered(interface: str, stub: Stub) -> Said | None:
    """What a response names."""
    decoder = ANSWERED.get((interface, stub.opnum))
    return decoder(stub) if decoder else None


def guess_asked(stub: Stub) -> tuple[str, Said] | None:
    """Interface and content of a request to port 135 whose bind is not known: the first one as which it makes sense."""
    for wide in (False, True):
        for interface in ON_MAPPER_PORT[:2]:
            said = read_asked(interface, replace(stub, wide=wide))
            if said and said.service_name:
                return interface, said
    return None


def guess_answered(stub: Stub) -> tuple[str, Said] | None:
    """Interface and content of a response from port 135 whose bind is not known; only one that names places is believed."""
    for wide in (False, True):
        for interface in ON_MAPPER_PORT:
            opnum = stub.opnum if stub.opnum >= 0 else USUAL.get(interface, 4)
            said = read_answered(interface, replace(stub, wide=wide, opnum=opnum))
            if said and said.places and said.status == 0:
                return interface, said
    return None
