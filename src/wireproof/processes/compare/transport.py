"""What conversations show without a look into their data: connections answered or not, how they ended, how long answers took.

Takes a capture's conversations; gives exchanges. Judges no more than whether an answer came.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wireproof.limits import limit
from wireproof.processes.compare.exchange import Exchange

if TYPE_CHECKING:
    from wireproof.conversations import Talk
    from wireproof.processes.compare.services import Services
    from wireproof.processes.sight import Sight

CONVERSATIONS = limit(
    "compare.conversations",
    20_000,
    "conversations compared of each capture, the first ones: beyond them it is repetition",
)
PATIENCE = limit(
    "compare.patience_s", 3.0, "what is not answered so long before the capture ends may still have been answered"
)
CONNECT, ANSWERS, END = "TCP connection", "data exchange", "end of the connection"
DOWNLOAD, UPLOAD = "download of a megabyte", "upload of a megabyte"
MEGABYTE = 1_000_000
BULK = limit("compare.bulk_bytes", 300_000, "what is smaller is over before the sender knows how fast it may send")
DATAGRAMS, PING = "datagrams", "ping"
NO_ANSWER = "no answer"
LOOKUPS = (53, 5353, 5355, 137, 138)
"""Ports of name services: lookups are compared by name, and the others' messages go to everybody."""
TOLD_BY_MESSAGES = frozenset(("dhcp", "dns", "http", "ike", "kerberos", "rpc", "sip", "smb", "tds"))
"""Protocols whose requests and answers are compared one by one."""


def transport_exchanges(sight: Sight, services: Services) -> Iterator[Exchange]:
    """The exchanges of all conversations of a capture, bounded by `compare.conversations`."""
    for number in range(min(len(sight.conversations), int(CONVERSATIONS.value))):
        talk = sight.talk(number)
        if talk.protocol == "tcp":
            yield from _tcp(sight, services, talk)
        elif talk.protocol == "udp":
            yield from _udp(sight, services, talk)
        elif talk.protocol in {"icmp", "icmpv6"} and talk.client["port"]:
            yield from _answered(sight, services, talk, PING)


def _tcp(sight: Sight, services: Services, talk: Talk) -> Iterator[Exchange]:
    client, server = talk.client, talk.server
    if client["syns"]:
        yield _connection(sight, services, talk)
    if server["syn_acks"] or not client["syns"]:
        yield from _answers(sight, services, talk)
        yield from _transfers(sight, services, talk)
        yield from _end(services, talk)


def _connection(sight: Sight, services: Services, talk: Talk) -> Exchange:
    client, server, service = talk.client, talk.server, services.of(talk.number)
    row = int(client["syn_row"]) - 1
    if server["syn_acks"]:
        wait_s = sight.time_s(int(server["syn_row"]) - 1) - sight.time_s(row)
        details = [("MSS of the server", str(int(server["mss"])))] if server["mss"] else []
        return Exchange(
            service,
            CONNECT,
            "answered",
            True,
            row,
            talk.number,
            max(wait_s, 0.0),
            tuple(details),
            int(server["syn_row"]) - 1,
        )
    if server["rsts"]:
        return Exchange(service, CONNECT, "refused", False, row, talk.number, answer_row=int(server["rst_row"]) - 1)
    if talk.facts["icmp_errors"]:
        answer_row = int(talk.facts["icmp_row"]) - 1
        return Exchange(service, CONNECT, "ICMP says unreachable", False, row, talk.number, answer_row=answer_row)
    return Exchange(service, CONNECT, *silence(sight, int(client["last_row"]) - 1), row, talk.number)


def silence(sight: Sight, row: int) -> tuple[str, bool | None]:
    """What to say of a try that nothing answered, and whether it failed: only where the capture goes on long enough behind it."""
    if sight.left_s(row) >= PATIENCE.value:
        return NO_ANSWER, False
    return f"{NO_ANSWER} before the capture ends", None


