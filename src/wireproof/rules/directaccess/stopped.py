"""A DirectAccess client's connection process stops before protected traffic flows.

## What is seen
The stages of the process in their order: the client finds no network location server and takes itself for outside, resolves the
server's public name, connects (IP-HTTPS on TCP port 443, Teredo or 6to4), does TLS, brings the tunnel interface up, negotiates IPsec
main mode and quick mode inside it, and sends ESP. The finding names the last stage that worked, the first that did not, and the
frames of both. A stage that has not begun counts only where the capture goes on long enough after the one before and shows the
place where it would be seen.

## Why it matters
Until the last stage works, nothing inside the organisation can be reached. The stage at which it stops tells whose matter it is:
DNS, a firewall, a certificate, the server's web listener, or IPsec policy.

## Fix
By stage; the finding says what to check, and which last error `netsh interface httpstunnel show interface` shows on the client
where the frames tell. The error on the client names the reason where frames can't: which fault it finds in a certificate is one. Where that
output lies beside the captures, the finding joins both; without a capture it says what the error means, and what to capture. Firewall
profiles and `gpresult` at hand are read for what is in the way; where a trace (ETL) holds the filtering platform's own events on IPsec between the
same addresses, their error is told.

## Looks alike but is not
A location server that is not found: that is how a client outside is meant to see it. A client that reaches the location server is
inside and needs no tunnel. A capture that ends while a stage is under way. A tunnel whose inside is encrypted or was not captured:
of what happens in there nothing is said. Teredo or 6to4 that fails before IP-HTTPS comes up. A first AuthIP message that takes down
associations of an older policy (error 13849). A server whose name merely speaks of DirectAccess, as long as the connection is used.

## References
MS-IPHTTPS (IP over HTTPS); MS-AIPS (AuthIP); RFC 4380 (Teredo); RFC 3056 (6to4); KB 2980635, KB 2980660, KB 2980667 (errors of
the IP-HTTPS client).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.finding import Talk as TalkLabel
from wireproof.processes.signs import HTTPS
from wireproof.processes.stage import Outcome, Stage
from wireproof.rules.directaccess._checks import check
from wireproof.rules.directaccess._checks_ipsec import IPSEC
from wireproof.rules.directaccess._negotiations import add_negotiations
from wireproof.rules.directaccess._obstacles import Obstacle, obstacles
from wireproof.rules.directaccess._told import LEFT_STAGES, alone, fits, is_named, pick, told_text
from wireproof.rules.evidence import display_filter, frame, joined, label, seconds
from wireproof.rules.sightings import at_each_point
from wireproof.rules.tls._bindings import Bound, bound
from wireproof.rules.tls._handshakes import Handshake
from wireproof.rules.tls._names import are_for, is_address
from wireproof.rules.tls._unused import may_be_unused
from wireproof.rules.tunnels_told import Told, told_tunnels

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.processes.timeline import Timeline
    from wireproof.rules.directaccess._check import Check

RULE = "directaccess-stopped"
SEVERITY = Severity.ERROR
SHOWN_DONE, SHOWN_FAILED = 3, 14


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each client whose process stopped, at the first point that shows it, or of which only its own output tells."""
    told, used = told_tunnels(case), list[Told]()
    found: list[Finding | Undecided] = [*at_each_point(case, lambda point: judge_point(point, told, used))]
    for one in told:
        if not any(one is other for other in used):
            found += alone(case, one)
    findings = [one for one in found if isinstance(one, Finding)]
    if findings:
        add_obstacles(findings, obstacles(case))
        add_bindings(findings, bound(case))
        add_negotiations(case, findings)
    yield from found


def add_bindings(found: list[Finding], listed: list[Bound]) -> None:
    """Say beside each client that went away from a certificate where bindings at hand have the right one."""
    for one in found:
        name, (address, _, port) = one.facts.get("endpoint", ""), str(one.facts.get("server", "")).rpartition(":")
        if not name or one.facts["stopped_at"] not in LEFT_STAGES or not port:
            continue
        own = [other for other in listed if other.binding.port == int(port) and are_for(other.names, name)]
        here = [
            other
            for other in own
            if other.binding.is_any or other.binding.by_name or other.binding.host == address.strip("[]")
        ]
        if own and not here:
            ends = joined(other.binding.end for other in own)
            one.summary += f" The certificate for {name} is bound to {ends}, and {name} leads to {address}."
            one.evidence += [row for other in own[:2] for row in other.rows()]
            one.fix.insert(
                0,
                f"Let {name} lead to the address with that binding, or bind its certificate on {address} too (`netsh http add sslcert`).",
            )


