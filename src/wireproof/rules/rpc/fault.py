"""A remote procedure call failed: a fault, a refused bind, or an answer of the mapper or of DCOM that is an error.

## What is seen
A fault instead of a response, with its status. A bind_nak, or a bind_ack that accepts none of the interfaces proposed. The endpoint
mapper answers that nobody has registered the interface (ept_s_not_registered), or a DCOM activation ends with an error. Failures of
one server, interface and status are one finding.

## Why it matters
The network did its work: the call arrived, and the server said no. What it said names the cause: access denied, a service that
does not run, an interface that this version does not have, a security package that both sides do not share.

## Fix
By status: access denied asks for rights, or for the DCOM hardening of KB 5004442; not registered asks whether the service runs;
an unknown interface or operation asks for the version at the other end; a refused bind asks for the authentication.

## Looks alike but is not
A bind_ack that rejects a transfer syntax (NDR64) and accepts another one: that is how the syntax is negotiated. Several maps of one
interface of which the last is answered with ept_s_not_registered: the end of the list. An operation out of range is a probe for a
newer version (a remark), as is every failure after which the same call worked.

## References
C706 section 12.6 and appendix E; [MS-RPCE] 2.2.2.5 (bind_nak); [MS-ERREF]; KB 5004442.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame, joined, label
from wireproof.rules.rpc._behind import behind
from wireproof.rules.rpc._services import service_of
from wireproof.rules.sightings import at_each_point
from wireproof.wire import dcom, epm
from wireproof.wire.rpc_status import ACCESS_DENIED, OPERATION_OUT_OF_RANGE, UNKNOWN_INTERFACE

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.rpc import RpcMessage

RULE = "rpc-fault"
SEVERITY = Severity.ERROR
SHOWN = 6
E_ACCESSDENIED, CLASS_NOT_REGISTERED, RPC_UNAVAILABLE, SECURITY_PACKAGE = 0x80070005, 0x80040154, 0x800706BA, 1825
FAILED = 0x80000000
EMPTY = 40
"""Bytes of a response that has no room for what it should carry: its head alone takes 24."""
STOPPING = {epm.NOT_REGISTERED, ACCESS_DENIED, UNKNOWN_INTERFACE, SECURITY_PACKAGE}
"""Statuses that end what a client wanted; all others may be a part of its search."""
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed message. `kind` is `fault`, `bind_nak`, `rejected`, `answer` or `empty`; `what` names the status or reason."""

    message: RpcMessage
    kind: str
    what: str


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each server, interface, operation and status."""
    for finding in at_each_point(case, judge_point):
        if finding.facts["kind"] in ("bind_nak", "empty"):
            finding.depends_on = _waited_for(case, finding)
        yield finding


def _waited_for(case: Case, finding: Finding) -> list[tuple[str, int]]:
    """Sessions that a gateway may have opened for those that it refused."""
    points = {point.name: point for point in case.points}
    found = [behind(case, points[name], number) for name, number in finding.conversations[:SHOWN]]
    return list(dict.fromkeys(place for places in found for place in places))


def judge_point(point: Point) -> Iterator[Finding]:
    """Failures that one point shows."""
    if not point.said.protocols.has_streams("rpc", "smb"):
        return
    worked = _worked(point)
    mapped = _mapped(point)
    groups: dict[Key, list[Failure]] = {}
    for failure in find_failures(point.said.rpc):
        message = failure.message
        if (
            failure.kind == "answer"
            and message.status == epm.NOT_REGISTERED
            and (message.conversation, message.service) in mapped
        ):
            continue
        groups.setdefault(_key(point, failure), []).append(failure)
    for failures in groups.values():
        yield _finding(point, failures, worked)


def find_failures(messages: Iterable[RpcMessage]) -> Iterator[Failure]:
    """Messages that say that something failed."""
    for message in messages:
        if message.kind == "fault":
            yield Failure(message, "fault", message.status_name)
        elif message.kind == "bind_nak":
            yield Failure(message, "bind_nak", message.status_name or "no reason")
        elif message.results and "acceptance" not in message.results:
            told = [result for result in message.results if result != "negotiate_ack"]
            yield from (Failure(message, "rejected", result) for result in told[:1])
        elif message.kind == "response" and _is_error(message):
            yield Failure(message, "answer", message.status_name)
        elif message.status == -1 and not (message.places or message.cut or message.sealed) and message.size <= EMPTY:
            yield Failure(message, "empty", "nothing in it")


def _is_error(message: RpcMessage) -> bool:
    """Whether a decoded answer's status is a failure: an HRESULT below zero, or any status of the mapper and the resolver."""
    if message.status <= 0:
        return False
    return bool(message.status & FAILED) or message.interface in (epm.INTERFACE, dcom.OBJECT_EXPORTER)