def _answers(sight: Sight, services: Services, talk: Talk) -> Iterator[Exchange]:
    """Whether and how fast the server answers data, whatever the protocol."""
    client, server, service = talk.client, talk.server, services.of(talk.number)
    if not client["data_packets"] or service.protocol in TOLD_BY_MESSAGES:
        return
    row = int(client["first_data_row"]) - 1
    if server["data_packets"]:
        yield Exchange(service, ANSWERS, "answered", True, row, talk.number, _usual_wait(server))
    else:
        closed = bool(talk.facts["reset_row"] or server["fin_row"])
        said = (NO_ANSWER, False) if closed else silence(sight, int(client["last_data_row"]) - 1)
        yield Exchange(service, ANSWERS, *said, row, talk.number)


def _usual_wait(server: Any) -> float | None:
    """The mean time to an answer without the longest: a server that says something by itself after an hour did not answer."""
    total_ns, number = int(server["response_sum_ns"]), int(server["responses"])
    if number > 1:
        return (total_ns - int(server["response_max_ns"])) / (number - 1) / 1e9
    return total_ns / 1e9 if number else None


def _transfers(sight: Sight, services: Services, talk: Talk) -> Iterator[Exchange]:
    """How long a megabyte takes, where a side sent enough to tell; the longest pause is left out, in which nobody wanted data."""
    for side, action in ((talk.server, DOWNLOAD), (talk.client, UPLOAD)):
        if side["payload_bytes"] < BULK.value:
            continue
        first, last = int(side["first_data_row"]) - 1, int(side["last_data_row"]) - 1
        paused = first < int(talk.facts["idle_row"]) - 1 <= last
        took_s = sight.time_s(last) - sight.time_s(first) - (int(talk.facts["idle_max_ns"]) / 1e9 if paused else 0)
        if took_s > 0:
            wait_s = took_s * MEGABYTE / int(side["payload_bytes"])
            yield Exchange(services.of(talk.number), action, "done", True, first, talk.number, wait_s)


def _end(services: Services, talk: Talk) -> Iterator[Exchange]:
    rows = {
        int(side[name]): (role, word)
        for role, side in (("server", talk.server), ("client", talk.client))
        for name, word in (("fin_row", "closed"), ("rst_row", "reset"))
        if side[name]
    }
    if not rows:
        return
    first = min(rows)
    role, word = rows[first]
    # A client that closes and then resets leftovers, or a server that resets after the client's close, is done.
    yield Exchange(services.of(talk.number), END, f"{word} by the {role}", None, first - 1, talk.number)


def _udp(sight: Sight, services: Services, talk: Talk) -> Iterator[Exchange]:
    ports = (int(talk.client["port"]), int(talk.server["port"]))
    told = services.of(talk.number).protocol in TOLD_BY_MESSAGES
    if not told and not set(ports) & set(LOOKUPS) and not _is_group(talk.address(1 - talk.client_side)):
        yield from _answered(sight, services, talk, DATAGRAMS)


def _answered(sight: Sight, services: Services, talk: Talk, action: str) -> Iterator[Exchange]:
    client, server, service = talk.client, talk.server, services.of(talk.number)
    if not client["packets"]:
        return
    row = int(client["first_row"]) - 1
    if server["packets"]:
        yield Exchange(service, action, "answered", True, row, talk.number, _first_wait(sight, client, server))
    else:
        yield Exchange(service, action, *silence(sight, int(client["last_row"]) - 1), row, talk.number)


def _first_wait(sight: Sight, client: Any, server: Any) -> float | None:
    wait_s = sight.time_s(int(server["first_row"]) - 1) - sight.time_s(int(client["first_row"]) - 1)
    return wait_s if wait_s >= 0 else None


def _is_group(address: str) -> bool:
    """Whether an address is for many: nobody need answer there."""
    one = ipaddress.ip_address(address.partition("%")[0])
    return one.is_multicast or address == "255.255.255.255" or (one.version == 4 and address.endswith(".255"))


def left_out(sight: Sight) -> int:
    """How many conversations of a capture are beyond `compare.conversations`."""
    return max(len(sight.conversations) - int(CONVERSATIONS.value), 0)