def add_obstacles(found: list[Finding], against: list[Obstacle]) -> None:
    """Say beside each finding what outputs of a machine show to be in the way; they are a reason of their own to look into."""
    for one in found:
        one.summary += "".join(f" {obstacle.told}" for obstacle in against)
        one.evidence += [obstacle.row for obstacle in against]
        one.fix += [obstacle.fix for obstacle in against]


def judge_point(point: Point, told: list[Told], used: list[Told]) -> Iterator[Finding]:
    """The process that one point shows; `used` gains the clients' outputs on which it has the last word."""
    timeline = timeline_of(point, told)
    if timeline is None:
        return
    stage = timeline.stopped
    if stage is None:
        # Frames that show neither a tunnel nor where it stopped do not contradict an output that names an error.
        if any(one.name == "tunnel-up" and one.outcome is Outcome.DONE for one in timeline.stages):
            used += [one for one in told if is_named(one, timeline)]
        return
    said = pick(told, point, timeline, stage, check(timeline, stage).codes)
    if said is not None:
        # The same client may have been asked several times.
        same = [one for one in told if (one.tunnel.host, one.number) == (said.tunnel.host, said.number)]
        used += [one for one in same if one.is_of(point.name, timeline.endpoint, timeline.client, timeline.server)]
    if said is None and not timeline.certain and is_unused(point, stage):
        return  # a name alone made it look like DirectAccess
    yield finding(point, timeline, stage, said)


def timeline_of(point: Point, told: list[Told]) -> Timeline | None:
    """The process at a point; a client's own output tells the name of the server where the frames leave doubt about it."""
    timeline = point.directaccess
    if timeline is not None and timeline.certain:
        return timeline
    mine = [one.tunnel for one in told if one.tunnel.host and one.is_of(point.name, "")]
    for host in dict.fromkeys(one.host for one in mine if one.port == HTTPS or not is_address(one.host)):
        from wireproof.processes.directaccess import find_directaccess

        stated = find_directaccess(point.tables, point.said, point.dns, host)
        if stated is not None:
            return stated
    return timeline


def is_unused(point: Point, stage: Stage) -> bool:
    """Whether the stage ends in connections that the client closed with nothing wrong about them, as a health check does."""
    sessions = [point.said.tls_sessions.get(number) for number in stage.conversations]
    ends = [Handshake(point, session) for session in sessions if session is not None]
    return stage.name in {"tls-done", "tunnel-up"} and bool(ends) and all(map(may_be_unused, ends))


def finding(point: Point, timeline: Timeline, stage: Stage, said: Told | None = None) -> Finding:
    """The finding on one stage that did not work; `said` is the client's own output on it."""
    told, done = check(timeline, stage), timeline.last_done
    fitting = said is not None and fits(said, stage, told.codes)
    certain = timeline.certain or fitting
    peer = timeline.endpoint or timeline.server or "its server"
    verb = "connects" if timeline.server else "is to connect"
    summary = f"{timeline.client} {verb} to {peer}{f' by {timeline.transport}' if timeline.transport else ''}. "
    summary += _last(point, done)
    summary += f"The first stage that does not work is “{stage.title}”{_where(point, stage)}{_waited(point, done, stage)}. {told.meaning}."
    summary += told_text(said, fitting=fitting) if said else _errors(stage, told)
    summary += "".join(f" {remark}" for remark in timeline.remarks)
    if not certain:
        summary = f"{_doubt(timeline)} {summary}"
    return Finding(
        RULE,
        SEVERITY if certain else Severity.WARNING,
        _confidence(timeline, stage, fitting=fitting),
        f"{'DirectAccess' if certain else 'What looks like DirectAccess'} of {timeline.client} stops at “{stage.title}”",
        summary,
        [*evidence(point, timeline, stage), *([said.row()] if said else ())],
        where=f"between {timeline.client} and {peer}",
        toward="server",
        talk=_talk(point, timeline, stage),
        facts=_facts(timeline, stage, told.codes, said),
        fix=list(told.fix),
        references=[*told.references, "MS-IPHTTPS"] if "MS-IPHTTPS" not in told.references else list(told.references),
        filters=_filters(point, stage),
        cause=(timeline.endpoint or timeline.server or timeline.client, stage.name),
        conversations=[(point.name, number) for number in stage.conversations],
    )