def _server(point: Point, message: RpcMessage) -> str:
    talk = point.talk(message.conversation)
    return talk.address(1 - talk.client_side)


def _key(point: Point, failure: Failure) -> Key:
    message = failure.message
    about = message.service if failure.kind in ("answer", "empty") else message.interface
    return (_server(point, message), failure.kind, f"{about} {message.operation or message.opnum}", failure.what)


def _worked(point: Point) -> dict[tuple[str, str, int, str], int]:
    """Of each (server, interface, operation, service) the last row of a response without error; binds count as operation -1."""
    found: dict[tuple[str, str, int, str], int] = {}
    for message in point.said.rpc:
        if message.kind == "response" and not _is_error(message):
            found[_server(point, message), message.interface, message.opnum, message.service] = message.last_row
        elif "acceptance" in message.results:
            found[_server(point, message), message.interface, -1, ""] = message.last_row
    return found


def _mapped(point: Point) -> set[tuple[int, str]]:
    """(conversation, service) of maps that were answered with an endpoint."""
    return {(message.conversation, message.service) for message in point.said.rpc if message.places and message.service}


def _recovered(point: Point, failures: list[Failure], worked: dict[tuple[str, str, int, str], int]) -> bool:
    """Whether the same call, or bind, worked after the last of these."""
    message = failures[-1].message
    opnum = -1 if failures[-1].kind in ("bind_nak", "rejected") else message.opnum
    service = "" if opnum < 0 else message.service
    return worked.get((_server(point, message), message.interface, opnum, service), -1) > message.last_row


def _severity(failure: Failure, recovered: bool) -> Severity:
    if recovered or failure.message.status == OPERATION_OUT_OF_RANGE:
        return Severity.INFO
    stopping = failure.kind in ("bind_nak", "rejected", "empty") or failure.message.status in STOPPING
    activation = failure.kind == "answer" and failure.message.interface in (dcom.SYSTEM_ACTIVATOR, dcom.ACTIVATION)
    return SEVERITY if stopping or activation else Severity.WARNING


def _finding(point: Point, failures: list[Failure], worked: dict[tuple[str, str, int, str], int]) -> Finding:
    first = failures[0]
    message = first.message
    recovered = _recovered(point, failures, worked)
    talk = point.talk(message.conversation)
    server = talk.address(1 - talk.client_side)
    numbers = list(dict.fromkeys(failure.message.conversation for failure in failures))
    clients = list(
        dict.fromkeys(point.talk(number).address(point.talk(number).client_side) for number in numbers[:500])
    )
    return Finding(
        RULE,
        _severity(first, recovered),
        Confidence.HIGH,
        _title(first, server),
        _summary(failures, server, clients, recovered),
        _evidence(point, failures),
        where=f"at {server}",
        toward="client",
        talk=label(talk),
        facts={
            "count": len(failures),
            "kind": first.kind,
            "status": first.what,
            "code": message.status if first.kind != "rejected" else 0,
            "interface": message.interface_name,
            "operation": message.operation or message.opnum,
            "service": message.service_name,
            "server": server,
            "pipe": message.pipe,
            "clients": clients[:20],
            "recovered": recovered,
        },
        fix=_fixes(first, server),
        references=["MS-RPCE 2.2.2.5"] if first.kind == "bind_nak" else ["C706 12.6", "MS-ERREF"],
        filters={point.name: _filter(first)},
        cause=_key(point, first),
        conversations=[(point.name, number) for number in numbers[:1000]],
    )


def _call(message: RpcMessage) -> str:
    """The call in words: interface and operation."""
    name = message.operation or (f"operation {message.opnum}" if message.opnum >= 0 else "")
    pipe = f" over the pipe {message.pipe}" if message.pipe else ""
    return f"{message.interface_name or 'an interface not known'}{' ' + name if name else ''}{pipe}"


def _wanted(message: RpcMessage) -> str:
    return service_of(message.service, message.service_name).name or "an endpoint"


def _title(first: Failure, server: str) -> str:
    message = first.message
    if first.kind == "bind_nak":
        return f"{server} refuses the bind to {message.interface_name or 'its interface'}: {first.what}"
    if first.kind == "rejected":
        return f"{server} does not accept {message.interface_name or 'the interface proposed'}: {first.what}"
    if first.kind == "answer" and message.status == epm.NOT_REGISTERED:
        wanted = service_of(message.service, message.service_name).name or "An endpoint"
        return f"{wanted} is not registered with the endpoint mapper of {server} (ept_s_not_registered)"
    if first.kind in ("answer", "empty"):
        return f"{server} answers {message.operation} for {_wanted(message)} with {first.what}"
    return f"{server} answers {_call(message)} with the fault {first.what}"


