"""SYNs that one capture shows and that another one, which they should have passed, does not hold: a part of `tcp-syn-unanswered`.

Takes a case and a group of unanswered attempts; gives the capture that lacks them, and what speaks for its place and its time. Is
for captures that path-loss can't join: they share no conversation, so that time and place are told by weaker signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.align.absent import own_hosts
from wireproof.align.hops import UNSURE_CLOCK_S
from wireproof.rules.endpoints import Group, addresses, same_server, server_keys
from wireproof.rules.evidence import count, frame
from wireproof.rules.subjects import sides
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.finding import Evidence

SAMPLE = 50
ATTEMPTS = 500
"""Of more attempts the first ones are looked for: what stops these stops the rest."""
LEAST_SYNS = 2
"""One SYN that another capture lacks may be lost by chance, or fall into what the clocks are apart."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """The capture `there` that lacks the SYNs.

    `group` are the attempts that were looked for; `looked_for` of their `syns` were sent while it surely ran. `others` are its own
    conversations with the same server endpoint. `is_server` is whether it was taken on the server, `one_clock` whether the times of
    both captures were compared by packets that they share with others.
    """

    group: Group
    there: Point
    syns: int
    looked_for: int
    others: Group
    is_server: bool
    one_clock: bool

    @property
    def talk(self) -> Talk:
        """The first attempt."""
        return self.group.first

    @property
    def address(self) -> str:
        """The server's address."""
        return self.talk.address(1 - self.talk.client_side)

    def summary(self) -> str:
        """What the other capture lacks, by which signs it should hold it, and how far that goes."""
        name, server = self.there.name, self.talk.server_endpoint
        what = (
            f"the {self.syns:,} SYNs" if self.looked_for == self.syns else f"the {self.looked_for:,} SYNs of its time"
        )
        shown = (
            f"{count(len(self.others), 'conversation')} of {count(self.others.clients, 'other client')} with {server}"
        )
        place = f"was taken at {self.address}" if self.is_server else f"was taken at {self.address} or on the way to it"
        place += f" and shows {shown}" if len(self.others) else ""
        text = (
            f"Capture {name}, which {place}, holds none of {what}: looked for by addresses and ports, and by initial sequence number, "
            f"which NAT leaves as it is. So the SYNs most likely die before {name}."
        )
        if not self.one_clock:
            text += (
                f" That is as far as the two clocks can be trusted: {self.group.point.name} and {name} share no packet, so that they overlap is "
                "told by their own clocks alone."
            )
        return text if len(self.others) else text + " A capture filter that hides that port would look the same."

    def fix(self) -> list[str]:
        """What to do, the way between the captures first."""
        here, there, port = self.group.point.name, self.there.name, int(self.talk.server["port"])
        steps = [
            (
                f"Look at the way between {here} and {there}: where routers and the provider send packets for {self.address} (Windows: `tracert "
                f"{self.address}`; Linux: `traceroute -T -p {port} {self.address}`), and what firewalls and NAT before {there} do with TCP port {port}."
            ),
            (
                f"Capture at a place in between, such as the outside of the last firewall before {there}, while a client tries again: the "
                "stretch that loses the SYNs gets shorter."
            ),
        ]
        if not self.one_clock:
            steps.append(
                f"To be sure of the time, let both captures hold a packet in common (a `ping` or a connection from the client that does get to {there}), or "
                "compare the clocks of both hosts."
            )
        return steps

    def evidence(self) -> list[Evidence]:
        """The first and the last conversation that shows that others do arrive there."""
        rows = self.others.client_facts["syn_row"].astype(np.int64) - 1
        return [
            frame(self.there, row, "another client's SYN, which arrives here")
            for row in sorted({int(rows.min()), int(rows.max())} if len(rows) else ())
        ]


def find_lacking(case: Case, group: Group) -> Lacking | None:
    """The capture that should hold a group's SYNs and doesn't; None where no capture is known to be on their way, or path-loss tells of it."""
    if _told_by_path(case, group) or _was_answered(group):
        return None
    group = Group(group.point, group.numbers[:ATTEMPTS])
    order = case.alignment.order.index
    others = sorted(
        (point for point in case.points if point is not group.point),
        key=lambda point: abs(order(point.index) - order(group.point.index)),
    )
    return next((found for point in others if (found := _look(case, group, point))), None)


def _told_by_path(case: Case, group: Group) -> bool:
    own = set(group.numbers.tolist())
    return any(one.point == group.point.index and one.conversation in own for one in case.alignment.absent)


