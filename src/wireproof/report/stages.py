"""A process as rows that every renderer shows: each stage with its sign, times, frames and what it tells.

Takes a timeline and the frame numbers of its rows; gives plain values. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.errors import Fence
from wireproof.processes.stage import Outcome, Stage
from wireproof.wire.dns import rcode_name

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.processes.timeline import Timeline

SIGNS = {
    Outcome.DONE: "✓",
    Outcome.FAILED: "✕",
    Outcome.UNANSWERED: "✕",
    Outcome.UNDER_WAY: "…",
    Outcome.NOT_SEEN: "·",
}
MEANT_TO_FAIL = {"location-probe"}
"""Stages whose silence is what a client outside wants."""
NAMES = {"directaccess": "DirectAccess connection process"}
MOST_FRAMES = 4


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage as readers see it. Times are seconds since the capture's first frame, None where nothing was seen."""

    name: str
    title: str
    outcome: str
    sign: str
    start_s: float | None
    end_s: float | None
    told: str
    frames: tuple[int, ...]
    notes: tuple[str, ...]
    facts: Mapping[str, object]
    stopped: bool = False
    """The process stopped here."""

    @property
    def duration_s(self) -> float | None:
        """How long it took."""
        return None if self.start_s is None or self.end_s is None else self.end_s - self.start_s

    @property
    def noted(self) -> list[tuple[int, str]]:
        """Each frame with its note."""
        return list(zip(self.frames, self.notes, strict=True))

    @property
    def frame_text(self) -> str:
        """`82, 103, 153, 175`, or first and last of many."""
        if len(self.frames) <= MOST_FRAMES:
            return ", ".join(map(str, self.frames))
        return f"{self.frames[0]} … {self.frames[-1]}"


@dataclass(frozen=True, slots=True)
class Process:
    """One process in one capture."""

    capture: str
    name: str
    title: str
    lead: str
    timeline: Timeline
    rows: tuple[StageRow, ...]
    signs: tuple[tuple[int, str], ...]


def find_processes(case: Case, note: Callable[[str], None]) -> list[Process]:
    """The processes that the captures of a case show, in the order of the captures; a defect here becomes a note."""
    found = []
    for point in case.points:
        with Fence(f"following the DirectAccess connection in {point.name}", note):
            timeline = point.directaccess
            if timeline is not None:
                found.append(make_process(point.name, timeline, point.packets.number))
    return found


def make_process(capture: str, timeline: Timeline, number: Callable[[int], int]) -> Process:
    """Rows with frame numbers instead of packet rows."""
    rows = tuple(_row(timeline, stage, number) for stage in timeline.stages)
    signs = tuple((number(step.row), step.note) for step in timeline.signs)
    title = NAMES.get(timeline.process, timeline.process)
    return Process(capture, timeline.process, title, tell_lead(timeline), timeline, rows, signs)


def _row(timeline: Timeline, stage: Stage, number: Callable[[int], int]) -> StageRow:
    stopped = stage.name == timeline.stopped_at
    sign = (
        "–"
        if stage.name in MEANT_TO_FAIL and stage.outcome in (Outcome.FAILED, Outcome.UNANSWERED)
        else SIGNS[stage.outcome]
    )
    return StageRow(
        stage.name,
        stage.title,
        stage.outcome.value,
        "✕" if stopped else sign,
        stage.start_s,
        stage.end_s,
        tell(stage) or stage.outcome.value,
        tuple(number(step.row) for step in stage.steps),
        tuple(step.note for step in stage.steps),
        stage.facts,
        stopped,
    )


def tell_lead(timeline: Timeline) -> str:
    """Who connects with whom, by what, and how it ended, in one sentence."""
    peer = timeline.endpoint or timeline.server
    if timeline.endpoint and timeline.server:
        peer = f"{timeline.endpoint} ({timeline.server})"
    words = timeline.client + (f" ({timeline.system})" if timeline.system else "")
    words += f" → {peer}" if peer else ""
    words += f" by {timeline.transport}" if timeline.transport else ""
    if timeline.location == "inside":
        return f"{words}: inside, no tunnel needed"
    if timeline.stopped is None:
        last = timeline.last_done
        return f"{words}: comes up" if last and last.name == "esp-traffic" else words
    done = timeline.last_done
    return f"{words}: stops at “{timeline.stopped.title}”" + (f" after “{done.title}”" if done else "")


