"""What the server's own netstat says of an endpoint that refuses: that somebody waits there, at the time of that output.

Takes a case and refused connections; gives words, evidence and advice for `tcp-connection-refused`. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Evidence, Undecided
from wireproof.rules.evidence import log_line
from wireproof.rules.windows._netstats import outputs_of
from wireproof.rules.windows._traces import end_text

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.netstat import NetstatLog, Socket
    from wireproof.rules.endpoints import Group


@dataclass(frozen=True, slots=True)
class Waiting:
    """A socket that waits on the endpoint that refuses. `is_sure` tells that the output is of that host; `last` is the last refusal's frame."""

    log: NetstatLog
    socket: Socket
    server: tuple[str, int]
    is_sure: bool
    program: str
    last: int

    @property
    def _who(self) -> str:
        if self.socket.pid <= 0:
            return self.program or "a process"
        return f"{self.program} ({self.socket.pid})" if self.program else f"process {self.socket.pid}"

    @property
    def told(self) -> str:
        """What it means, as sentences behind how often connections were refused."""
        file = self.log.file.replace("\\", "/").rpartition("/")[2]
        words = f"By netstat ({file}, line {self.socket.line}) {self._who} listens on {end_text(self.socket.local)}. "
        words += "" if self.is_sure else f"If that output is of {self.server[0]}, which no address in it tells: "
        start = "So either" if self.is_sure else "either"
        return (
            f"{words}{start} the service was away while the host refused, and that output is of another time, or a filter rejects the "
            "connection; netstat tells no time, so it can't decide."
        )

    @property
    def evidence(self) -> Evidence:
        """Its row."""
        return log_line(self.log, self.socket.line, f"{self._who} waits on {end_text(self.server)}")

    @property
    def fix(self) -> list[str]:
        """What tells one from the other, and what to do then."""
        address = self.server[0]
        pid = self.socket.pid if self.socket.pid > 0 else "<PID>"
        return [
            (
                f"On {address}: compare when {self._who} started (`Get-Process -Id {pid} | Select-Object StartTime`) with frame {self.last}, the "
                "last refusal here. If it started later, the service was away: see the System event log (Service Control Manager 7031, 7034, "
                "7036) for why."
            ),
            (
                "If it ran all the time: look for a filter that rejects, of the host (`netsh wfp show netevents` right after a try) or of a "
                "device on the way."
            ),
        ]

    @property
    def question(self) -> Undecided:
        """What is open."""
        address, port = self.server
        return Undecided(
            "tcp-connection-refused",
            f"why {end_text(self.server)} refuses although {self._who} listens there by netstat: the service was away then, or a filter rejects",
            f"capture at {address} during an attempt, with `netstat -ano | findstr :{port}` right before and behind it: a reset that leaves the host "
            "while the socket waits is a filter's of that host, and one that the capture there lacks is made on the way",
        )


def find_waiting(case: Case, group: Group) -> Waiting | None:
    """The socket that waits on the endpoint of a group by every output of netstat that would show it; None for none."""
    talk = group.first
    side = 1 - talk.client_side
    address, port = talk.address(side), int(talk.server["port"])
    found: list[tuple[bool, NetstatLog, Socket]] = []
    for log, output, is_sure in outputs_of(case, address):
        if output.leaves_out(port):
            return None
        rows = [one for one in output.sockets if one.protocol == "tcp" and one.listens_on(address, port)]
        found += [(is_sure, log, rows[0])] if rows else []
    if not found:
        return None
    is_sure, log, socket = max(found, key=lambda one: one[0])
    owner = case.ownership.owner(group.point.index, int(group.numbers[0]), side)
    program = socket.program or (owner.name if owner and owner.pid == socket.pid else "")
    return Waiting(log, socket, (address, port), is_sure, program, group.point.packets.number(_last_row(group)))


def _last_row(group: Group) -> int:
    """The last packet of the server to which the connections of a group went."""
    place = int(np.argmax(group.server_facts["last_ns"]))
    number = int(group.numbers[place])
    side = 1 - int(group.point.conversations.facts["client"][number])
    return int(group.point.conversations.rows_of_side(number, side)[-1])