def _was_answered(group: Group) -> bool:
    """Whether other attempts from here got through: then another capture without packets of them is not on their way."""
    return bool((same_server(group).server_facts["syn_acks"] > 0).any())


def _look(case: Case, group: Group, there: Point) -> Lacking | None:
    if there.capture.dropped or not len(there.conversations):
        return None
    times = _syn_times(case, group)
    first, last = case.alignment.spans[there.index]
    one_clock = case.alignment.clocks[there.index].group == case.alignment.clocks[group.point.index].group
    unsure = round(UNSURE_CLOCK_S.value * 1e9)
    looked_for = int(((times >= first + unsure) & (times <= last - unsure)).sum())
    if looked_for < LEAST_SYNS:
        return None
    others = _same_endpoint(group, there)
    if _holds(group, there) or _holds_ends(group, others) or _may_hold(case, others, times):
        return None
    others = Group(there, others.numbers[_meanwhile(case, others, times)])
    is_server = addresses(group.point, group.numbers[:1], of_server=True)[0].tobytes() in own_hosts(there.tables)
    if not is_server and not _go_to_capturing_host(others):
        return None
    return Lacking(group, there, len(times), looked_for, others, is_server, one_clock)


def _syn_times(case: Case, group: Group) -> NDArray[np.int64]:
    """When the group's SYNs were sent, on the reference clock, in order."""
    packets, conversations = group.point.packets, group.point.conversations
    rows = np.concatenate([conversations.rows(number) for number in group.numbers.tolist()])
    rows = rows[(packets.protocol[rows] == 6) & (packets.flags[rows] & 2 != 0)]
    return np.sort(case.alignment.clocks[group.point.index].to_reference(packets.time_ns[rows]))


def _same_endpoint(group: Group, there: Point) -> Group:
    """The other point's TCP conversations with the group's server endpoint."""
    port = int(group.first.server["port"])
    likely = np.flatnonzero(there.conversations.is_tcp & (sides(there, "port") == port).any(axis=1))
    return Group(there, likely[server_keys(there, likely) == server_keys(group.point, group.numbers[:1])[0]])


def _holds(group: Group, there: Point) -> bool:
    """Whether any SYN there has the initial sequence number of one of the group's, whatever its addresses."""
    opened = (sides(there, "syns") > 0) & there.conversations.is_tcp[:, None]
    return bool((opened & np.isin(sides(there, "isn"), group.client_facts["isn"])).any())


def _holds_ends(group: Group, others: Group) -> bool:
    """Whether a conversation there has address and port of one of the group's clients."""
    return not _client_ends(group).isdisjoint(_client_ends(others))


def _client_ends(group: Group) -> set[tuple[bytes, int]]:
    own = addresses(group.point, group.numbers, of_server=False)
    return {(end.tobytes(), port) for end, port in zip(own, group.client_facts["port"].tolist(), strict=True)}


def _may_hold(case: Case, others: Group, times: NDArray[np.int64]) -> bool:
    """Whether the endpoint got SYNs there at the same moment that led to nothing: ours, should a firewall have changed addresses and numbers."""
    sent = others.client_facts
    barren = sent[(sent["syns"] > 0) & (sent["syns"] == sent["packets"])]
    began = case.alignment.clocks[others.point.index].to_reference(barren["first_ns"])
    unsure = UNSURE_CLOCK_S.value * 1e9
    nearest = np.searchsorted(times, began - unsure)
    return bool((times[np.minimum(nearest, len(times) - 1)] <= began + unsure)[nearest < len(times)].any())


def _meanwhile(case: Case, others: Group, times: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which conversations began between the first and the last SYN, give or take what clocks are apart, and were answered."""
    sent: NDArray[Any] = others.client_facts
    began = case.alignment.clocks[others.point.index].to_reference(sent["first_ns"])
    unsure = UNSURE_CLOCK_S.value * 1e9
    near = (began >= times[0] - unsure) & (began <= times[-1] + unsure)
    return np.asarray(near & (sent["syns"] > 0) & (others.server_facts["syn_acks"] > 0))


def _go_to_capturing_host(others: Group) -> bool:
    """Whether the clients' frames are addressed to the adapter that captures: a client's own capture shows them leaving instead."""
    point, mac = others.point, others.point.vantage.mac
    rows = others.client_facts["first_row"][:SAMPLE].astype(np.int64) - 1
    rows = rows[point.packets.layers[rows] & LAYERS["ethernet"] != 0]
    return bool(mac) and len(rows) > 0 and all(data[:6] == mac for data in point.frames(rows.tolist()))
