"""What the client's own TCP/IP stack says came back on the connection on which it asked an endpoint mapper, where a trace of it is at hand.

Facts for the rules of this family. Takes a case and an offer; gives bytes and lines. Decides nothing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.rules.evidence import count, log_line

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Evidence
    from wireproof.logs.tcpip_trace import TcpipTraceLog, TraceEvent
    from wireproof.rules.rpc._offers import Offer

SMALLEST = limit(
    "rpc-endpoint-elsewhere.answer_bytes",
    128,
    "an answer that names an endpoint over TCP has a header of 24 bytes, a handle, counts and a tower of 75",
)
CLOSES = "from EstablishedState to FinWait1State"


@dataclass(frozen=True, slots=True)
class Heard:
    """A connection to the mapper's port in a trace of a client's stack: bytes sent and received before the client closed it."""

    log: TcpipTraceLog
    asked: TraceEvent
    sent: int
    received: int
    last: TraceEvent
    closed: TraceEvent

    @property
    def text(self) -> str:
        """A sentence that says so."""
        from wireproof.logs.endpoint_text import end_text  # loads what few cases need

        end = end_text(self.asked.remote) if self.asked.remote else "the mapper"
        return (
            f"A trace of the client's TCP/IP stack shows its connection to {end}: "
            f"it sent {count(self.sent, 'byte')}, got {self.received} back, too few for an answer, and closed."
        )

    def evidence(self) -> list[Evidence]:
        """The lines that say so."""
        return [
            log_line(self.log, self.asked.line, "the client connects to the mapper"),
            log_line(self.log, self.last.line, f"{self.received} bytes came back, too few for an answer"),
            log_line(self.log, self.closed.line, "the client closes the connection"),
        ]


def heard_too_little(case: Case, offer: Offer) -> Heard | None:
    """A client that asked the same mapper, directly or through NAT64, and closed before an answer can have come; None for none."""
    if not case.logs:
        return None
    from wireproof.logs.tcpip_trace import TcpipTraceLog  # loads patterns that few cases need

    port = int(offer.source.talk(offer.message.conversation).server["port"])
    for log in case.logs_of(TcpipTraceLog):
        for asked in log.of("connect-requested"):
            if asked.tie and asked.remote and asked.remote[1] == port and _is_same_host(asked.remote[0], offer.server):
                found = _follow(log, asked)
                if found and found.received < SMALLEST.value:
                    return found
    return None


def _is_same_host(asked: str, server: str) -> bool:
    """Whether two addresses are one, or the first holds the second, as one of NAT64 or 6to4 does in its end."""
    one, other = ipaddress.ip_address(asked), ipaddress.ip_address(server.partition("%")[0])
    return one == other or ((one.version, other.version) == (6, 4) and one.packed[12:] == other.packed)


def _follow(log: TcpipTraceLog, asked: TraceEvent) -> Heard | None:
    """What follows on a connection until the client closes it; None where it does not, or nothing came."""
    sent = received = 0
    last = None
    for event in log.records:
        if event.line <= asked.line or event.tie != asked.tie:
            continue
        if event.kind == "data-sent":
            sent += event.count
        elif event.kind == "data-received":
            received, last = received + event.count, event
        elif event.kind == "state" and CLOSES in event.text and last:
            # The SYN and what answers it count as a byte each.
            return Heard(log, asked, max(sent - 1, 0), max(received - 1, 0), last, event)
        elif event.kind == "connect-requested":
            return None
    return None