def _errors(stage: Stage, told: Check) -> str:
    """What the client's own tools say, as far as the meaning does not say it already."""
    codes = tuple(code for code in told.codes if code not in told.meaning)
    if not codes:
        return ""
    where = (
        "Windows' events on IPsec"
        if stage.name in IPSEC
        else "`netsh interface httpstunnel show interface` on the client"
    )
    return f" The error for that in {where} is {_either(codes)}."


def _last(point: Point, done: Stage | None) -> str:
    if done is None:
        return "Nothing before that is seen to work. "
    place = f", {done.facts['location']}" if done.name == "location" else ""
    return f"The last stage that works is “{done.title}”{place}{_where(point, done)}. "


def _where(point: Point, stage: Stage) -> str:
    """Frames of a stage in brackets; what was not seen has none."""
    if not stage.steps:
        return "" if stage.outcome is Outcome.DONE else ", which does not begin"
    numbers = [point.packets.number(step.row) for step in stage.steps]
    took = f", {seconds(stage.duration_s)}" if stage.duration_s else ""
    return f" (frame{'s' if len(numbers) > 1 else ''} {joined(numbers, 6)}{took})"


def _waited(point: Point, done: Stage | None, stage: Stage) -> str:
    """How long the capture goes on without a stage that does not begin."""
    if stage.steps or done is None or done.end_s is None:
        return ""
    times = point.packets.time_ns[: point.packets.count]
    left_s = float(times.max() - times[0]) / 1e9 - done.end_s
    return f": the capture goes on for {seconds(left_s)}, and nothing of it is seen"


def _either(codes: tuple[str, ...]) -> str:
    return codes[0] if len(codes) == 1 else f"one of {', '.join(codes[:-1])} or {codes[-1]}"


def _doubt(timeline: Timeline) -> str:
    return f"That this is DirectAccess is told by one sign only: {timeline.signs[0].note}." if timeline.signs else ""


def _confidence(timeline: Timeline, stage: Stage, *, fitting: bool) -> Confidence:
    if not timeline.certain:
        return Confidence.MEDIUM if fitting else Confidence.LOW
    return Confidence.MEDIUM if stage.outcome is Outcome.NOT_SEEN else Confidence.HIGH


def evidence(point: Point, timeline: Timeline, stage: Stage) -> list[Evidence]:
    """Frames of the last stage that worked, then of the one that did not; signs where the frames of both are few."""
    done = timeline.last_done
    rows = [frame(point, step.row, f"{done.title}: {step.note}") for step in done.steps[-SHOWN_DONE:]] if done else []
    rows += [frame(point, step.row, f"{stage.title}: {step.note}") for step in stage.steps[:SHOWN_FAILED]]
    if not timeline.certain or not rows:
        rows += [frame(point, sign.row, sign.note) for sign in timeline.signs[:SHOWN_DONE]]
    return rows


def _talk(point: Point, timeline: Timeline, stage: Stage) -> TalkLabel | None:
    for number in stage.conversations:
        return label(point.talk(number))
    done = timeline.last_done
    return label(point.talk(done.conversations[0])) if done and done.conversations else None


def _facts(timeline: Timeline, stage: Stage, codes: tuple[str, ...], said: Told | None) -> dict[str, object]:
    done = timeline.last_done
    return {
        "stopped_at": stage.name,
        "last_done": done.name if done else "",
        "outcome": stage.outcome.value,
        "client": timeline.client,
        "server": timeline.server,
        "endpoint": timeline.endpoint,
        "transport": timeline.transport,
        "system": timeline.system,
        "client_errors": list(codes),
        **({"last_error": said.number, "last_error_name": said.name} if said else {}),
        **{
            name: value
            for name, value in stage.facts.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        },
    }


def _filters(point: Point, stage: Stage) -> dict[str, str]:
    if not stage.conversations:
        return {}
    return {point.name: display_filter(point.talk(stage.conversations[0]))}
