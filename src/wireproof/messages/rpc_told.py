"""Endpoint maps and activations that a listing tells in words: trees of Wireshark and Network Monitor beneath a record, and the latter's summaries.

Takes a capture's tables and the messages read from bytes; gives both in one table. What the words leave out stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.messages.rpc import RpcMessage
from wireproof.messages.rpc_answers import Place
from wireproof.messages.table import MessageTable
from wireproof.wire import dcom, epm
from wireproof.wire.rpc_interfaces import CLASSES, INTERFACES, class_name, interface_name, operation_name

if TYPE_CHECKING:
    from wireproof.capture.frames import Tree
    from wireproof.conversations import CaptureTables

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})"
_KIND = re.compile(r"(?i)\b(request|response)\b")
_CALL = re.compile(r"\bCall(?:: |=0x|_id: |_ID: | ID: )(?P<id>[0-9A-Fa-f]{1,8})\b", re.IGNORECASE)
_IS_MAP = re.compile(r"\bept_map\b|\bEndpoint Mapper, Map\b|\bEPM\b[^\n]{0,40}\bMap (?:request|response)\b")
_FLOOR = re.compile(
    rf"\bFloor \d{{1,2}} (?:UUID: ?(?P<name>[\w.-]{{1,60}})|TCP Port: ?(?P<port>\d{{1,5}})|IP: ?(?P<address>{_ADDRESS})(?![\w.]))"
)
_TOWER = re.compile(rf"(?<![\d.])(?P<address>{_ADDRESS}):(?P<port>\d{{1,5}}) \(0x[0-9A-Fa-f]{{1,4}}\) ?\[")
_INTERFACE = re.compile(rf"\b(?:ept_map|Tower): NDR, (?P<name>[\w.-]{{1,60}})[^\n{{]{{0,60}}\{{(?P<uuid>{_UUID})\}}")
_BINDING = re.compile(
    r"\bTowerId: [^\n(]{0,30}\(0x(?P<tower>[0-9A-Fa-f]{1,4})\)|\bNetworkAddr(?:ess)?: ?(?P<text>[^\s]{1,260})"
)
_CLASS = re.compile(rf"\b(?:InstantiatedObjectClsId|CLSID|Clsid): [^\n{{(]{{0,80}}[{{(]?(?P<uuid>{_UUID})")
_OPERATIONS = (
    (re.compile(r"\bRemoteCreateInstance\b"), (dcom.SYSTEM_ACTIVATOR, 4)),
    (re.compile(r"\bRemoteGetClassObject\b"), (dcom.SYSTEM_ACTIVATOR, 3)),
    (re.compile(r"\bResolveOxid2\b"), (dcom.OBJECT_EXPORTER, 4)),
    (re.compile(r"\bResolveOxid\b"), (dcom.OBJECT_EXPORTER, 0)),
)
TCP = "ncacn_ip_tcp"
NO_OPERATION = ("", -1)
MOST_PLACES, MOST_PORT = 200, 0xFFFF


@dataclass(slots=True)
class Told:
    """What a record tells of one call. `line` is that of the text which names the last place, or where the record starts."""

    row: int
    kind: str
    call_id: int = -1
    operation: tuple[str, int] = NO_OPERATION
    service: str = ""
    service_name: str = ""
    places: list[Place] = field(default_factory=list)
    line: int = 0


def add_told(tables: CaptureTables, read: MessageTable[RpcMessage]) -> MessageTable[RpcMessage]:
    """The messages read from bytes, and those of frames whose bytes do not tell them."""
    known = {message.last_row for message in read if message.places or message.kind == "request"}
    asked: dict[int, Told] = {}
    messages = list(read)
    for told in read_trees(tables.capture.trees):
        conversation = int(tables.packets.conversation[told.row])
        if conversation < 0 or told.row in known:
            continue
        messages.append(_message(tables, conversation, told, asked.get(conversation)))
        if told.kind == "request":
            asked[conversation] = told
    return MessageTable(RpcMessage, messages)


def _message(tables: CaptureTables, conversation: int, told: Told, asked: Told | None) -> RpcMessage:
    is_answer = told.kind == "response"
    request = asked if is_answer and asked and told.operation in (asked.operation, NO_OPERATION) else None
    interface, opnum = (request or told).operation
    together = tuple(zip(*((p.sequence, p.address, p.endpoint, p.port) for p in told.places), strict=True))
    sequences, addresses, endpoints, ports = together or ((), (), (), ())
    service = next((one for one in (told, request) if one and one.service_name), told)
    return RpcMessage(
        conversation=conversation,
        side=int(tables.packets.direction[told.row]),
        row=told.row,
        last_row=told.row,
        time_ns=int(tables.packets.time_ns[told.row]),
        kind=told.kind,
        call_id=told.call_id,
        interface=interface,
        interface_name=interface_name(interface),
        opnum=opnum,
        operation=operation_name(interface, opnum),
        service=service.service,
        service_name=service.service_name,
        sequences=sequences,
        addresses=addresses,
        endpoints=endpoints,
        ports=ports,
        request_row=request.row if request else -1,
        line=told.line,
    )


def read_trees(trees: Mapping[int, Tree]) -> Iterator[Told]:
    """Requests and answers that name endpoints, in the order of the frames."""
    for row, tree in sorted(trees.items()):
        if (kind := _KIND.search(tree.text)) is None:
            continue
        told = Told(row, kind[1].lower(), _call_id(tree.text), line=tree.line)
        if _IS_MAP.search(tree.text) or (_FLOOR.search(tree.text) and "Tower" in tree.text):
            _add_map(told, tree)
        elif told.kind == "response" or _CLASS.search(tree.text):
            _add_object(told, tree)
        if told.operation[0] or told.places:
            yield told


def _add_map(told: Told, tree: Tree) -> None:
    told.operation = (epm.INTERFACE, epm.MAP)
    if interface := _INTERFACE.search(tree.text):
        told.service = interface["uuid"].lower()
        told.service_name = _short(told.service) or interface["name"]
    port = ""
    for floor in _FLOOR.finditer(tree.text):
        if floor["name"] and not told.service_name:
            told.service, told.service_name = _of_name(floor["name"]), floor["name"]
        port = floor["port"] or port
        if floor["address"] and port:
            _add_place(told, tree, floor, (floor["address"], port))
    for tower in _TOWER.finditer(tree.text):
        _add_place(told, tree, tower, (tower["address"], tower["port"]))


def _call_id(text: str) -> int:
    found = _CALL.search(text)
    if found is None:
        return -1
    return int(found["id"], 16 if "=0x" in found[0] else 10) if found["id"].isdecimal() or "=0x" in found[0] else -1


def _short(uuid: str) -> str:
    name = interface_name(uuid)
    return "" if name == uuid else name


def _of_name(name: str) -> str:
    """The interface of a name that Wireshark prints; "" where it is not known."""
    wanted = name.lower().removeprefix("rpc_")
    return next((uuid for uuid, known in INTERFACES.items() if known.lower() == wanted), "")


def _add_place(told: Told, tree: Tree, found: re.Match[str], end: tuple[str, str]) -> None:
    place = Place(TCP, end[0], end[1], int(end[1]))
    if told.kind != "response" or place.port > MOST_PORT:
        return
    if place not in told.places and len(told.places) < MOST_PLACES:
        told.places.append(place)
        told.line = tree.line_at(found.start())


def _add_object(told: Told, tree: Tree) -> None:
    told.operation = next((operation for sign, operation in _OPERATIONS if sign.search(tree.text)), NO_OPERATION)
    if told.kind == "request":
        wanted = _CLASS.search(tree.text)
        told.service = wanted["uuid"].lower() if wanted else ""
        told.service_name = class_name(told.service) if told.service in CLASSES else ""
        return
    tower = 7
    for found in _BINDING.finditer(tree.text):
        if found["tower"]:
            tower = int(found["tower"], 16)
            continue
        binding = dcom.unpack_binding(tower, found["text"].strip('"'))
        if len(told.places) < MOST_PLACES:
            port = binding.port if binding.port <= MOST_PORT else 0
            told.places.append(Place(binding.sequence, binding.address, binding.endpoint, port))
        if binding.port:
            told.line = tree.line_at(found.start())