def _summary(failures: list[Failure], server: str, clients: list[str], recovered: bool) -> str:
    first, message = failures[0], failures[0].message
    who = joined(clients, 3)
    text = {
        "bind_nak": f"{server} answered the bind of {who} with a bind_nak ({first.what}).",
        "rejected": f"{server} accepted none of the contexts that {who} proposed: {joined(dict.fromkeys(message.results))}.",
        "fault": f"{server} answered {_call(message)} of {who} with a fault: {first.what} ({message.status:#010x}).",
        "empty": f"The answer to {message.operation} of {who} in the name of {server} has {message.size} bytes and carries nothing.",
        "answer": f"{server} answered {message.operation} of {who} for {_wanted(message)} with {first.what} ({message.status:#010x}).",
    }[first.kind]
    if len(failures) > 1:
        text += f" This happened {count(len(failures), 'time')}."
    if recovered:
        text += " Later the same worked."
    return f"{text} {meaning(first)}".strip()


def meaning(failure: Failure) -> str:
    """What a status tells about the cause; "" where it tells nothing more than its name."""
    known = {
        epm.NOT_REGISTERED: "The host and its mapper work, and no service has registered there: it does not run, or it listens on pipes only.",
        ACCESS_DENIED: "The call arrived and the server's security check refused it.",
        E_ACCESSDENIED: "The activation arrived and DCOM's security check refused it.",
        OPERATION_OUT_OF_RANGE: "The server's version of the interface does not have this operation.",
        UNKNOWN_INTERFACE: "The process at this port does not serve the interface: the endpoint that the client knows is stale.",
        CLASS_NOT_REGISTERED: "The class is not installed at the server.",
        RPC_UNAVAILABLE: "The server itself did not reach the process that it was to ask.",
        SECURITY_PACKAGE: "Client and server could not agree on how to secure the call: keys, clocks or packages differ.",
    }
    return known.get(failure.message.status, "") if failure.kind in ("fault", "answer") else ""


def _evidence(point: Point, failures: list[Failure]) -> list[Evidence]:
    rows: list[Evidence] = []
    for failure in failures[:SHOWN]:
        message = failure.message
        rows.append(frame(point, message.last_row, f"{message.kind}: {failure.what}"))
        if message.request_row >= 0:
            rows.append(frame(point, message.request_row, f"the call: {_call(message)}"))
    return rows


def _filter(first: Failure) -> str:
    message = first.message
    if first.kind == "bind_nak":
        return "dcerpc.pkt_type==13"
    if first.kind == "rejected":
        return "dcerpc.cn_ack_result==2"
    if first.kind == "empty":
        return f"dcerpc.pkt_type==2 && dcerpc.cn_frag_len<={EMPTY}"
    if first.kind == "fault":
        return f"dcerpc.cn_status=={message.status:#010x}"
    return (
        f"epm.rc=={message.status:#010x}"
        if message.interface == epm.INTERFACE
        else f"dcom.hresult=={message.status:#010x}"
    )


def _fixes(first: Failure, server: str) -> list[str]:
    message = first.message
    if first.kind == "answer" and message.status == epm.NOT_REGISTERED:
        return [
            f"On {server}: see whether the service behind {_wanted(message)} runs, and start it. `portqry -n {server} -e 135` lists what is registered."
        ]
    if first.kind in ("bind_nak", "empty") or message.status == SECURITY_PACKAGE:
        return [
            f"Compare what client and {server} ask of authentication (NTLM and Kerberos policies, SPNs, clocks, `RestrictRemoteClients`).",
            "When a firewall that reads RPC stands between, see its log: such a filter answers a bind in the server's name.",
        ]
    if message.status in (ACCESS_DENIED, E_ACCESSDENIED):
        return [
            (
                f"Give the account the rights on {server}: launch and activation permissions in `dcomcnfg`, WMI namespace rights in `wmimgmt.msc`, "
                "membership in the local group that the service asks for."
            ),
            (
                "DistributedCOM events 10028 and 10036 in the System logs of both ends tell which check failed; since KB 5004442 DCOM asks for packet "
                "integrity."
            ),
        ]
    if first.kind == "rejected" or message.status in (UNKNOWN_INTERFACE, OPERATION_OUT_OF_RANGE):
        return [
            f"Compare the versions of the program at both ends, and see which process owns port and interface on {server}."
        ]
    return [f"Look into the event logs of {server} at that time for the service that serves {message.interface_name}."]