def tell(stage: Stage) -> str:
    """What a stage shows, in a few words; "" where there is nothing to say beyond its outcome."""
    write = WORDS.get(stage.name)
    told = write(stage.facts) if write and stage.outcome is not Outcome.NOT_SEEN else ""
    if stage.outcome in (Outcome.UNANSWERED, Outcome.UNDER_WAY) and stage.outcome.value not in told:
        return f"{told}, {stage.outcome.value}" if told else stage.outcome.value
    return told


Facts = Mapping[str, object]


def _listed(value: object, most: int = 3) -> str:
    items = [str(item) for item in value] if isinstance(value, list | tuple) else []
    return ", ".join(items[:most]) + (" …" if len(items) > most else "")


def _network(facts: Facts) -> str:
    servers = _listed(facts.get("dns_servers"))
    return f"{facts.get('address', '')} by DHCP" + (f", DNS {servers}" if servers else "")


def _ncsi(facts: Facts) -> str:
    return _listed(facts.get("names")) + (", text received" if facts.get("text_received") else "")


def _probe(facts: Facts) -> str:
    asked = f"{facts['name']} asked {facts['queries']}×"
    if not facts["answered"]:
        return f"{asked}, unanswered"
    if facts["name_error"]:
        return f"{asked}: no such name here"
    reached = "reached" if facts["reached"] else "not reached" if facts["connections"] else "no connection seen"
    return f"{asked}: {_listed(facts['addresses'])}, {reached}"


def _place(facts: Facts) -> str:
    return str(facts.get("location", ""))


def _resolved(facts: Facts) -> str:
    addresses = _listed(facts.get("addresses"))
    if addresses:
        return f"{facts['name']} = {addresses}"
    code = facts.get("code")
    return f"{facts['name']}: {rcode_name(code)}" if isinstance(code, int) and code > 0 else f"{facts['name']}"


def _connected(facts: Facts) -> str:
    words = f"{facts['transport']}" + (f" to {facts['server']}" if facts.get("server") else "")
    if facts.get("refused"):
        return f"{words}, refused"
    if facts.get("icmp_errors"):
        return f"{words}, ICMP error"
    syns = facts.get("syns")
    return f"{words}, {syns} SYNs" if isinstance(syns, int) and syns > 1 else words


def _hello(facts: Facts) -> str:
    suites = "NULL suites only" if facts.get("null_suites_only") else "encrypting suites"
    return f"{suites}: {facts['system']}" if facts.get("system") else suites


def _tls(facts: Facts) -> str:
    parts = [str(facts.get("suite") or ""), str(facts.get("certificate") or "")]
    if facts.get("alerts"):
        parts.append(f"alert {_listed(facts['alerts'])} from the {facts['alert_from']}")
    if not facts.get("completed") and facts.get("ended_by"):
        parts.append(_ended(facts))
    return ", ".join(part for part in parts if part)


def _ended(facts: Facts) -> str:
    return f"the {facts['ended_by']} {'resets' if facts['end_kind'] == 'rst' else 'closes'}"


def _up(facts: Facts) -> str:
    status = facts.get("status")
    parts = [f"HTTP {status}"] if status else []
    addresses = _listed(facts.get("client_addresses"), 2)
    if addresses:
        parts.append(addresses)
    elif facts.get("router_solicitations") and not facts.get("router_advertisements"):
        parts.append(f"{facts['router_solicitations']} router solicitations, no advertisement")
    elif facts.get("ended_by"):
        parts.append(f"{_ended(facts)}, no request was sent")
    elif not status and not facts.get("inside_seen"):
        parts.append("encrypted data both ways")
    return ", ".join(parts)


def _ike(facts: Facts) -> str:
    tunnels = facts.get("tunnels")
    told = []
    for tunnel in tunnels if isinstance(tunnels, list) else ():
        end = tunnel["error_name"] or ("" if tunnel["outcome"] == "done" else tunnel["outcome"])
        told.append(f"with {tunnel['server']}" + (f": {end}" if end else ""))
    return "; ".join(told)


def _esp(facts: Facts) -> str:
    return f"{facts['sent_packets']} packets out, {facts['received_packets']} in"


WORDS: dict[str, Callable[[Facts], str]] = {
    "network-change": _network,
    "ncsi-probe": _ncsi,
    "location-probe": _probe,
    "location": _place,
    "endpoint-resolved": _resolved,
    "transport-connected": _connected,
    "tls-hello": _hello,
    "tls-done": _tls,
    "tunnel-up": _up,
    "second-probe": _ncsi,
    "main-mode": _ike,
    "quick-mode": _ike,
    "esp-traffic": _esp,
}
